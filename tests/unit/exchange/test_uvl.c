/* UVL: what features, groups and constraints become, and where what is wrong stands. */
#include "imported.h"

#define GROUPS                                                                                     \
    "namespace \"Sandwich shop\"\nfeatures\n\tS {abstract}\n"                                      \
    "\t\tmandatory\n\t\t\tBread\n\t\t\t\talternative\n\t\t\t\t\t\"Full Grain\"\n\t\t\t\t\tFlat\n"  \
    "\t\toptional\n\t\t\tSauce\n\t\t\t\tor\n\t\t\t\t\tKetchup\n\t\t\t\t\tMustard\n"                \
    "\t\t[1..2]\n\t\t\tA\n\t\t\tB\n\t\t\tC\n"

static void test_reads_groups(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(cw_uvl_import, GROUPS, arena);
    assert_value(arena, d, "/id", "\"sandwich-shop\"");
    assert_value(arena, d, "/title/en", "\"Sandwich shop\"");
    assert_int_equal(json_array_size(json_object_get(d, "options")), 9);
    assert_value(arena, d, "/options/0",
                 "{\"default\":true,\"id\":\"s\",\"kind\":\"flag\",\"title\":{\"en\":\"S\"}}");
    assert_value(
        arena, d, "/options/1",
        "{\"default\":true,\"id\":\"bread\",\"kind\":\"flag\",\"title\":{\"en\":\"Bread\"}}");
    assert_value(arena, d, "/options/2",
                 "{\"choices\":[{\"id\":\"full-grain\",\"title\":{"
                 "\"en\":\"Full Grain\"}},{\"id\":\"flat\",\"title\":{\"en\":\"Flat\"}}],"
                 "\"default\":\"full-grain\",\"id\":\"bread.choice\",\"kind\":\"choice\","
                 "\"title\":{\"en\":\"Bread\"}}");
    assert_value(arena, d, "/options/4/activeIf", "{\"sauce\":true}");
    assert_int_equal(json_array_size(json_object_get(d, "rules")), 4);
    assert_value(arena, d, "/rules/0/expr", "{\"s\":true}");
    assert_value(arena, d, "/rules/1",
                 "{\"expr\":{\"bread\":true},\"id\":\"bread.mandatory\",\"kind\":\"formula\","
                 "\"message\":{\"en\":\"S always has Bread\"}}");
    assert_value(
        arena, d, "/rules/2",
        "{\"id\":\"s.group3\",\"kind\":\"cardinality\",\"max\":2,\"message\":{\"en\":"
        "\"S: at least 1 and at most 2 of A, B, C\"},\"min\":1,\"of\":[{\"a\":true},{\"b\":"
        "true},{\"c\":true},{\"not\":{\"s\":true}}]}");
    assert_value(arena, d, "/rules/3",
                 "{\"id\":\"sauce.group\",\"if\":{\"sauce\":true},\"kind\":\"requires\","
                 "\"message\":{\"en\":\"Sauce: at least 1 of Ketchup, Mustard\"},\"then\":{\"any\":"
                 "[{\"ketchup\":true},{\"mustard\":true}]}}");
}

/* A number alone within a condition is a range; away it counts 0. */
static void test_reads_ranges(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(
        cw_uvl_import,
        "features\n R\n  mandatory\n   Integer M {min 0, max 9}\n  optional\n"
        "   Integer N {min -4, max 4}\n   A\nconstraints\n"
        " A => M >= 3\n A => -2 * M < -5\n A => N <= 2\n A => N < 0\n A | N == 1\n !(A & N != 1)\n",
        arena);
    static const char *const then[] = {
        "{\"not\":{\"m.number\":{\"lte\":2}}}",
        "{\"m.number\":{\"gte\":3}}",
        "{\"any\":[{\"not\":{\"n\":true}},{\"n.number\":{\"lte\":2}}]}",
        "{\"n.number\":{\"lte\":-1}}",
    };
    for (size_t i = 0; i < sizeof then / sizeof *then; i++)
        assert_value(arena, d, cw_arena_printf(arena, "/rules/%zu/then", i + 2), then[i]);
    const char *one = "{\"all\":[{\"any\":[{\"not\":{\"n\":true}},{\"n.number\":{\"lte\":1}}]},"
                      "{\"not\":{\"any\":[{\"not\":{\"n\":true}},{\"n.number\":{\"lte\":0}}]}}]}";
    assert_value(arena, d, "/rules/6/expr",
                 cw_arena_printf(arena, "{\"any\":[{\"a\":true},%s]}", one));
    assert_value(arena, d, "/rules/7/expr",
                 cw_arena_printf(arena, "{\"any\":[{\"not\":{\"a\":true}},%s]}", one));
    assert_int_equal(json_array_size(json_object_get(d, "options")), 6); /* no helpers */
}

/* Below what may be away a mandatory feature is away with it, and preferred otherwise. */
static void test_reads_mandatory_below_optional(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(
        cw_uvl_import,
        "features\n R\n  optional\n   A\n    mandatory\n     B\n      mandatory\n       C\n",
        arena);
    assert_value(arena, d, "/options/1",
                 "{\"id\":\"a\",\"kind\":\"flag\",\"title\":{\"en\":\"A\"}}");
    assert_value(arena, d, "/options/2",
                 "{\"activeIf\":{\"a\":true},\"default\":true,\"id\":\"b\",\"kind\":\"flag\","
                 "\"title\":{\"en\":\"B\"}}");
    assert_value(arena, d, "/options/3/activeIf", "{\"b\":true}");
    assert_value(arena, d, "/rules/1",
                 "{\"id\":\"b.mandatory\",\"if\":{\"a\":true},\"kind\":\"requires\","
                 "\"message\":{\"en\":\"A always has B\"},\"then\":{\"b\":true}}");
}

/* The rule of one constraint over the features A, B, C, D. */
static void assert_rule(const char *constraint, const char *pointer, const char *expected) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *text = cw_arena_printf(arena,
                                       "features\n  R\n    optional\n      A\n      B\n      C\n"
                                       "      D\nconstraints\n  %s\n",
                                       constraint);
    const json_t *d = assert_imported(cw_uvl_import, text, arena);
    assert_value(arena, d, "/rules/1/message/en", cw_arena_printf(arena, "\"%s\"", constraint));
    assert_value(arena, d, pointer, expected);
}

static void test_reads_constraints(void **state) {
    (void)state;
#define T(f) "{\"" f "\":true}"
#define F(f) "{\"not\":" T(f) "}"
    assert_rule("A", "/rules/1/expr", T("a"));
    assert_rule("!!!A", "/rules/1/expr", F("a"));
    assert_rule("A | B & C", "/rules/1/expr",
                "{\"any\":[" T("a") ",{\"all\":[" T("b") "," T("c") "]}]}");
    assert_rule("(A | B) & C & D", "/rules/1/expr",
                "{\"all\":[{\"any\":[" T("a") "," T("b") "]}," T("c") "," T("d") "]}");
    assert_rule("A => B | C", "/rules/1/if", T("a"));
    assert_rule("A => B | C", "/rules/1/then", "{\"any\":[" T("b") "," T("c") "]}");
    /* left-associative: (A => B) => C, and <=> is looser than => */
    assert_rule("A => B => C", "/rules/1/if", "{\"any\":[" F("a") "," T("b") "]}");
    assert_rule("A => B <=> C", "/rules/1/left", "{\"any\":[" F("a") "," T("b") "]}");
    assert_rule("A => B <=> C", "/rules/1/right", T("c"));
    /* nested lists of one kind are one list */
    assert_rule("!(A & (B & !C)) | (!D | (A => B))", "/rules/1/expr",
                "{\"any\":[" F("a") "," F("b") "," T("c") "," F("d") "," F("a") "," T("b") "]}");
    assert_rule("A | (B <=> C)", "/rules/1/expr",
                "{\"any\":[" T("a") ",{\"any\":[{\"all\":[" T("b") "," T("c") "]},{\"all\":[" F(
                    "b") "," F("c") "]}]}]}");
    assert_rule("A & !(B <=> C)", "/rules/1/expr",
                "{\"all\":[" T("a") ",{\"any\":[{\"all\":[" T("b") "," F("c") "]},{\"all\":[" F(
                    "b") "," T("c") "]}]}]}");
#undef T
#undef F
}

static void test_names_ids(void **state) {
    (void)state;
    static const char *const expected[] = {"all-f", "a-b", "a-b-2", "f-3d", "f", "n_x_y", "f-2"};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(
        cw_uvl_import,
        "features\n All\n  optional\n   \"A b\"\n   \"A-b\"\n   \"3D\"\n   \"/\"\n"
        "   N__x_y\n   \"*\"\n   \"a very long name of a feature which nobody would like\"\n",
        arena);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(
            json_string_value(cw_json_at(d, cw_arena_printf(arena, "/options/%zu/id", i))),
            expected[i]);
    assert_value(arena, d, "/options/7/id", "\"a-very-long-name-of-a-feature-which-nob\"");
    assert_value(arena, d, "/options/4/title/en", "\"/\"");
}

static void test_names_the_place(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"", "exchange.empty", "line 1, column 1: "},
        {"namespace x\n", "exchange.empty", "line 2, column 1: "},
        {"feature\n a\n", "uvl.syntax", "line 1, column 1: expected namespace"},
        {"features\n", "uvl.syntax", "line 2, column 1: expected the root feature"},
        {"features\n a\n b\n", "uvl.syntax", "line 3, column 2: expected the end of the features"},
        {"features\n a\n  b\n", "uvl.syntax", "line 3, column 3: expected or, alternative"},
        {"features\n a\n  or\n", "uvl.syntax", "line 4, column 1: expected a feature below"},
        {"features\n a\n  or\n   b\n  c\n", "uvl.syntax", "line 5, column 3: expected or"},
        {"features\n a\n    or\n     b\n   c\n", "uvl.indent", "line 5, column 4: "},
        {"features\n a\n  [2..1]\n   b\n", "uvl.cardinality", "line 3, column 3: "},
        {"features\n a\n  [1.5]\n   b\n", "uvl.syntax", "line 3, column 4: expected a whole"},
        {"features\n a\n  or\n   a\n", "uvl.duplicate", "line 4, column 4: there are two feat"},
        {"features\n a {b 1, b 2}\n", "uvl.duplicate", "line 2, column 10: the feature has two"},
        {"features\n a {b 1 c}\n", "uvl.syntax", "line 2, column 9: expected ',' or '}'"},
        {"features\n a {b ]}\n", "uvl.syntax", "line 2, column 7: expected a value, found ']'"},
        {"features\n or\n", "uvl.name", "line 2, column 2: this is a word"},
        {"features\n \"a.b\"\n", "uvl.name", "line 2, column 2: a name is not empty"},
        {"features\n \"\"\n", "uvl.name", "line 2, column 2: a name is not empty"},
        {"features\n \"a\n", "uvl.token", "line 2, column 2: the quote is not closed"},
        {"features\n a /* b\n", "uvl.token", "line 2, column 4: the comment does not end"},
        {"features\n a $\n", "uvl.token", "line 2, column 4: this character"},
        {"imports\n x\nfeatures\n a\n", "uvl.import", "line 1, column 1: models of several"},
        {"features\n a.b\n", "uvl.import", "line 2, column 3: features of other"},
        {"features\n String a\n", "uvl.type", "line 2, column 9: "},
        {"features\n Real a\n", "uvl.type", "line 2, column 7: "},
        {"features\n a cardinality [2..x]\n", "uvl.syntax", "line 2, column 20: expected a whole"},
        {"features\n a\nconstraints\n b\n", "uvl.unknown", "line 4, column 2: there is no feat"},
        {"features\n a\nconstraints\n a => (a\n", "uvl.syntax", "line 5, column 1: expected ')'"},
        {"features\n a\nconstraints\n a =>\n", "uvl.syntax", "line 4, column 6: expected a feat"},
        {"features\n a\nconstraints\n a a\n", "uvl.syntax", "line 4, column 4: expected the end"},
        {"features\n a {c}\nconstraints\n a.c\n", "uvl.constraint", "line 4, column 2: an attr"},
        {"features\n a\nconstraints\n 3\n", "uvl.constraint", "line 4, column 2: this is neither"},
        {"features\n Integer a\n", "uvl.type", "line 2, column 10: this Integer has no least"},
        {"features\n Integer a {min 3, max 1}\n", "uvl.type", "line 2, column 10: the values"},
        {"features\n Integer a {min 3.5, max 9}\n", "uvl.type", "line 2, column 13: min, max"},
        {"features\n a\n  or\n   b cardinality [0..2]\n", "uvl.cardinality", "line 4, column 4: "},
        {"features\n a\nconstraints\n a + 1 > 1\n", "uvl.constraint", "line 4, column 2: a feat"},
        {"features\n a {c 1}\nconstraints\n a.c * a.c > 1\n", "uvl.constraint",
         "line 4, column 6: this multiplies"},
        {"features\n a {c 1}\nconstraints\n 1 / a.c > 1\n", "uvl.constraint",
         "line 4, column 4: this divides by what"},
        {"features\n a {c 1}\nconstraints\n a.c / 0 > 1\n", "uvl.constraint",
         "line 4, column 6: this divides by 0"},
        {"features\n a {c 'x'}\nconstraints\n a.c == 'x'\n", "uvl.constraint",
         "line 4, column 2: the attribute is not a number"},
        {"features\n a\nconstraints\n a.c > 1\n", "uvl.unknown",
         "line 4, column 2: feature 'a' has"},
        {"features\n a\nconstraints\n sum(c) > 1\n", "uvl.unknown", "line 4, column 2: no feature"},
        {"features\n a\n  optional\n   b {c 1}\nconstraints\n avg(c) > 1\n", "uvl.constraint",
         "line 6, column 2: the average may be"},
        {"features\n a {c 3000000000}\nconstraints\n a.c > 1\n", "uvl.constraint",
         "line 4, column 6: the numbers are too large"},
        {"features\n a \xff\n", "exchange.encoding", "line 2, column 4: "},
    };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cw_uvl_import, &cases[i], arena);
}

static void test_reads_arithmetic(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(
        cw_uvl_import,
        "features\n R {w 2.5}\n  mandatory\n   Integer M {min 4, max 64, step 4, p 3}\n"
        "  optional\n   D {p 120, w 0.5}\n   S {p -200.25, w 3}\n   C cardinality [1..4] {p 7}\n"
        "constraints\n sum(p) < 300.5\n sum(R, w) <= 3 & M >= 10\n avg(w) > 2\n"
        " D => D.p + 2 * M - 1 >= -(100 / 3)\n M != 12\n 1 < 2\n 2 + D.p < 2 + D.p\n",
        arena);
    assert_value(arena, d, "/options/2",
                 "{\"attributes\":{\"k3\":1,\"k5\":6,\"k6\":6,\"k7\":1},"
                 "\"default\":4,\"id\":\"m.number\",\"kind\":\"number\",\"max\":64,\"min\":4,"
                 "\"step\":4,\"title\":{\"en\":\"M\"}}");
    assert_value(arena, d, "/options/4/attributes", "{\"k1\":-801,\"k2\":6,\"k4\":2}");
    assert_value(arena, d, "/options/6/attributes", "{\"k1\":28}");
    assert_value(arena, d, "/options/6/max", "4");
    assert_value(
        arena, d, "/rules/2",
        "{\"attribute\":\"k1\",\"id\":\"k1\",\"kind\":\"sum\",\"message\":{\"en\":\"sum(p) < "
        "300.5\"},\"of\":[\"m\",\"d\",\"s\",\"c.number\"],\"op\":\"<\",\"value\":1202}");
    assert_value(arena, d, "/rules/4/of", "[\"m.number\"]");
    assert_value(arena, d, "/rules/4/value", "10");
    assert_value(arena, d, "/rules/5/value", "0"); /* avg: 1 r - 3 d + 2 s > 0, in halves */
    assert_value(arena, d, "/options/0/attributes", "{\"k2\":5,\"k4\":1}");
    assert_value(arena, d, "/rules/8/then", "{\"sum.at-most5\":false}");
    assert_value(arena, d, "/rules/6/value", "744"); /* 6 m + 360 d + 842 h <= -98 + 842 */
    assert_value(arena, d, "/rules/10/expr", "{\"r\":true}");
    assert_value(arena, d, "/rules/11/expr", "{\"not\":{\"r\":true}}");
}

/* "! ( ! ( … a …" : refused by depth, not by the stack. */
static void test_depth(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const repeated[] = {"!", "(", "-"};
    for (size_t i = 0; i < 3; i++) {
        CW_AUTO_BUF struct cw_buf text = {0};
        cw_buf_puts(&text, "features\n a\nconstraints\n ");
        for (size_t n = 0; n < 100000; n++)
            cw_buf_puts(&text, repeated[i]);
        struct refused refused = {text.data, "uvl.too_deep", "line 4, column "};
        assert_refused(cw_uvl_import, &refused, arena);
    }
    CW_AUTO_BUF struct cw_buf chain = {0}; /* a long chain is not deep */
    cw_buf_puts(&chain, "features\n a\nconstraints\n a");
    for (size_t n = 0; n < 4000; n++)
        cw_buf_puts(&chain, " | a");
    const json_t *d = assert_imported(cw_uvl_import, chain.data, arena);
    assert_int_equal(json_array_size(cw_json_at(d, "/rules/1/expr/any")), 4001);
}

/* Sixteen lists and what joins them are CW_UVL_CONDITIONS with `extra` 0, counted when written out.
 */
static const char *with_conditions(struct cw_arena *arena, size_t extra) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, "features\n R\n  optional\n   A\n   B\nconstraints\n ");
    for (size_t list = 0; list < 16; list++) {
        size_t count = CW_UVL_CONDITIONS / 16 - 1 + (list == 0 ? extra : 1) - 1;
        cw_buf_puts(&buf, list ? " & (" : "(");
        for (size_t i = 0; i < count; i++)
            cw_buf_puts(&buf, i ? " | A" : "A");
        cw_buf_putc(&buf, ')');
    }
    cw_buf_putc(&buf, '\n');
    return cw_arena_strndup(arena, buf.data, buf.length);
}

static void test_conditions_at_the_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const json_t *d = assert_imported(cw_uvl_import, with_conditions(arena, 0), arena);
    assert_int_equal(json_array_size(json_object_get(d, "rules")), 2);
    const struct refused above = {with_conditions(arena, 1), "uvl.too_large", "line 7, column "};
    assert_refused(cw_uvl_import, &above, arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_groups),
        cmocka_unit_test(test_reads_ranges),
        cmocka_unit_test(test_reads_mandatory_below_optional),
        cmocka_unit_test(test_conditions_at_the_limit),
        cmocka_unit_test(test_reads_constraints),
        cmocka_unit_test(test_names_ids),
        cmocka_unit_test(test_names_the_place),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_reads_arithmetic),
    };
    return cmocka_run_group_tests_name("exchange/uvl", tests, NULL, NULL);
}
