#!/usr/bin/env python3
"""Every error code a program can raise has a section in docs/reference/errors.md, and every section names a real code."""
import re

import source

DOCUMENT = "docs/reference/errors.md"
CODE = r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*"
# The code's place among the arguments, counted from 0.
RAISERS = {"cw_fail": 2, "cw_fail_at": 2, "cw_error_raise": 2, "cw_fault_add": 1, "cw_fault_add_hint": 1}
CALL = re.compile(r"\b(" + "|".join(RAISERS) + r")\s*\(")
TEXT = re.compile(r'^"(' + CODE + r')"$')
# A literal that looks like a code, for codes that reach cw_fail through a variable or a table.
LOOKS_LIKE = re.compile(r'"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)"')


def arguments(text, at):
    """The arguments of the call whose opening bracket is before `at`."""
    depth, start, found, quoted = 1, at, [], False
    i = at
    while i < len(text) and depth:
        c = text[i]
        if quoted:
            i += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 1:
            found.append(text[start:i].strip())
            start = i + 1
        i += 1
    found.append(text[start:i - 1].strip())
    return found


def raised(path):
    """(code, line) of every code raised in the file; both arms of a ?: count."""
    text = source.without_comments(path.read_text())
    for match in CALL.finditer(text):
        if text[:match.start()].rsplit("\n", 1)[-1].lstrip().startswith(("#define", "enum", "void")):
            continue
        given = arguments(text, match.end())
        place = RAISERS[match.group(1)]
        if len(given) > place:
            for literal in re.findall(r'"[^"]*"', given[place]):
                if TEXT.match(literal):
                    yield literal[1:-1], text[:match.start()].count("\n") + 1


headings = re.findall(r"^### `([^`]+)`", (source.ROOT / DOCUMENT).read_text(), re.M)
sections = set(headings)
codes = {}
literals = set()
for path in source.files("src", "renderer"):
    for code, line in raised(path):
        codes.setdefault(code, f"{source.name(path)}:{line}")
    text = source.without_comments(path.read_text())
    literals.update(LOOKS_LIKE.findall(text), re.findall(r'"(' + CODE + r')"', text))
source.report(f"every raised code is explained in {DOCUMENT}",
              [f"### `{code}`  ({where})" for code, where in sorted(codes.items()) if code not in sections])
# "schema.<keyword>" is put together from the keyword that failed.
keywords = set(re.findall(r'"([a-zA-Z]+)"', "".join(path.read_text() for path in source.files("src/jsonschema"))))
literals.update(f"schema.{keyword}" for keyword in keywords)
source.report(f"every section of {DOCUMENT} is a code of the source",
              [code for code in sorted(sections) if code not in codes and code not in literals])
source.report("no code is explained twice", sorted(code for code in sections if headings.count(code) > 1))
source.report("codes are written part.part in lower case",
              [f"{code} ({where})" for code, where in sorted(codes.items())
               if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*|[a-z]+(-[a-z]+)+", code)])
source.end()
