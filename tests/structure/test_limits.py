#!/usr/bin/env python3
"""Every row of the limits table is tested where limits.txt says, and stands in docs/reference/configuration.md as it is."""
import json
import os
import re
import subprocess

import source

TABLE, DOCUMENT, LIST = "src/http/limits.c", "docs/reference/configuration.md", "tests/structure/limits.txt"


def tested():
    """(row, file, words) of limits.txt; a row may have several."""
    lines = (source.ROOT / LIST).read_text().splitlines()
    return [re.split(r" +", line, maxsplit=2) for line in lines if line and line[0] != "#"]


def untested(rows, cases):
    have = {row for row, _, _ in cases}
    yield from (f"{row} has no case in {LIST}" for row in rows if row not in have)
    for row, path, words in cases:
        if row not in rows:
            yield f"{row} is in {LIST} and not in {TABLE}"
        elif not (source.ROOT / path).is_file() or words not in (source.ROOT / path).read_text():
            yield f"{path} has no '{words}', which tests {row}"


def undocumented(text):
    """Rows of the built program's table that the document lacks or tells otherwise."""
    for row in json.loads(text):
        code = f"`{row['code']}`" if row["code"] else ""
        line = f"| `{row['name']}` | {row['value']} | {row['unit']} | {code} |"
        if line not in documented:
            yield f"{DOCUMENT} lacks: {line}"


documented = (source.ROOT / DOCUMENT).read_text().splitlines()
rows = re.findall(r'\{"([a-z_.]+)",\s*CW_\w+,', (source.ROOT / TABLE).read_text())
source.report("every limit has a case", list(untested(rows, tested())))
program = source.ROOT / os.path.basename(os.environ.get("CORDWAIN_BUILD", "build")) / "cordwain"
if program.is_file():
    told = subprocess.run([program, "config", "print", "--limits", "--json"], capture_output=True, text=True, check=True)
    source.report("the table of limits is documented", list(undocumented(told.stdout)))
else:
    print("skip - the table of limits is documented: nothing is built")
source.end()
