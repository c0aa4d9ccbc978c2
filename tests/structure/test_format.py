#!/usr/bin/env python3
"""Tells which files .clang-format would change. Never fails: another version of clang-format formats differently."""
import shutil
import subprocess

import source

program = shutil.which("clang-format")
if program is None:
    print("skip - formatting: no clang-format")
else:
    paths = source.files("src", "include", "renderer", "tests/unit", "tests/fuzz", "tests/fault", "tests/support")
    changed = []
    for path in paths:
        run = subprocess.run([program, "--dry-run", "-Werror", str(path)], capture_output=True, check=False)
        if run.returncode != 0:
            changed.append(source.name(path))
    for path in changed:
        print(f"# clang-format would change {path}")
    print(f"ok - formatting is reported ({len(changed)} of {len(paths)} files differ)")
