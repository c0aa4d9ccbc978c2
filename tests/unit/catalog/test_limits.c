/*
 * Responsible for: documents of the largest sizes there may be, and one above; and what a document
 * with rules only needs.
 */
#include "mini.h"

#include "base/bytes.h"

#define HEAD                                                                                       \
    "{\"format\":\"cordwain-product/1\",\"rulesOnly\":true,\"id\":\"big\",\"version\":\"1\","      \
    "\"title\":{\"en\":\"B\"},\"locales\":[\"en\"],"
#define TEXT "{\"en\":\"t\"}"
#define FLAG "{\"id\":\"%s%zu\",\"kind\":\"flag\",\"title\":" TEXT "}"

/* Items of one list: each `format` takes the prefix and its number. */
struct list {
    const char *before, *format, *prefix;
    size_t count;
    const char *after;
};

static void put_list(struct cw_buf *buf, const struct list *list) {
    cw_buf_puts(buf, list->before);
    for (size_t i = 0; i < list->count; i++) {
        char item[256];
        snprintf(item, sizeof item, list->format, list->prefix, i);
        cw_buf_puts(buf, i ? "," : "");
        cw_buf_puts(buf, item);
    }
    cw_buf_puts(buf, list->after);
}

/* NULL when it was refused, with the first fault in `faults`. */
static struct cw_snapshot *load(const struct cw_buf *buf, struct cw_faults *faults) {
    struct cw_snapshot *snapshot = NULL;
    struct cw_error err = {0};
    struct cw_product_source source = {buf->data, buf->length, NULL, cw_schema_check_product};
    enum cw_status status = cw_product_load(&source, faults, &snapshot, &err);
    assert_true((status == CW_OK) == (snapshot != NULL));
    return snapshot;
}

static struct cw_snapshot *load_list(struct cw_arena *arena, struct list list, size_t count,
                                     struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    *faults = (struct cw_faults){.arena = arena};
    list.count = count;
    put_list(&buf, &list);
    return load(&buf, faults);
}

#define TWO_FLAGS                                                                                  \
    "\"options\":[{\"id\":\"a\",\"kind\":\"flag\",\"title\":" TEXT                                 \
    "},{\"id\":\"b\",\"kind\":\"flag\",\"title\":" TEXT "}],"
#define FORMULA "{\"id\":\"r\",\"kind\":\"formula\",\"message\":" TEXT ",\"expr\":"

static const struct {
    struct list list;
    size_t limit;
    const char *at;
} limits[] = {
    {{HEAD "\"rules\":[],\"options\":[", FLAG, "v", 0, "]}"}, CW_MAX_OPTIONS, "/options"},
    {{HEAD TWO_FLAGS "\"rules\":[" FORMULA "{\"all\":[", "{\"a\":true}", "", 0, "]}}]}"},
     CW_MAX_RULE_CONDITIONS,
     "/rules/0/expr/all"},
    {{HEAD TWO_FLAGS "\"rules\":[" FORMULA "{\"any\":[", "{\"a\":true}", "", 0, "]}}]}"},
     CW_MAX_RULE_CONDITIONS,
     "/rules/0/expr/any"},
    {{HEAD TWO_FLAGS "\"rules\":[{\"id\":\"r\",\"kind\":\"cardinality\",\"message\":" TEXT
                     ",\"max\":4096,\"of\":[",
      "{\"a\":true}", "", 0, "]}]}"},
     CW_MAX_RULE_CONDITIONS,
     "/rules/0/of"},
    {{HEAD TWO_FLAGS "\"rules\":[],\"overlays\":[",
      "{\"id\":\"%s%zu\",\"title\":" TEXT ",\"unavailable\":{\"a\":true}}", "o", 0, "]}"},
     CW_MAX_OVERLAYS,
     "/overlays"},
    {{HEAD TWO_FLAGS "\"rules\":[],\"tests\":[",
      "{\"id\":\"%s%zu\",\"select\":{},\"expect\":\"valid\"}", "t", 0, "]}"},
     CW_MAX_TESTS,
     "/tests"},
    {{HEAD TWO_FLAGS "\"rules\":[{\"id\":\"r\",\"kind\":\"allowedCombinations\",\"message\":" TEXT
                     ",\"options\":[\"a\"],\"rows\":[",
      "[true]", "", 0, "]}]}"},
     CW_MAX_TABLE_ROWS,
     "/rules/0/rows"},
};

static void lists_end_at_their_limit(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_faults faults;
        CW_AUTO_SNAPSHOT struct cw_snapshot *full =
            load_list(arena, limits[i].list, limits[i].limit, &faults);
        if (!full)
            fail_msg("%s: %zu are refused: %s", limits[i].at, limits[i].limit,
                     faults.items[0].message);
        assert_null(load_list(arena, limits[i].list, limits[i].limit + 1, &faults));
        assert_string_equal(faults.items[0].code, "schema.maxItems");
        assert_string_equal(faults.items[0].pointer, limits[i].at);
    }
}

static void as_many_rules_as_there_may_be(void **state) {
    (void)state;
    static const struct list rules = {HEAD TWO_FLAGS "\"rules\":[",
                                      "{\"id\":\"%s%zu\",\"kind\":\"formula\",\"message\":" TEXT
                                      ",\"expr\":{\"a\":true}}",
                                      "r", 0, "]}"};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults;
    CW_AUTO_SNAPSHOT struct cw_snapshot *full = load_list(arena, rules, CW_MAX_RULES, &faults);
    assert_non_null(full);
    assert_int_equal(cw_snapshot_product(full)->rule_count, CW_MAX_RULES);
    assert_null(load_list(arena, rules, CW_MAX_RULES + 1, &faults));
    assert_string_equal(faults.items[0].code, "schema.maxItems");
    assert_string_equal(faults.items[0].pointer, "/rules");
}

/* A chain of activeIf as long as the document may be is no circle, and closing it is one. */
static void long_chains(void **state) {
    (void)state;
    for (size_t closed = 0; closed < 2; closed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_faults faults = {.arena = arena};
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_buf_puts(&buf, HEAD "\"rules\":[],\"options\":[");
        for (size_t i = 0; i < CW_MAX_OPTIONS; i++) {
            cw_buf_printf(&buf, "%s{\"id\":\"v%zu\",\"kind\":\"flag\",\"title\":" TEXT,
                          i ? "," : "", i);
            if (i + 1 < CW_MAX_OPTIONS || closed)
                cw_buf_printf(&buf, ",\"activeIf\":{\"v%zu\":true}", (i + 1) % CW_MAX_OPTIONS);
            cw_buf_puts(&buf, "}");
        }
        cw_buf_puts(&buf, "]}");
        CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = load(&buf, &faults);
        assert_true((snapshot == NULL) == closed);
        assert_int_equal(faults.count + faults.dropped, closed ? CW_MAX_OPTIONS : 0);
        if (closed)
            assert_string_equal(faults.items[0].code, "cycle.active");
    }
}

static void rules_only_needs_little_and_forbids_much(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, HEAD TWO_FLAGS "\"rules\":[]}");
    CW_AUTO_SNAPSHOT struct cw_snapshot *small = load(&buf, &faults);
    assert_true(small && cw_snapshot_product(small)->rules_only);

    static const char *const forbidden[] = {"art",      "views",       "parts",
                                            "surfaces", "patternUses", "manufacturing"};
    json_t *whole = mini_document(arena);
    json_object_set_new(whole, "rulesOnly", json_true());
    CW_AUTO_SNAPSHOT struct cw_snapshot *never = NULL;
    assert_int_equal(mini_load(arena, whole, &faults, &never, &err), CW_E_INPUT);
    assert_int_equal(faults.count, 6);
    for (size_t i = 0; i < faults.count; i++) {
        assert_string_equal(faults.items[i].code, "schema.false");
        bool known = false;
        for (size_t f = 0; f < 6; f++)
            known |= strcmp(faults.items[i].pointer + 1, forbidden[f]) == 0;
        assert_true(known);
    }
    json_object_del(whole, "rulesOnly");
    json_object_del(whole, "art");
    err = (struct cw_error){0};
    assert_int_equal(mini_load(arena, whole, &faults, &never, &err), CW_E_INPUT);
    assert_string_equal(faults.items[0].code, "schema.required");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_end_at_their_limit),
        cmocka_unit_test(as_many_rules_as_there_may_be),
        cmocka_unit_test(long_chains),
        cmocka_unit_test(rules_only_needs_little_and_forbids_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
