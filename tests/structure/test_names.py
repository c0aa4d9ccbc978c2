#!/usr/bin/env python3
"""A helper is written once: fails when two files hold a function with the same body, reports file names used twice."""
import collections
import re

import source
from test_sizes import START, WORDS

SHORTEST = 60  # characters of a body without spaces; shorter ones are alike by chance
# Frozenset of files that may hold the same function, with the reason.
TWINS = {
    frozenset({"src/manufacturing/spec_build.c", "src/manufacturing/spec_check.c"}):
        "the check of a spec shares no code with what built it",
}


def bodies(path):
    """(name, line, body without spaces) of every function definition."""
    text = source.without_comments(path.read_text())
    for match in START.finditer(text):
        close = text.find("\n}", match.end() - 1)
        body = re.sub(r"\s+", "", text[match.end():close])
        if match.group(1) not in WORDS and close > 0 and len(body) >= SHORTEST:
            yield match.group(1), text[:match.start()].count("\n") + 1, body


found, stems = collections.defaultdict(list), collections.defaultdict(list)
for path in source.files("src", "renderer", suffixes=(".c",)):
    stems[path.stem].append(source.name(path))
    for title, line, body in bodies(path):
        found[body].append((source.name(path), f"{source.name(path)}:{line} {title}"))
problems = [" = ".join(where for _, where in places) for places in found.values()
            if len(places) > 1 and frozenset(name for name, _ in places) not in TWINS]
for stem, places in sorted(stems.items()):
    if len(places) > 1:
        print(f"# {stem}.c stands in {', '.join(places)}")
source.report("no function is written twice", problems)
source.end()
