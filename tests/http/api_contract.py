"""The documents are true: openapi.json against the route table, errors.md against every raised code."""
import contextlib
import json
import pathlib
import re
import sqlite3

from contract import Schemas
from server import ROOT

RAISED = re.compile(r"\b(cw_fail|cw_fail_at|cw_fault_add|cw_fault_add_hint|cw_reply_faults)\(\s*[^,;]+,\s*"
                    r"(?:[A-Za-z_0-9.>-]+,\s*)?\"([a-z][A-Za-z0-9_.-]*)\"")
# Codes that reach cw_fail or cw_fault_add as a variable, or are chosen with a condition.
CHOSEN = {
    "src/jsonschema": re.compile(r'"(schema\.[A-Za-z]+)"'),
    "src/catalog": re.compile(r'(?:load_fault\([^;]*?|missing\([^;]*?|load_check_gs1\([^;]*?|load_value_fits\([^;]*?|check_inside\([^;]*?|\? |: |, )'
                              r'"((?:reference|feed|surface|art|option|gln|gtin|condition|cycle|range|rule|text|number|preset|parameter|'
                              r'material|colour|choice|quantity|id|date|locale|price|lead)\.[a-z_]+)"'),
    "src/configure": re.compile(r'"((?:option|selection|choice|text)\.[a-z_]+)"'),
    "src/manufacturing": re.compile(r'fault\([^;]*?"(spec\.[a-z_]+)"'),
    "src/base": re.compile(r'io_error\([^;]*?"(file\.[a-z]+)"'),
}


def raised_codes():
    found = {"internal"}
    for folder in ("src", "renderer"):
        for file in (ROOT / folder).rglob("*.c"):
            text = file.read_text()
            found |= {code for _, code in RAISED.findall(text)}
            for prefix, pattern in CHOSEN.items():
                if file.is_relative_to(ROOT / prefix):
                    found |= set(pattern.findall(text))
    return found - {"selection.conflict_with"}  # a sentence of the configure step, never a code


def errors_md_knows_every_code(_):
    text = (ROOT / "docs/reference/errors.md").read_text()
    told = re.findall(r"^### `([^`]+)`$", text, re.M)
    assert len(told) == len(set(told)), "a code has two sections"
    raised = raised_codes()
    assert not raised - set(told), f"not told: {sorted(raised - set(told))}"
    everything = "".join(file.read_text() for folder in ("src", "renderer") for file in (ROOT / folder).rglob("*.[ch]"))
    gone = [code for code in told if f'"{code}"' not in everything]
    assert not gone, f"raised nowhere: {gone}"


def every_section_says_enough(_):
    text = (ROOT / "docs/reference/errors.md").read_text()
    for code, body in re.findall(r"^### `([^`]+)`\n(.*?)(?=^#|\Z)", text, re.M | re.S):
        assert len(body.strip()) > 60 and body.count(".") >= 2, f"{code}: {body!r}"


def every_section_is_served(s):
    text = (ROOT / "docs/reference/errors.md").read_text()
    for code in re.findall(r"^### `([^`]+)`$", text, re.M):
        page = s.get(f"/problems/{code}")
        assert page.status == 200 and code in page.text, code


def openapi_is_the_route_table(_):
    table = re.findall(r'\{"(GET|POST|PUT)", "([^"]+)"', (ROOT / "src/api/api.c").read_text())
    routes = {(method.lower(), path.replace("*}", "}")) for method, path in table}
    assert len(routes) == len(table) > 30
    document = json.loads((ROOT / "schemas/openapi.json").read_text())
    told = {(method, path) for path, item in document["paths"].items() for method in item
            if method in ("get", "post", "put", "patch", "delete")}
    assert not routes - told, f"openapi.json lacks {sorted(routes - told)}"
    assert not told - routes, f"no route for {sorted(told - routes)}"


def openapi_is_well_formed(_):
    document = json.loads((ROOT / "schemas/openapi.json").read_text())
    ids = []
    for path, item in document["paths"].items():
        names = set(re.findall(r"\{([^}]+)\}", path))
        for method, operation in item.items():
            if method not in ("get", "post", "put"):
                continue
            ids.append(operation["operationId"])
            assert operation["summary"] and operation["responses"], path
            parameters = [resolve(document, parameter) for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]]
            assert {p["name"] for p in parameters if p["in"] == "path"} == names, (path, names)
            assert method == "get" or "requestBody" in operation, path
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'"\$ref": *"(#[^"]+)"', json.dumps(document)):
        if reference.startswith("#/components/"):
            resolve(document, {"$ref": reference})


def resolve(document, node):
    while "$ref" in node:
        at = document
        for name in node["$ref"][2:].split("/"):
            at = at[name]
        node = at
    return node


def requests_are_the_served_schemas(_):
    """The request bodies in openapi.json are the schemas the server validates with; what stands in a file of its own is that file."""
    document = json.loads((ROOT / "schemas/openapi.json").read_text())
    for file in sorted((ROOT / "schemas").glob("*-request.schema.json")) + [ROOT / "schemas" / name for name in (
            "status-event.schema.json", "problem.schema.json", "artwork.schema.json")]:
        schema = json.loads(file.read_text())
        name = "".join(word.capitalize() for word in file.name.removesuffix(".schema.json").split("-"))
        assert document["components"]["schemas"][name] == schema, f"{name} is not {file.name}"


def every_body_has_its_schema(_):
    """JSON by reference to a named schema, texts as strings; other files are what their type says."""
    document = json.loads((ROOT / "schemas/openapi.json").read_text())
    bodies = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for status, response in operation["responses"].items() if method in ("get", "post", "put") else ():
                content = resolve(document, response).get("content", {})
                assert content or status in ("204", "304"), f"{method} {path} {status} has no body"
                for kind, body in content.items():
                    bodies += 1
                    if "json" in kind:
                        assert body["schema"]["$ref"].startswith("#/components/schemas/"), (path, status, kind)
                        assert status[0] not in "45" or kind == "application/json" or \
                            body["schema"]["$ref"].endswith("/Problem"), (path, status)
                    elif kind.startswith("text/") or kind == "image/svg+xml":
                        assert body["schema"] == {"type": "string"}, (path, status, kind)
                    else:
                        assert "schema" not in body and kind.split("/")[0] in ("image", "application"), (path, status, kind)
    assert bodies > 250, bodies


def outbox_rows_are_order_events(s):
    """What is to be sent to others, read from the store's file."""
    schema = json.loads((ROOT / "schemas/order-event.schema.json").read_text())
    files = list(pathlib.Path(s.data).glob("*.db")) + list(pathlib.Path(s.data).glob("*.sqlite"))
    rows = [row for file in files for row in read_outbox(file)]
    assert len({kind for kind, _, _ in rows}) > 3, f"a poor lot: {rows}"
    for kind, subject, body in rows:
        event = json.loads(body)
        assert not Schemas(schema).faults(schema, event), (kind, body)
        assert kind == "order." + event["state"] and subject == event["orderId"], (kind, subject, body)


def read_outbox(file):
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        return store.execute("SELECT kind, subject, body FROM outbox").fetchall()


CASES = (errors_md_knows_every_code, every_section_says_enough, every_section_is_served, openapi_is_the_route_table,
         openapi_is_well_formed, requests_are_the_served_schemas, every_body_has_its_schema,
         outbox_rows_are_order_events)
