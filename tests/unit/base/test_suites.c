/*
 * Responsible for: the JSON reader on every file of JSONTestSuite (Nicolas Seriot), each with its
 * verdict in nst_verdicts.txt (of the y_ files three are refused on purpose: two repeat a name, one
 * has NUL in a name), and the canonical form on the files of RFC 8785's author. Does not:
 * run when the suites are not there ($CORDWAIN_SUITES, default ../shared/suites beside the
 * repository).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

#define LARGEST ((size_t)4 << 20)

static struct cw_arena *arena;

static int setup(void **state) {
    (void)state;
    arena = cw_arena_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_arena_free(arena);
    return 0;
}

/* The suite's folder; skips the test without it. */
static const char *suite(const char *name) {
    const char *suites = getenv("CORDWAIN_SUITES");
    const char *folder =
        cw_arena_printf(arena, "%s/%s", suites ? suites : SOURCE_ROOT "/../shared/suites", name);
    if (!cw_file_exists(folder)) {
        print_message("skipped: no %s\n", folder);
        skip();
    }
    return folder;
}

static char *read_text(const char *path, size_t *ret_length) {
    char *text = NULL;
    if (cw_file_read(arena, path, LARGEST, &text, ret_length, NULL) != CW_OK) {
        fail_msg("cannot read %s", path);
    }
    return text;
}

/* ---- JSONTestSuite --------------------------------------------------------------------------- */

/* "ok" or the code of the refusal. */
static const char *verdict(const char *path) {
    size_t length;
    const char *text = read_text(path, &length);
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    json_t *value;
    struct cw_error err = {0};
    return cw_json_read(scratch, text, length, LARGEST, &value, &err) == CW_OK ? "ok" : err.code;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_verdicts(const char *root, const char *folder, struct cw_buf *told) {
    struct dirent **entries;
    int count = scandir(cw_arena_printf(arena, "%s/%s", root, folder), &entries, NULL, by_name);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (*name != '.') {
            const char *code = verdict(cw_arena_printf(arena, "%s/%s/%s", root, folder, name));
            if (strncmp(name, "n_", 2) == 0) {
                assert_string_not_equal(code, "ok"); /* no list may allow it */
            }
            cw_buf_printf(told, "%s/%s: %s\n", folder, name, code);
        }
        free(entries[i]);
    }
    free(entries);
}

static void every_file_has_its_verdict(void **state) {
    (void)state;
    const char *root = suite("nst-jsontestsuite");
    CW_AUTO_BUF struct cw_buf told = {0};
    add_verdicts(root, "test_parsing", &told);
    add_verdicts(root, "test_transform", &told);
    size_t length;
    const char *known = read_text(SOURCE_ROOT "/tests/unit/base/nst_verdicts.txt", &length);
    if (strcmp(known, told.data) != 0) {
        printf("now:\n%s", told.data); /* print_message cuts */
    }
    assert_true(strcmp(known, told.data) == 0);
}

/* ---- RFC 8785 -------------------------------------------------------------------------------- */

static void every_document_is_written_as_expected(void **state) {
    (void)state;
    const char *root = suite("jcs-rfc8785");
    static const char *const names[] = {"arrays",  "french", "structures",
                                        "unicode", "values", "weird"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length, expected_length;
        const char *text =
            read_text(cw_arena_printf(arena, "%s/testdata/input/%s.json", root, names[i]), &length);
        const char *expected = read_text(
            cw_arena_printf(arena, "%s/testdata/output/%s.json", root, names[i]), &expected_length);
        json_t *value;
        struct cw_error err = {0};
        assert_int_equal(cw_json_read(arena, text, length, LARGEST, &value, &err), CW_OK);
        CW_AUTO_BUF struct cw_buf told = {0};
        cw_json_canonical(value, &told);
        assert_int_equal(told.length, expected_length);
        assert_memory_equal(told.data, expected, expected_length);
    }
}

/* Lines "bits of the double in hexadecimal,its ECMAScript text". */
static void every_number_is_written_as_expected(void **state) {
    (void)state;
    const char *root = suite("jcs-rfc8785");
    size_t length, lines = 0;
    char *text =
        read_text(cw_arena_printf(arena, "%s/testdata/es6-numbers-10k.txt", root), &length);
    CW_AUTO_BUF struct cw_buf told = {0};
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line; lines++) {
        char *expected;
        uint64_t bits = strtoull(line, &expected, 16);
        double number;
        memcpy(&number, &bits, sizeof number);
        CW_AUTO_JSON json_t *value = json_real(number);
        cw_buf_reset(&told);
        cw_json_canonical(value, &told);
        cw_buf_putc(&told, '\0');
        assert_string_equal(told.data, expected + 1);
    }
    assert_true(lines >= 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_file_has_its_verdict, setup, teardown),
        cmocka_unit_test_setup_teardown(every_document_is_written_as_expected, setup, teardown),
        cmocka_unit_test_setup_teardown(every_number_is_written_as_expected, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/suites", tests, NULL, NULL);
}
