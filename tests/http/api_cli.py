"""The command line: help, exit codes, and answers equal to the API's."""
import json
import sqlite3
import time

import pictures
import png
from api_orders import placed
from api_previews import jpeg_size, png_size
from api_uploads import kept
from server import ROOT, run

COMMANDS = ("demo", "serve", "product check", "product publish", "product list", "configure", "render", "order list",
            "order show", "spec show", "spec verify", "key create", "key list", "key revoke", "stock list", "stock set", "config check", "config print",
            "schema validate", "schema check")
GOLDEN = ROOT / "tests/golden/product-check"
BOTTLE = ROOT / "schemas/products/bottle.json"


def every_help_opens_with_examples(s):
    for command in COMMANDS:
        code, out, errors = run(s.binary, *command.split(), "--help")
        assert code == 0 and out.startswith(b"examples:\n  ") and not errors, (command, out[:60])
        assert f"cordwain {command}".encode() in out, command
    code, out, _ = run(s.binary, "--help")
    assert code == 0 and b"examples:" in out and all(command.split()[0].encode() in out for command in COMMANDS)


def wrong_usage_is_2(s):
    for line in ((), ("nothing",), ("product",), ("product", "check"), ("product", "check", "--zz", "x"), ("serve", "word"),
                 ("render", "--product", BOTTLE), ("render", "-o", "x.png"), ("configure",), ("key", "revoke"),
                 ("order", "show"), ("spec", "verify"), ("serve", "--listen", "nowhere"), ("serve", "--workers", "65"),
                 ("serve", "--listen"), ("product", "check", "no-such-file.json"),
                 ("render", "--product", BOTTLE, "--width", "63", "-o", "x"),
                 ("render", "--product", BOTTLE, "--width", "2049", "--dpr", "2", "-o", "x"),
                 ("render", "--product", BOTTLE, "--dpr", "3.01", "-o", "x"), ("render", "--product", BOTTLE, "--shadow", "maybe", "-o", "x"),
                 ("render", "--product", BOTTLE, "--crop", "0,0,1025,1", "-o", "x"),
                 ("render", "--product", BOTTLE, "--format", "jpg", "--background", "transparent", "-o", "x"), ("render", "--product", BOTTLE, "--view", "x", "-o", "x")):
        code, out, errors = run(s.binary, *line, stdin=b"")
        assert code == 2 and len(errors) > 10, (line, code, out, errors)


def product_check_is_golden(s):
    code, out, _ = run(s.binary, "product", "check", BOTTLE)
    assert code == 0 and b"bottle version 1 is good" in out, out
    for name in ("syntax", "schema", "meaning"):
        file = GOLDEN / f"{name}.json"
        code, _, errors = run(s.binary, "product", "check", file)
        expected = (GOLDEN / f"{name}.expected.txt").read_text()
        told = errors.replace(str(GOLDEN) + "/", "")
        assert code == 1 and told == expected, (name, told, expected)
        code, out, _ = run(s.binary, "product", "check", "--json", file)
        expected = json.loads((GOLDEN / f"{name}.expected.json").read_text())
        assert code == 1 and json.loads(out)["faults"] == expected["faults"], (name, out)


def product_publish_reaches_the_server(s):
    document = json.loads(BOTTLE.read_text())
    document["version"] = "7"
    file = s.data / "bottle7.json"
    file.write_text(json.dumps(document))
    for told in (b"is published", b"was published before"):
        code, out, errors = run(s.binary, "product", "publish", file, data=s.data)
        assert code == 0 and told in out, (code, out, errors)
    for _ in range(50):
        if s.get("/v1/products/bottle@7").status == 200:
            break
        time.sleep(0.1)
    assert s.get("/v1/products/bottle").json["version"] == "7"
    document["basePrice"] = 1
    file.write_text(json.dumps(document))
    code, _, errors = run(s.binary, "product", "publish", file, data=s.data)
    assert code == 1 and "product.version_exists" in errors, (code, errors)
    code, out, _ = run(s.binary, "product", "list", "--json", data=s.data)
    assert code == 0 and ("bottle", "7") in {(p["id"], p["version"]) for p in json.loads(out)}


def configure_answers_like_the_api(s):
    lines = [{}, {"finish": "gloss"}, {"finish": "brushed", "pattern": "dots"}, {"wrap_text": "\ufdfd" * 18}, {"finish": "x"}, None]
    stdin = "\n".join("{" if line is None else json.dumps(line) for line in lines).encode() + b"\n"
    code, out, errors = run(s.binary, "configure", "--product", "bottle@1", stdin=stdin, data=s.data)
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and len(told) == len(lines), (code, out[:200], errors)
    for line, answer in zip(lines[:4], told):
        assert answer == s.post("/v1/products/bottle@1/configure", {"selections": line}).json, line
    assert told[4]["errors"][0]["code"] == "selection.unknown_choice" and told[5]["errors"][0]["code"] == "json.syntax"
    code, out, _ = run(s.binary, "configure", "--product", BOTTLE, "--locale", "fa", stdin=b"{}\n")
    assert code == 0 and json.loads(out)["locale"] == "fa"


def render_draws_what_the_api_shows(s):
    for extension in ("png", "jpg", "webp"):
        code, out, errors = run(s.binary, "render", "--product", "bottle@1", "--view", "front", "--width", "300", "--format",
                                extension, "-s", "finish=gloss", "-s", "wrap_text=Maya", "-o", "-", data=s.data)
        assert code == 0, errors
        told = s.get(f"/v1/previews/bottle@1/front.{extension}?w=300&o.finish=gloss&o.wrap_text=Maya")
        assert out == told.body, extension
    code, out, errors = run(s.binary, "render", "--product", "bottle@1", "--view", "front", "--width", "300", "--dpr", "1.5", "--crop",
                            "20,30,100,50", "--background", "transparent", "--shadow", "off", "-o", "-", data=s.data)
    told = s.get("/v1/previews/bottle@1/front.png?w=300&dpr=1.5&crop=20,30,100,50&bg=transparent&shadow=off")
    assert code == 0 and out == told.body and png_size(out) == (150, 75), errors
    file = s.data / "shoe.jpg"
    code, out, errors = run(s.binary, "render", "--product", "court-sneaker", "--view", "side", "--width", "64",
                            "-o", file, "--json", data=s.data)
    assert code == 0 and jpeg_size(file.read_bytes())[0] == 64 and json.loads(out)["bytes"] == file.stat().st_size, errors
    code, out, errors = run(s.binary, "render", "--product", "court-sneaker", "--view", "side", "--format", "png", "--width", "64",
                            "-o", file, data=s.data)
    assert code == 0 and png_size(file.read_bytes())[0] == 64, "what is asked for wins over the name"
    code, out, errors = run(s.binary, "render", "--product", BOTTLE, "--width", "64", "-o", "-", data=s.data)
    assert code == 0 and png_size(out)[0] == 64, errors
    code, _, errors = run(s.binary, "render", "--product", "bottle@1", "-s", "finish=x", "-o", file, data=s.data)
    assert code == 1 and "selection.unknown_choice" in errors
    code, _, errors = run(s.binary, "render", "--product", "bottle@1", "-o", "/nonexistent/x.png", data=s.data)
    assert code == 3 and "cannot write" in errors, (code, errors)


def a_file_is_a_picture(s):
    """The pixels are those the server draws from the same file, uploaded; only the design's identity differs, with the picture's id."""
    file = s.data / "a,1,2,b.png"  # a name may hold what ends it elsewhere
    file.write_bytes(pictures.png(200, 150, lambda x, y: (250, y, x)))
    uploaded = kept(s, file.read_bytes())["id"]
    place = "3000,4000,45000,20000"
    for value in (place, ""):
        comma = value and ","
        code, out, errors = run(s.binary, "render", "--product", "bottle@1", "--width", "300", "-s", f"photo=@{file}{comma}{value}", "-o", "-",
                                data=s.data, environment={"TMPDIR": str(s.data)})
        told = s.get(f"/v1/previews/bottle@1/front.png?w=300&o.photo={uploaded}{comma}{value}")
        assert code == 0 and png.Picture(out).values == png.Picture(told.body).values, (value, errors)
    code, out, errors = run(s.binary, "render", "--product", BOTTLE, "--vector", "svg", "-s", f"photo=@{file}", "-o", "-")
    assert code == 0 and out.count(b"data:image/png;base64,") == 1, errors
    assert not list(s.data.glob("cordwain-pictures-*")), "the picture is left"
    line = json.dumps({"photo": {"artwork": f"@{file}", "widthUm": 45000}}).encode() + b"\n"
    wrong = json.dumps({"photo": {"artwork": f"@{s.data}/none.png"}}).encode() + b"\n"
    code, out, errors = run(s.binary, "configure", "--product", "bottle@1", stdin=line + wrong, data=s.data)
    first, second = map(json.loads, out.splitlines())
    assert code == 1 and not first["issues"] and first["options"]["photo"]["value"]["widthUm"] == 45000, (first["issues"], errors)
    assert [(fault["pointer"], fault["code"]) for fault in second["errors"]] == [("/photo/artwork", "file.not_found")], second


def what_is_no_picture_is_told(s):
    bad, svg = s.data / "bad.png", s.data / "drawing.svg"
    bad.write_bytes(pictures.plain(9, 9)[:60])
    svg.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>')
    for value, why in ((f"@{bad}", "artwork.damaged"), (f"@{svg}", "artwork.kind"), (f"@{s.data}", "file.not_found"), ("@", "file.not_found"),
                       ("0" * 32, "artwork.unknown"), (f"@{bad},1,2,3", "file.not_found")):
        code, out, errors = run(s.binary, "render", "--product", "bottle@1", "-s", f"photo={value}", "-o", s.data / "no.png", data=s.data)
        assert code == 1 and "photo: " in errors and f"[{why}]" in errors and not (s.data / "no.png").exists(), (value, code, errors)


def four_pictures_in_one_view_and_a_fifth(s):
    document = json.loads(BOTTLE.read_text())
    at = [option["id"] for option in document["options"]].index("photo")
    document["options"][at:at + 1] = [document["options"][at] | {"id": f"photo{i}"} for i in range(5)]
    document = json.loads(json.dumps(document).replace('"photo": {"present"', '"photo0": {"present"'))
    product, file, out = s.data / "five.json", s.data / "dot.png", s.data / "five.png"
    product.write_text(json.dumps(document))
    file.write_bytes(pictures.plain(40, 40, (255, 0, 0)))
    for count in (4, 5):
        picks = [word for i in range(count) for word in ("-s", f"photo{i}=@{file},{15000 * i - 30000},0,9000,0")]
        for more in (("--width", "300"), ("--vector", "pdf")):
            code, _, errors = run(s.binary, "render", "--product", product, *more, *picks, "-o", out, "--data", s.data / "five")
            assert code == (0 if count == 4 else 1) and ("render.too_many_pictures" in errors) == (count == 5), (count, more, code, errors)


def pictures_64_and_one_more(s):
    lines = []
    for i in range(65):
        file = s.data / f"limit-{i}.png"
        file.write_bytes(pictures.plain(40, 40, (i, i, i)))
        lines.append(json.dumps({"photo": {"artwork": f"@{file}", "widthUm": 5000}}).encode())
    code, out, errors = run(s.binary, "configure", "--product", "bottle@1", stdin=b"\n".join([*lines, lines[0], b""]), data=s.data)
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and len(answers) == 66 and all(answer["consistent"] for answer in answers[:64] + answers[65:]), errors
    assert [fault["code"] for fault in answers[64]["errors"]] == ["render.too_many_pictures"], answers[64]


def orders_are_shown(s):
    made = placed(s)
    code, out, _ = run(s.binary, "order", "list", "--json", data=s.data)
    assert code == 0 and json.loads(out)[0]["id"] == made["id"]
    code, out, _ = run(s.binary, "order", "list", data=s.data)
    assert code == 0 and made["number"].encode() in out
    code, out, _ = run(s.binary, "order", "show", made["id"], "--json", data=s.data)
    shown = json.loads(out)
    assert code == 0 and shown["digest"] == made["digest"] and shown["specs"][0]["id"] == made["specs"][0]["id"]
    assert shown["state"] == made["state"]
    for noun in ("order", "spec"):
        code, _, errors = run(s.binary, noun, "show", "01M00000000000000000000000", data=s.data)
        assert code == 2 and errors, (noun, code, errors)


def keys_are_made_listed_revoked(s):
    code, out, errors = run(s.binary, "key", "create", "--name", "two scopes", "--scope", "orders:read", "--scope",
                            "products:write", data=s.data)
    key = out.decode().strip()
    assert code == 0 and key.startswith("cw_live_") and "cannot be shown again" in errors
    assert s.get("/v1/orders", key=key).status == 200 and s.post("/v1/products", {}, key=key).status == 422
    code, out, _ = run(s.binary, "key", "list", "--json", data=s.data)
    row = next(row for row in json.loads(out) if row["name"] == "two scopes")
    assert code == 0 and row["scopes"] == "orders:read products:write" and not row["revoked"] and key not in out.decode()
    secret = key.split("_")[3]
    base = sqlite3.connect(f"file:{s.data / 'cordwain.db'}?mode=ro", uri=True)
    assert not any(secret in str(entry) for entry in base.execute("SELECT * FROM keys")), "the key itself is stored"
    base.close()
    assert run(s.binary, "key", "revoke", row["id"], data=s.data)[0] == 0
    assert s.get("/v1/orders", key=key).status == 401
    assert run(s.binary, "key", "revoke", "NOSUCHKEY0", data=s.data)[0] == 2
    for scope in ("nothing", "specs:pull:", "", "orders:read admin2"):
        code, _, errors = run(s.binary, "key", "create", "--name", "x", "--scope", scope, data=s.data)
        assert code == 1 and "key.scope" in errors, (scope, code, errors)
    assert run(s.binary, "key", "create", "--name", "x", "--scope", "admin", "--expires-days", "-1", data=s.data)[0] == 2


def config_is_checked_and_printed(s):
    code, out, _ = run(s.binary, "config", "check", "--listen", "127.0.0.1:0")
    assert code == 0 and b"valid" in out
    for flag, value, code_name in (("--listen", "nowhere", "config.listen"), ("--listen", "h:65536", "config.listen"),
                                   ("--workers", "65", "config.workers"), ("--base-url", "x", "config.base_url"),
                                   ("--redis", "http://x", "config.redis"), ("--access-log", "maybe", "config.access_log"),
                                   ("--data", "", "config.data")):
        code, _, errors = run(s.binary, "config", "check", flag, value)
        assert code == 1 and code_name in errors, (flag, value, code, errors)
    code, out, _ = run(s.binary, "config", "print", "--json", "--listen", "127.0.0.1:9", environment={"CORDWAIN_WORKERS": "3"})
    told = json.loads(out)
    assert code == 0 and told["listen"] == {"value": "127.0.0.1:9", "source": "flag"}
    code, out, _ = run(s.binary, "config", "print", "--json", "--rules-compile-ms", "1", "--rules-retry-ms", "0")
    assert code == 0 and json.loads(out)["rules-retry-ms"] == {"value": "0", "source": "flag"}, out
    assert told["workers"] == {"value": "3", "source": "environment"} and told["data"]["source"] == "default"
    code, out, _ = run(s.binary, "config", "print", "--limits", "--json")
    limits = {row["name"]: row["value"] for row in json.loads(out)}
    assert limits["http.body_bytes"] == 1024 * 1024 and limits["preview.max_width"] == 4096 and len(limits) > 30


CASES = (every_help_opens_with_examples, wrong_usage_is_2, product_check_is_golden, product_publish_reaches_the_server,
         configure_answers_like_the_api, render_draws_what_the_api_shows, a_file_is_a_picture, what_is_no_picture_is_told, four_pictures_in_one_view_and_a_fifth, pictures_64_and_one_more,
         orders_are_shown, keys_are_made_listed_revoked,
         config_is_checked_and_printed)
