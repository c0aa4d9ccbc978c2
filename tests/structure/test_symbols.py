#!/usr/bin/env python3
"""Every exported symbol of our libraries begins with cw_; api_ and cli_ are the inner names of those two folders.

Reads the static libraries of $CORDWAIN_BUILD (default build-check, then build).
"""
import os
import pathlib
import re
import subprocess

import source

# Library: further prefixes allowed in it, with the reason.
ALSO = {
    "cwapi": ("api_",),  # shared between the resources of src/api only
}
FOREIGN = re.compile(r"^(__|_)(asan|ubsan|tsan|odr|sancov|start_|stop_|GLOBAL_)")


def build_folder():
    named = os.environ.get("CORDWAIN_BUILD")
    candidates = [pathlib.Path(named)] if named else [source.ROOT / "build-check", source.ROOT / "build"]
    return next((path for path in candidates if path.is_dir()), None)


def symbols(library):
    """(object, name) of every defined global symbol."""
    listed = subprocess.run(["nm", "-A", "-g", "--defined-only", str(library)],
                            capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        where, _, rest = line.rpartition(": ") if ": " in line else line.rpartition(":")
        fields = rest.split()
        if fields:
            yield where.split("/")[-1], fields[-1]


folder = build_folder()
libraries = sorted(path for path in folder.rglob("libcw*.a") if "tests" not in path.parts) if folder else []
if not libraries:
    print("skip - symbols: nothing is built")
for library in libraries:
    title = library.stem.removeprefix("lib")
    allowed = ("cw_",) + ALSO.get(title, ())
    problems = [f"{found} in {where}" for where, found in symbols(library)
                if not found.startswith(allowed) and not FOREIGN.match(found)]
    source.report(f"exported names of {title} begin with {' or '.join(allowed)}", sorted(set(problems)))
source.end()
