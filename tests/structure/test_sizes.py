#!/usr/bin/env python3
"""Sizes of files and functions: beyond the last limit of the conventions fails, beyond 'ask in review' is told.

Prints the medians and the longest; a function is counted from its first line to its closing brace.
"""
import re
import statistics

import source

FILE, HEADER, FUNCTION = (500, 800), (200, 300), (50, 80)  # told, failed
# file or "file:function": the written reason for being larger.
REASONS = {
    "include/cordwain/product.h": "the product document as data, one plain struct per object of its schema",
}
START = re.compile(r"^(?:[A-Za-z_][^;={}\n]*[ *])?([A-Za-z_]\w*)\([^;{}]*\)\s*\{\s*$", re.M)
WORDS = {"if", "for", "while", "switch", "return", "sizeof"}


def functions(path):
    """(name, line, lines) of every function definition; they begin at the left margin and end with a brace there."""
    text = source.without_comments(path.read_text(), strings=False)
    for match in START.finditer(text):
        close = text.find("\n}", match.end() - 1)
        if match.group(1) not in WORDS and close > 0:
            first = text[:match.start()].count("\n") + 1
            yield match.group(1), first, text[:close].count("\n") + 2 - first


def main():
    long_files, long_functions, sizes, lengths, used = [], [], [], [], set()
    for path in source.files("src", "include", "renderer"):
        count = path.read_text().count("\n")
        ask, limit = HEADER if path.suffix == ".h" else FILE
        if path.suffix == ".c":
            sizes.append(count)
        if count > ask:
            print(f"# {source.name(path)}: {count} lines")
        if count > limit:
            used.add(source.name(path))
            if source.name(path) not in REASONS:
                long_files.append(f"{source.name(path)}: {count} lines, limit {limit}")
        for title, line, length in functions(path):
            lengths.append(length)
            key = f"{source.name(path)}:{title}"
            if length > FUNCTION[0]:
                print(f"# {source.name(path)}:{line}: {title} has {length} lines")
            if length > FUNCTION[1]:
                used.add(key)
                if key not in REASONS:
                    long_functions.append(f"{source.name(path)}:{line}: {title} has {length} lines, limit {FUNCTION[1]}")
    lengths.sort()
    print(f"# {len(sizes)} .c files, median {statistics.median(sizes):.0f} lines; {len(lengths)} functions, "
          f"median {statistics.median(lengths):.0f}, p90 {lengths[len(lengths) * 9 // 10]}")
    source.report("no file is beyond the limit without a reason", long_files)
    source.report("no function is beyond the limit without a reason", long_functions)
    source.report("every reason is needed", [key for key in REASONS if key not in used])
    source.end()


if __name__ == "__main__":
    main()
