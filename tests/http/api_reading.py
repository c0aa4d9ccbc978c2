"""Pages, health, keys, error pages, validators and methods that read."""
from server import problem


def health_and_readiness(s):
    health = s.get("/healthz").json
    assert health["status"] == "ok" and health["loop"] >= 0 and set(health) == {"status", "loop"}, health
    ready = s.get("/readyz")
    assert ready.status == 200 and ready.json["status"] == "ok" and ready.json["workers"] >= 1, ready
    assert health["loop"] < ready.json["loops"], (health, ready)


def keys_are_a_jwk_set(s):
    keys = s.get("/.well-known/cordwain/keys.json").json["keys"]
    assert keys and all(key["kty"] == "OKP" and key["crv"] == "Ed25519" and len(key["x"]) == 43 for key in keys)


def pages_are_html_with_a_policy(s):
    for path in ("/", "/products/bottle", "/orders/any", "/desk", "/docs"):
        answer = s.get(path)
        assert answer.status == 200 and answer["Content-Type"] == "text/html; charset=utf-8", (path, answer)
        assert "<!doctype html" in answer.text.lower()[:40], path
        assert "default-src 'none'" in answer["Content-Security-Policy"], path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        again = s.get(path, headers={"If-None-Match": answer["ETag"]})
        assert again.status == 304 and not again.body, (path, again)


def assets_have_types_and_validators(s):
    style = s.get("/assets/style.css")
    assert style.status == 200 and style["Content-Type"].startswith("text/css") and style["ETag"]
    assert s.get("/assets/style.css", headers={"If-None-Match": style["ETag"]}).status == 304
    assert s.get("/assets/style.css", headers={"If-None-Match": '"other"'}).status == 200
    problem(s.get("/assets/nothing.css"), 404, "page.not_found")
    for path in ("/assets/../schemas/openapi.json", "/assets/%2e%2e/README.md", "/assets//etc/passwd",
                 "/assets/..%2fREADME.md"):
        assert s.get(path).status in (400, 404), path


def unknown_paths_are_problems(s):
    for path in ("/nothing", "/v1", "/v1/", "/v1/products/", "/v2/products", "/v1/designs"):
        answer = s.get(path)
        assert answer.status in (400, 404, 405), (path, answer)
        problem(answer, answer.status, answer.json["code"])


def a_wrong_method_names_the_right_ones(s):
    for method, path, allowed in (("DELETE", "/v1/products", ("GET", "POST", "HEAD")), ("GET", "/v1/designs", ("POST",)),
                                  ("PUT", "/v1/orders/x", ("GET",)), ("POST", "/v1/specs/x/status", ("PUT",)),
                                  ("PATCH", "/healthz", ("GET",))):
        answer = s.request(method, path)
        problem(answer, 405, "http.method_not_allowed")
        assert all(name in answer["Allow"].split(", ") for name in allowed), (path, answer["Allow"])


def head_is_get_without_its_body(s):
    for path in ("/v1/products", "/v1/products/bottle", "/openapi.json", "/", "/healthz",
                 "/v1/previews/bottle@1/front.png?w=64"):
        get, head = s.get(path), s.request("HEAD", path)
        assert head.status == get.status and not head.body, (path, head)
        for name in ("Content-Type", "ETag", "Cache-Control"):
            assert head[name] == get[name], (path, name, head[name])
        if path != "/healthz":
            assert head["Content-Length"] == get["Content-Length"], path
    assert s.request("HEAD", "/v1/products/nothing").status == 404


def every_problem_type_is_a_page(s):
    answer = s.get("/v1/products/nothing")
    page = s.get(answer.json["type"])
    assert page.status == 200 and page["Content-Type"].startswith("text/html"), page
    assert "product.not_found" in page.text
    problem(s.get("/problems/no.such.code"), 404, "problem.not_found")
    assert "<script" not in s.get("/problems/%3Cscript%3E").text


def openapi_is_served(s):
    answer = s.get("/openapi.json")
    assert answer.json["openapi"].startswith("3.1") and answer["ETag"]
    assert s.get("/openapi.json", headers={"If-None-Match": answer["ETag"]}).status == 304


def every_answer_has_a_request_id(s):
    ids = {s.get(path)["X-Request-Id"] for path in ("/healthz", "/", "/nothing", "/v1/products")}
    assert len(ids) == 4 and "" not in ids, ids


CASES = (health_and_readiness, keys_are_a_jwk_set, pages_are_html_with_a_policy, assets_have_types_and_validators,
         unknown_paths_are_problems, a_wrong_method_names_the_right_ones, head_is_get_without_its_body,
         every_problem_type_is_a_page, openapi_is_served, every_answer_has_a_request_id)
