/* DIMACS CNF: what is read, and where what is wrong stands. */
#include "imported.h"

static void test_reads_clauses(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(cw_dimacs_import,
                                      "c a model\nc 1 Red\nc 3 Top \"B\"  \r\nc 1 again\nc 9 none\n"
                                      "p cnf 3 3\n1 -2\n 3 0 -3 0\n\t2 0\n",
                                      arena);
    assert_value(arena, d, "/id", "\"model\"");
    assert_value(arena, d, "/rulesOnly", "true");
    assert_int_equal(json_array_size(json_object_get(d, "options")), 3);
    assert_value(arena, d, "/options/0",
                 "{\"id\":\"v1\",\"kind\":\"flag\",\"title\":{\"en\":\"Red\"}}");
    assert_value(arena, d, "/options/1/title/en", "\"Variable 2\"");
    assert_value(arena, d, "/options/2/title/en", "\"Top \\\"B\\\"\"");
    assert_int_equal(json_array_size(json_object_get(d, "rules")), 3);
    assert_value(arena, d, "/rules/0/expr",
                 "{\"any\":[{\"v1\":true},{\"v2\":false},{\"v3\":true}]}");
    assert_value(arena, d, "/rules/0/message/en", "\"Red or not Variable 2 or Top \\\"B\\\"\"");
    assert_value(arena, d, "/rules/1/expr", "{\"v3\":false}");
    assert_value(arena, d, "/rules/2/id", "\"c3\"");
}

static void test_reads_corners(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *none = assert_imported(cw_dimacs_import, "p cnf 1 0", arena);
    assert_int_equal(json_array_size(json_object_get(none, "rules")), 0);
    const json_t *empty = assert_imported(cw_dimacs_import, "p  cnf\t1 1 \n0", arena);
    assert_value(arena, empty, "/rules/0/expr", "{\"all\":[{\"v1\":true},{\"v1\":false}]}");
    const json_t *twice = assert_imported(cw_dimacs_import, "p cnf 1 1\n1 1 -1 0\n", arena);
    assert_value(arena, twice, "/rules/0/expr",
                 "{\"any\":[{\"v1\":true},{\"v1\":true},{\"v1\":false}]}");
}

static void test_names_the_place(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"", "dimacs.header", "line 1, column 1: there is no header"},
        {"c only\n", "dimacs.header", "line 2, column 1: there is no header"},
        {"1 0\n", "dimacs.header", "line 1, column 1: there is a clause before"},
        {"p cnf 2 1\np cnf 2 1\n1 0\n", "dimacs.header", "line 2, column 1: there is a second"},
        {"p sat 2 1\n", "dimacs.header", "line 1, column 3: the header does not say"},
        {"p cnfx 2 1\n", "dimacs.header", "line 1, column 3: the header does not say"},
        {"p cnf x 1\n", "dimacs.header",
         "line 1, column 7: the header does not tell the number of v"},
        {"p cnf 2\n", "dimacs.header",
         "line 1, column 8: the header does not tell the number of c"},
        {"p cnf 2 -1\n", "dimacs.header",
         "line 1, column 9: the header does not tell the number of c"},
        {"p cnf 2 1 7\n", "dimacs.header", "line 1, column 11: something stands behind"},
        {"p cnf 0 0\n", "exchange.empty", "line 1, column 7: "},
        {"p cnf 2 2\n1 0\n", "dimacs.counts",
         "line 1, column 9: the header says 2 clauses, the file has 1"},
        {"p cnf 2 1\n1 0\n2 0\n", "dimacs.counts",
         "line 1, column 9: the header says 1 clauses, the file has 2"},
        {"p cnf 2 1\n1 -3 0\n", "dimacs.variable",
         "line 2, column 3: the header says 2 variables, this is variable 3"},
        {"p cnf 2 1\n1 99999999999999999999 0\n", "dimacs.variable",
         "line 2, column 3: the header says 2 variables, this is more than 2147483647"},
        {"p cnf 2 2\n1 0\n 2 1\n", "dimacs.clause_open", "line 3, column 2: "},
        {"p cnf 2 1\n1 two 0\n", "dimacs.token", "line 2, column 3: this is no number"},
        {"p cnf 2 1\n1 2- 0\n", "dimacs.token", "line 2, column 3: "},
        {"p cnf 2 1\n+1 0\n", "dimacs.token", "line 2, column 1: "},
        {"p cnf 2 1\n1 -0\n", "dimacs.token", "line 2, column 3: "},
        {"p cnf 2 1\n01 0\n", "dimacs.token", "line 2, column 1: "},
        {"p cnf 2 1\n1 0\n%\n0\n", "dimacs.token", "line 3, column 1: '%' is no number"},
        {"p cnf 2 1\n1 0 c end\n", "dimacs.token", "line 2, column 5: "},
        {"p cnf 2 1\ncomment\n1 0\n", "dimacs.token", "line 2, column 1: "},
        {"c\nc 1 \xc3\xa4\xff\np cnf 1 0\n", "exchange.encoding", "line 2, column 7: "},
    };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cw_dimacs_import, &cases[i], arena);
}

static void test_tells_every_variable_out_of_range(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    CW_AUTO_BUF struct cw_buf buf = {0};
    static const char text[] = "p cnf 1 2\n2 0\n-3 1 0\n";
    struct cw_exchange_source source = {"m", text, strlen(text)};
    assert_int_equal(cw_dimacs_import(&source, &buf, &faults, NULL), CW_E_INPUT);
    assert_int_equal(faults.count, 2);
}

static enum cw_status import_sized(struct cw_arena *arena, long vars, long clauses) {
    struct cw_faults faults = {.arena = arena};
    CW_AUTO_BUF struct cw_buf text = {0};
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&text, "p cnf %ld %ld\n", vars, clauses);
    for (long c = 0; c < clauses; c++)
        cw_buf_puts(&text, "1 0\n");
    struct cw_exchange_source source = {"m", text.data, text.length};
    return cw_dimacs_import(&source, &buf, &faults, NULL);
}

static void test_limits(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_int_equal(import_sized(arena, CW_MAX_OPTIONS, 1), CW_OK);
    assert_int_equal(import_sized(arena, CW_MAX_OPTIONS + 1, 1), CW_E_LIMIT);
    assert_int_equal(import_sized(arena, 1, CW_MAX_RULES + 1), CW_E_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_clauses),
        cmocka_unit_test(test_reads_corners),
        cmocka_unit_test(test_names_the_place),
        cmocka_unit_test(test_tells_every_variable_out_of_range),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("exchange/dimacs", tests, NULL, NULL);
}
