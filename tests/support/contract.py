"""schemas/openapi.json as a judge: every JSON answer must be one the document describes.

The validator knows the few JSON Schema keywords the document uses and refuses others, so that nothing
is silently unchecked. Python 3 standard library only.
"""
import json
import re

from server import ROOT

KNOWN = {"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "pattern",
         "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "anyOf", "allOf", "description",
         "propertyNames", "examples", "default", "title", "format", "$schema", "$id", "$defs", "uniqueItems",
         "maxProperties", "if", "then", "else", "$comment"}
# What the server itself answers, before it asks what an operation is.
ANY_OPERATION = {400, 404, 405, 408, 411, 413, 414, 415, 417, 421, 429, 431, 500, 501, 503, 505}
PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Schemas:
    def __init__(self, root):
        self.root = root

    def at(self, reference, root):
        assert reference.startswith("#/"), f"only local references: {reference}"
        for name in reference[2:].split("/"):
            root = root[name.replace("~1", "/").replace("~0", "~")]
        return root

    def faults(self, schema, value, where="", root=None):
        """Every fault as (pointer, what)."""
        root = root or self.root
        if schema is True or schema == {}:
            return []
        if schema is False:
            return [(where, "nothing is allowed")]
        if "$id" in schema:
            root = schema  # its own references
        assert set(schema) <= KNOWN, f"the validator does not know {set(schema) - KNOWN}"
        found = []
        if "$ref" in schema:
            found += self.faults(self.at(schema["$ref"], root), value, where, root)
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(has_type(value, name) for name in types):
                return found + [(where, f"is {value!r}, not {types}")]
        if "enum" in schema and value not in schema["enum"]:
            found.append((where, f"{value!r} is not in {schema['enum']}"))
        if "const" in schema and value != schema["const"]:
            found.append((where, f"{value!r} is not {schema['const']!r}"))
        if "anyOf" in schema and all(self.faults(s, value, where, root) for s in schema["anyOf"]):
            found.append((where, f"{value!r} fits no branch"))
        for part in schema.get("allOf", []):
            found += self.faults(part, value, where, root)
        if isinstance(value, dict):
            found += self.object_faults(schema, value, where, root)
        elif isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                found.append((where, f"has {len(value)} items"))
            for i, item in enumerate(value):
                found += self.faults(schema.get("items", True), item, f"{where}/{i}", root)
        elif isinstance(value, str):
            if "pattern" in schema and not re.search(schema["pattern"], value):
                found.append((where, f"{value!r} does not match {schema['pattern']}"))
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                found.append((where, f"has {len(value)} characters"))
        elif has_type(value, "number"):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                found.append((where, f"{value} is out of bounds"))
        return found

    def object_faults(self, schema, value, where, root):
        found = [(where, f"'{name}' is missing") for name in schema.get("required", []) if name not in value]
        properties = schema.get("properties", {})
        for name, member in value.items():
            rest = properties.get(name, schema.get("additionalProperties", True))
            found += self.faults(rest, member, f"{where}/{name}", root)
            if "propertyNames" in schema:
                found += self.faults(schema["propertyNames"], name, f"{where}/{name} (name)", root)
        return found


class Contract:
    """Matches each exchange to an operation of the document and checks status, type and body."""

    def __init__(self):
        self.document = json.loads((ROOT / "schemas" / "openapi.json").read_text())
        self.schemas = Schemas(self.document)
        self.seen = set()
        patterns = []
        for path, operations in self.document["paths"].items():
            regex = "".join(f"({'.+' if name == '{path}' else '[^/]+'})" if name.startswith("{") else re.escape(name)
                            for name in re.split(r"(\{[^}]+\})", path))
            literal = len(re.sub(r"\{[^}]+\}", "", path))
            patterns.append((-literal, path, re.compile(regex + r"\Z"), operations))
        self.patterns = [(path, regex, operations) for _, path, regex, operations in sorted(patterns, key=lambda p: p[:2])]

    def find(self, target):
        bare = target.partition("?")[0]
        for path, regex, operations in self.patterns:
            if regex.match(bare):
                return path, operations
        return None, {}

    def told(self, method, target, answer):
        """What the document says about an answer of that status; None where only a problem may be."""
        path, operations = self.find(target)
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            assert path is None or answer.status not in (200, 201, 202), f"{method} {path} is answered {answer.status}, untold"
            return path, None
        if method != "HEAD":
            self.seen.add((method, path))
        told = operation["responses"].get(str(answer.status)) or operation["responses"].get("default")
        if told is not None and "$ref" in told:
            told = self.schemas.at(told["$ref"], self.document)
        assert told or answer.status in ANY_OPERATION, f"openapi.json knows no {answer.status} of {method} {path}"
        return path, told

    def __call__(self, method, target, answer):
        path, told = self.told(method, target, answer)
        what = f"{answer.status} of {method} {path or target}"
        if answer.status >= 400:
            told = told if told and told.get("content") else PROBLEM
        elif method == "OPTIONS":
            assert answer.status == 204 and not answer.body and answer["Allow"], f"{what}: {answer.fields}"
        if method == "HEAD" or answer.status in (204, 304):
            assert not answer.body, f"{what} has a body"
        if answer.status in (204, 304) or (not answer.body and not answer["Content-Type"]):
            return
        assert told, f"openapi.json knows no body for {what}"
        kind = answer["Content-Type"].split(";")[0]
        assert kind in told["content"], f"openapi.json knows no {kind} for {what}"
        if "json" in kind and answer.body and not answer["Content-Encoding"]:
            faults = self.schemas.faults(told["content"][kind]["schema"], answer.json)
            assert not faults, f"openapi.json does not describe {what}: {faults[:3]}"

    def every_operation_was_seen(self):
        have = {(method.upper(), path) for path, operations in self.document["paths"].items() for method in operations
                if method in ("get", "post", "put")}
        assert not have - self.seen, f"no case asked {sorted(have - self.seen)}"
