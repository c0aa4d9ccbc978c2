"""Write schemas/*.schema.json as one C file: the texts the program carries inside.

usage: embed.py OUTPUT TABLE NAME=FILE...   (TABLE cw_schema_builtin: NAME in the order of enum cw_builtin_schema)
"""
import json
import sys


def c_array(data: bytes) -> str:
    """Numbers, not a string: ISO C promises only 4095 characters of those."""
    numbers = [str(b) for b in data] + ["0"]
    return "\n".join("    %s," % ",".join(numbers[i:i + 24]) for i in range(0, len(numbers), 24))


def main() -> None:
    output, name_of_table = sys.argv[1:3]
    entries = [entry.split("=", 1) for entry in sys.argv[3:]]
    out = ["/* Made by embed.py. */", '#include "jsonschema/builtin_data.h"', ""]
    table = []
    for i, (name, path) in enumerate(entries):
        with open(path, "rb") as file:
            data = file.read()
        json.loads(data)  # a broken schema stops the build
        out += ["static const unsigned char text_%d[] = {" % i, c_array(data), "};"]
        table.append('    {"%s", %d, (const char *)text_%d},' % (name, len(data), i))
    out += ["const struct builtin_text %s_texts[] = {" % name_of_table] + table + ["};"]
    out += ["const size_t %s_text_count = %d;" % (name_of_table, len(entries)), ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(out))


main()
