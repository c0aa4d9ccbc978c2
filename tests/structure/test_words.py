#!/usr/bin/env python3
"""Words that must not stand in the project: paths of one machine, hosts of package registries, unfinished work.

Each pattern is written in pieces so that this file does not match itself.
"""
import re

import source

WORDS = {
    "no path of one machine": r"/wo" r"rk/(main|shared|wt-|steering|\.)|/tmp/ba" r"sh_jobs|/ro" r"ot/|/ho" r"me/[a-z]+/",
    "no host of a package registry": r"registry\.np" r"mjs|deb\.deb" r"ian\.org|(files\.)?pyt" r"honhosted|pypi\.o" r"rg"
                                     r"|cra" r"tes\.io|registry\.yar" r"npkg",
}
# TAP marks a known fault with that word behind a #.
UNFINISHED = r"(?<!# )\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"


def lines(paths):
    """(place, text) of every line; binary files are left out."""
    for path in paths:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{source.name(path)}:{number}", line


everything = list(lines(source.tracked()))
for title, pattern in WORDS.items():
    source.report(title, [f"{where}: {line.strip()[:100]}" for where, line in everything if re.search(pattern, line)])
ours = lines(source.files("src", "include", "renderer", "tests", suffixes=(".c", ".h", ".py", ".mjs", ".js")))
source.report("nothing is left unfinished",
              [f"{where}: {line.strip()[:100]}" for where, line in ours if re.search(UNFINISHED, line)
               and "node_modules" not in where])

# Every .c opens with what it is responsible for and what it does not do.
headless = [source.name(path) for path in source.files("src", "renderer", suffixes=(".c",))
            if not path.read_text().startswith("/*")]
source.report("every .c file opens with what it is for", headless)
source.end()
