#!/usr/bin/env python3
"""Dependencies point one way: reads every #include "…" and fails on an arrow the design does not allow."""
import re

import source

STEPS = set(source.STEPS)
COMMON = {"base", "cordwain"}
# Which folders' headers a folder may include besides its own.
ALLOWED = {
    "cordwain": {"base"},
    "base": set(),
    **{step: COMMON for step in STEPS},
    "renderer": COMMON,
    "api": COMMON | STEPS,
    "app": COMMON | STEPS | {"api", "renderer"},
    "cli": COMMON | STEPS | {"api", "app"},
}
# (folder, include): reason. An arrow that stands here without need fails too.
EXCEPTIONS = {
    ("base", "cordwain/limits.h"): "numbers only; every limit stands in that one header",
}
LIBC = ("inttypes.h", "limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def owner(path):
    parts = path.relative_to(source.ROOT).parts
    return "renderer" if parts[0] == "renderer" else parts[1]


def target(path, included):
    """The folder an include lands in; None when no such file of ours exists."""
    root = source.ROOT
    for base in (path.parent, root / "src", root / "include", root / "renderer", root):
        found = (base / included).resolve()
        if found.is_file() and found.is_relative_to(root):
            return owner(found)
    return None


problems, used = [], set()
for path in source.files("src", "include", "renderer"):
    for match in INCLUDE.finditer(path.read_text()):
        included, folder = match.group(1), owner(path)
        line = path.read_text()[:match.start()].count("\n") + 1
        to = target(path, included)
        if (folder, included) in EXCEPTIONS:
            used.add((folder, included))
        elif to is None:
            problems.append(f'{source.name(path)}:{line}: "{included}" is no file of ours; use <…> for libraries')
        elif to != folder and to not in ALLOWED[folder]:
            problems.append(f'{source.name(path)}:{line}: {folder} may not include "{included}" ({to})')
        elif to == folder and folder not in ("renderer",) and "/" not in included:
            problems.append(f'{source.name(path)}:{line}: write "{folder}/{included}"')
source.report("includes follow the layers", problems)

# A header of ours in <…> would pass by the rule above.
angle = []
for path in source.files("src", "include", "renderer"):
    for match in re.finditer(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", path.read_text(), re.M):
        if match.group(1).split("/")[0] in ALLOWED:
            angle.append(f"{source.name(path)}: <{match.group(1)}> is ours: write it with quotes")
source.report("headers of ours are included with quotes", angle)

# Contract headers mention no third-party type.
foreign = []
for path in source.files("include/cordwain"):
    for match in re.finditer(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", path.read_text(), re.M):
        if match.group(1) not in LIBC:
            foreign.append(f"{source.name(path)}: <{match.group(1)}>")
source.report("contract headers need no library", foreign)
source.report("every exception is needed", [f"{key}" for key in EXCEPTIONS if key not in used])
source.end()
