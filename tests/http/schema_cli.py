#!/usr/bin/env python3
"""Black-box tests of `cordwain schema validate|check`: verdicts, positions, references, exit codes.

Usage: schema_cli.py [path of cordwain]
"""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA = """{
  "type": "object",
  "required": ["name"],
  "properties": {
    "name": {"type": "string", "minLength": 1},
    "tags": {"items": {"$ref": "#/$defs/tag"}}
  },
  "additionalProperties": false,
  "$defs": {"tag": {"type": "string"}}
}
"""


class Folder:
    def __init__(self, binary):
        self.binary = binary
        self.kept = tempfile.TemporaryDirectory(prefix="cordwain-schema-")
        self.path = pathlib.Path(self.kept.name)

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode())
        return file

    def run(self, *words, stdin=b""):
        code, out, errors = server.run(self.binary, "schema", *map(str, words), stdin=stdin)
        return code, out.decode().replace(f"{self.path}/", ""), errors.replace(f"{self.path}/", "")


def valid_documents_are_0(f):
    schema = f.write("s.json", SCHEMA)
    code, out, errors = f.run("validate", schema, f.write("a.json", {"name": "x"}), f.write("b.json", {"name": "y", "tags": ["z"]}))
    assert (code, out, errors) == (0, "a.json: valid\nb.json: valid\n", "")


def faults_stand_like_a_compilers(f):
    bad = f.write("bad.json", '{\n  "name": "",\n  "tags": ["a", 1],\n  "nmae": 2\n}\n')
    code, out, errors = f.run("validate", f.path / "s.json", f.path / "a.json", bad)
    assert code == 1 and out == "a.json: valid\n", (code, out)
    assert errors == (
        "bad.json:2:3: error: must not be empty [schema.minLength] at /name\n"
        '     2 |   "name": "",\n       |   ^\n'
        "bad.json:3:17: error: must be a string, is an integer [schema.type] at /tags/1\n"
        '     3 |   "tags": ["a", 1],\n       |                 ^\n'
        "bad.json:4:3: error: unknown member 'nmae' [schema.additional] at /nmae\n"
        '     4 |   "nmae": 2\n       |   ^\n'
        "       = hint: did you mean 'name'? known: name, tags\n"
        "3 errors\n"), errors


def json_tells_keyword_and_schema_pointer(f):
    code, out, errors = f.run("validate", "--json", f.path / "s.json", f.path / "a.json", f.path / "bad.json")
    good, bad = (json.loads(line) for line in out.splitlines())
    assert code == 1 and not errors
    assert good["valid"] is True and good["faults"] == [] and bad["valid"] is False
    assert [(x["pointer"], x["keyword"], x["schemaPointer"], x["line"], x["column"]) for x in bad["faults"]] == [
        ("/name", "minLength", "/properties/name/minLength", 2, 3), ("/tags/1", "type", "/$defs/tag/type", 3, 17),
        ("/nmae", "additionalProperties", "/additionalProperties", 4, 3)]


def standard_input_is_a_document(f):
    assert f.run("validate", f.path / "s.json", "-", stdin=b'{"name": "x"}')[:2] == (0, "(standard input): valid\n")
    code, _, errors = f.run("validate", f.path / "s.json", "-", stdin=b"{}")
    assert code == 1 and errors.startswith("(standard input):1:1: error: member 'name' is missing"), errors


def no_json_is_1_no_file_is_2(f):
    for text in (b"", b"{", b"1\0", b"\xff", b'{"a":1,"a":2}', b"[" * 100000):
        code, _, errors = f.run("validate", f.path / "s.json", f.write("no.json", text))
        assert code == 1 and errors.startswith("no.json:1:") and "[json." in errors, (text[:20], code, errors[:200])
    for words in (("validate",), ("validate", "s.json"), ("validate", f.path / "none.json", f.path / "a.json"),
                  ("validate", f.path / "s.json", f.path / "none.json"), ("validate", f.path / "s.json", f.path), ("check",),
                  ("check", "a", "b"), ("check", f.path), ("validate", "--ref", "x", f.path / "s.json", f.path / "a.json"),
                  ("validate", "--ref", "urn:x=none.json", f.path / "s.json", f.path / "a.json"), ("check", "--what", "x")):
        code, _, errors = f.run(*words)
        assert code == 2 and len(errors) > 10, (words, code, errors)


def a_wrong_schema_is_1_for_check_and_2_for_validate(f):
    schema = f.write("wrong.json", '{\n "type": "strng",\n "properties": {"a": {"minLength": -1}},\n "required": "a"\n}')
    code, _, errors = f.run("check", schema)
    assert code == 1 and all(f"wrong.json:{line}:" in errors for line in (2, 3, 4)), errors
    assert "/properties/a/minLength" in errors, errors
    assert f.run("validate", schema, f.path / "a.json")[0] == 2
    for text, place, word in (('{"items": {\n"pattern": "(a"}}', ":1:2:", "schema.regex"),
                              ('{"items":\n {"$ref": "http://127.0.0.1:9/x"}}', ":1:2:", "schema.ref"),
                              ('{\n"$schema": "http://json-schema.org/draft-07/schema#"}', ":2:1:", "schema.dialect"),
                              ("{]", ":1:2:", "json.syntax")):
        code, _, errors = f.run("check", f.write("x.json", text))
        assert code == 1 and word in errors and f"x.json{place}" in errors, (text, code, errors)
    code, out, _ = f.run("check", "--json", f.path / "wrong.json")
    assert code == 1 and len(json.loads(out)["faults"]) == 3, out


def a_good_schema_is_good(f):
    assert f.run("check", f.path / "s.json")[:2] == (0, "s.json: the schema is good\n")
    code, out, _ = f.run("check", "--json", f.write("t.json", "true"))
    assert code == 0 and json.loads(out)["valid"] is True
    for file in sorted((server.ROOT / "schemas").glob("*.schema.json")):
        code, _, errors = f.run("check", file)
        assert code == 0, errors


def references_lead_only_to_what_is_registered(f):
    main = f.write("main.json", {"$id": "https://example.org/main", "items": {"$ref": "parts/size.json#/$defs/size"}})
    f.write("refs/parts/size.json", {"$defs": {"size": {"type": "integer"}}})
    f.write("refs/readme.txt", "no schema")
    data = f.write("data.json", "[1, true]")
    assert f.run("validate", main, data)[0] == 2
    for ref in (f"https://example.org/parts/size.json={f.path}/refs/parts/size.json", f"https://example.org={f.path}/refs",
                f"https://example.org/={f.path}/refs"):
        code, out, _ = f.run("validate", "--json", "--ref", ref, main, data)
        fault = json.loads(out)["faults"][0]
        assert code == 1 and fault["pointer"] == "/1", out
        assert fault["schemaPointer"] == "https://example.org/parts/size.json#/$defs/size/type", out
        assert f.run("check", main, "--ref", ref)[0] == 0
    f.write("refs/parts/size.json", '{"$defs": {"size":\n {"type": 1}}}')
    code, _, errors = f.run("check", main, "--ref", f"https://example.org={f.path}/refs")
    assert code == 1 and errors.startswith("refs/parts/size.json:1:"), errors
    schema = f.write("meta.json", {"$ref": DRAFT})
    assert f.run("validate", schema, f.path / "s.json")[0] == 0
    assert f.run("validate", schema, f.path / "wrong.json")[0] == 1


def formats_count_only_when_asked_for(f):
    schema = f.write("format.json", {"items": {"format": "date"}})
    data = f.write("dates.json", ["2024-02-29", "2023-02-29", 7])
    assert f.run("validate", schema, data)[0] == 0
    code, out, _ = f.run("validate", "--formats", "--json", schema, data)
    assert code == 1 and [(x["pointer"], x["code"], x["schemaPointer"]) for x in json.loads(out)["faults"]] == [
        ("/1", "schema.format", "/items/format")], out
    assert f.run("validate", "--formats", f.write("other.json", {"format": "hostname"}), f.write("h.json", '"-"'))[0] == 0


def patterns_cannot_be_made_slow(f):
    schema = f.write("slow.json", {"pattern": "^(a+)+$"})
    code, _, errors = f.run("validate", schema, f.write("long.json", json.dumps("a" * 50000 + "b")))
    assert code == 2 and "schema.budget" in errors, (code, errors)


def what_strangers_bring(f):
    """Files that are no JSON of one kind or another: told once, with the place, and the rest is checked all the same."""
    schema = f.write("any.json", "true")
    good = f.write("good.json", "[1]")
    for name, text, told in (("bom.json", b"\xef\xbb\xbf[1]", "1:1: error: a byte order mark; save the text without it [json.syntax]"),
                             ("comma.json", '{\n "a": 1,\n}', "3:1: error: string or '}' expected near '}' [json.syntax]"),
                             ("twice.json", '{"a":1,\n "a":2}', "2:4: error: duplicate object key near '\"a\"' [json.duplicate]"),
                             ("two.json", "1 2", "1:3: error: end of file expected near '2' [json.syntax]"),
                             ("wide.json", "[1]".encode("utf-16"), "1:1: error: this byte is not UTF-8 [json.encoding]"),
                             ("none.json", "", "1:1: error: there is no JSON, only an empty text [json.syntax]"),
                             ("deep.json", "[" * 65 + "]" * 65, "1:65: error: nested deeper than 64 levels [json.depth]")):
        code, out, errors = f.run("validate", schema, f.write(name, text), good)
        assert code == 1 and out == "good.json: valid\n", (name, code, out)
        assert errors.splitlines()[0] == f"{name}:{told}", errors
    code, out, _ = f.run("validate", "--json", schema, f.path / "comma.json")
    fault = json.loads(out)["faults"][0]
    assert (fault["line"], fault["column"], fault["message"]) == (3, 1, "string or '}' expected near '}'"), out


def big_files_are_read(f):
    schema = f.write("strings.json", {"items": {"type": "string"}})
    code, _, errors = f.run("validate", schema, f.write("big.json", json.dumps(["x" * 90] * 100000 + [7], indent=1)))
    assert code == 1 and errors.startswith("big.json:100002:2: error: must be a string, is an integer [schema.type] at /100000\n"), errors


def standard_input_is_read_once(f):
    code, out, errors = f.run("validate", "-", "-", stdin=b"true")
    assert code == 2 and not out and "'-' can be read only once" in errors, errors


def help_opens_with_examples(f):
    for verb in ("validate", "check"):
        code, out, _ = f.run(verb, "--help")
        assert code == 0 and out.startswith("examples:\n  cordwain schema " + verb)


CASES = (valid_documents_are_0, faults_stand_like_a_compilers, json_tells_keyword_and_schema_pointer,
         standard_input_is_a_document, no_json_is_1_no_file_is_2, a_wrong_schema_is_1_for_check_and_2_for_validate,
         a_good_schema_is_good, references_lead_only_to_what_is_registered,
         formats_count_only_when_asked_for, patterns_cannot_be_made_slow, what_strangers_bring, big_files_are_read,
         standard_input_is_read_once, help_opens_with_examples)

folder = Folder(sys.argv[1] if len(sys.argv) > 1 else None)
cases = server.Cases()
for case in CASES:
    cases.run(case, folder)
sys.exit(cases.finish())
