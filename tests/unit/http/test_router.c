/* Patterns, precedence, captures, methods. */
#include "split.h"

#include "http/router.h"

static void handler(struct cw_request *req) {
    (void)req;
}

#define ROUTE(method, pattern)                                                                     \
    { method, pattern, handler, 0, NULL, 0 }
static const struct cw_route routes[] = {
    ROUTE("GET", "/{page*}"),
    ROUTE("GET", "/"),
    ROUTE("GET", "/v1/products/{id}"),
    ROUTE("GET", "/v1/products/{id}@{version}"),
    ROUTE("GET", "/v1/products/latest"),
    ROUTE("POST", "/v1/products/{id}/configure"),
    ROUTE("PUT", "/v1/products/{id}/configure"),
    ROUTE("GET", "/v1/previews/{product}@{version}/{view}.{format}"),
    ROUTE("GET", "/v1/files/v{number}.txt"),
    ROUTE("OPTIONS", "/v1/own"),
    ROUTE("HEAD", "/v1/own"),
    ROUTE("GET", "/v1/own"),
    ROUTE("DELETE", "/x/{a}/{b*}"),
};

/* method, path → pattern (or error code, or "405 Allow"), captures as "name=value,…" */
static const struct {
    const char *method, *path, *wanted, *captures;
} cases[] = {
    {"GET", "/", "/", ""},
    {"GET", "/about", "/{page*}", "page=about"},
    {"GET", "/a/b%2fc/d", "/{page*}", "page=a/b/c/d"},
    {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", "/{page*}",
     "page=a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r"},
    {"GET", "/v1/products/x", "/v1/products/{id}", "id=x"},
    {"HEAD", "/v1/products/x", "/v1/products/{id}", "id=x"},
    {"GET", "/v1/%70roducts/x", "/v1/products/{id}", "id=x"},
    {"GET", "/v1/products/x@1@2", "/v1/products/{id}@{version}", "id=x@1,version=2"},
    {"GET", "/v1/products/x%401", "/v1/products/{id}@{version}", "id=x,version=1"},
    {"GET", "/v1/products/@1", "/v1/products/{id}", "id=@1"},
    {"GET", "/v1/products/x@", "/v1/products/{id}", "id=x@"},
    {"GET", "/v1/products/latest", "/v1/products/latest", ""},
    {"GET", "/v1/products/a+b%20c", "/v1/products/{id}", "id=a+b c"},
    {"GET", "/v1/previews/p@1/top.left.webp", "/v1/previews/{product}@{version}/{view}.{format}",
     "product=p,version=1,view=top.left,format=webp"},
    {"GET", "/v1/files/v12.txt", "/v1/files/v{number}.txt", "number=12"},
    {"GET", "/v1/files/v.txt", "/{page*}", "page=v1/files/v.txt"},
    {"POST", "/v1/products/x/configure", "/v1/products/{id}/configure", "id=x"},
    {"GET", "/v1/products/x/configure", "405 POST, PUT, OPTIONS", ""},
    {"OPTIONS", "/v1/products/x", "405 GET, HEAD, OPTIONS", ""},
    {"OPTIONS", "/v1/own", "/v1/own", ""},
    {"POST", "/v1/own", "405 OPTIONS, HEAD, GET", ""},
    {"DELETE", "/x/1/2/3", "/x/{a}/{b*}", "a=1,b=2/3"},
    {"DELETE", "/x/1/", "405 GET, HEAD, OPTIONS", ""},
    {"GET", "//", "http.path", ""},
    {"GET", "/a//b", "http.path", ""},
    {"GET", "/a/%2fb", "http.path", ""},
    {"GET", "/a/b/", "/{page*}", "page=a/b/"},
    {"GET", "/v1/products/a%2fb", "http.path", ""},
    {"GET", "/v1/products/.", "http.path", ""},
    {"GET", "/v1/products/%2e%2E", "http.path", ""},
    {"GET", "/a/../b", "http.path", ""},
    {"GET", "/a/%2e%2e%2fb", "http.path", ""},
    {"GET", "/v1/products/%", "http.percent_encoding", ""},
    {"GET", "/v1/products/%1", "http.percent_encoding", ""},
    {"GET", "/v1/products/%00", "http.percent_encoding", ""},
    {"GET", "/v1/products/%c3%28", "http.percent_encoding", ""},
    {"GET", "*", "http.not_found", ""},
};

static const char *captures_text(struct cw_arena *arena, const struct cw_router_match *match) {
    const char *text = "";
    for (size_t i = 0; i < match->capture_count; i++)
        text = cw_arena_printf(arena, "%s%s%s=%s", text, i > 0 ? "," : "", match->captures[i].name,
                               match->captures[i].value);
    return text;
}

static void cases_find_their_route(void **state) {
    (void)state;
    struct cw_router *router = NULL;
    assert_int_equal(cw_router_new(routes, sizeof routes / sizeof routes[0], &router, NULL), CW_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_router_match match = {0};
        struct cw_error error = {0};
        const struct cw_router_ask ask = {cases[i].method, cases[i].path};
        enum cw_status status = cw_router_find(router, arena, &ask, &match, &error);
        const char *found = status != CW_OK       ? error.code
                            : match.route != NULL ? match.route->pattern
                                                  : cw_arena_printf(arena, "405 %s", match.allow);
        if (strcmp(found, cases[i].wanted) != 0)
            fail_msg("%s %s: '%s', wanted '%s'", cases[i].method, cases[i].path, found,
                     cases[i].wanted);
        if (status == CW_OK && match.route != NULL)
            assert_string_equal(captures_text(arena, &match), cases[i].captures);
    }
    cw_router_free(router);
}

static void bad_patterns_are_bugs(void **state) {
    (void)state;
    static const struct cw_route bad[] = {
        ROUTE("GET", "v1"),      ROUTE("GET", "/{a}{b}"), ROUTE("GET", "/{a}.{b}.{c}"),
        ROUTE("GET", "/{a*}/b"), ROUTE("GET", "/x{a*}"),  {"GET", "/", NULL, 0, NULL, 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cw_router *router = NULL;
        struct cw_error error = {0};
        assert_int_equal(cw_router_new(&bad[i], 1, &router, &error), CW_E_BUG);
        assert_string_equal(error.code, "http.route");
        assert_null(router);
    }
    static const struct cw_route twice[] = {ROUTE("GET", "/a"), ROUTE("PUT", "/a"),
                                            ROUTE("GET", "/a")};
    struct cw_router *router = NULL;
    assert_int_equal(cw_router_new(twice, 3, &router, NULL), CW_E_BUG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_find_their_route),
        cmocka_unit_test(bad_patterns_are_bugs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
