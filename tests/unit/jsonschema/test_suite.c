/*
 * Responsible for: running the draft 2020-12 files of the JSON Schema Test Suite against
 * the validator. suite_xfail.txt lists "file: group: test" that are known to fail,
 * suite_optional.txt the same for the optional files, each with its reason; a line too many or too
 * few fails the run. Does not: run when the suite is not there ($CORDWAIN_SUITES, default
 * ../shared/suites beside the repository).
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
#include <sys/stat.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "jsonschema/schema.h"

#define REMOTES 512

struct suite {
    struct cw_arena *arena;
    char root[512];
    struct cw_schema_resource remotes[REMOTES];
    size_t remote_count;
    bool formats;
    size_t total, passed;
    struct cw_buf failed;
};

static json_t *read_json(struct suite *suite, const char *path) {
    json_error_t error;
    json_t *json = json_load_file(path, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json)
        cw_arena_defer(suite->arena, cw_json_release, json);
    return json;
}

/* Every file below remotes/ under the address the suite gives it. */
static void load_remotes(struct suite *suite, const char *folder, const char *below) {
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, "draft3", 6) == 0 ||
            strncmp(entry->d_name, "draft4", 6) == 0 || strncmp(entry->d_name, "draft6", 6) == 0 ||
            strncmp(entry->d_name, "draft7", 6) == 0 || strcmp(entry->d_name, "v1") == 0)
            continue;
        char *path = cw_arena_printf(suite->arena, "%s/%s", folder, entry->d_name);
        char *name = cw_arena_printf(suite->arena, "%s/%s", below, entry->d_name);
        struct stat info;
        if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            load_remotes(suite, path, name);
            continue;
        }
        json_t *json = read_json(suite, path);
        assert_true(suite->remote_count < REMOTES);
        if (json)
            suite->remotes[suite->remote_count++] = (struct cw_schema_resource){name, json};
    }
    closedir(dir);
}

static void check_test(struct suite *suite, const struct cw_schema *schema, const json_t *test,
                       const char *label) {
    const char *what = json_string_value(json_object_get(test, "description"));
    bool expected = json_is_true(json_object_get(test, "valid"));
    const json_t *data = json_object_get(test, "data");
    bool got = !expected;
    if (schema) {
        struct cw_faults faults = {.arena = suite->arena};
        got = cw_schema_validate(schema, data, NULL, NULL) == CW_OK;
        struct cw_schema_options slowly = {.by_nodes = true};
        bool slow = cw_schema_validate(schema, data, &slowly, NULL) == CW_OK;
        if (got != slow)
            fail_msg("the quick form says %d, the nodes %d", got, slow);
        bool loud = cw_schema_validate(schema, data, NULL, &faults) == CW_OK;
        assert_int_equal(got, loud); /* telling faults never changes the verdict */
        assert_int_equal(loud, faults.count == 0);
    }
    suite->total++;
    suite->passed += got == expected;
    if (got != expected)
        cw_buf_printf(&suite->failed, "%s: %s\n", label, what);
}

static void run_group(struct suite *suite, const char *file, const json_t *group) {
    const char *what = json_string_value(json_object_get(group, "description"));
    struct cw_schema_source source = {.schema = json_object_get(group, "schema"),
                                      .resource_count = suite->remote_count,
                                      .resources = suite->remotes,
                                      .formats = suite->formats};
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    struct cw_error err = {0};
    if (cw_schema_compile(&source, &schema, &err) != CW_OK)
        print_message("%s: %s: %s (%s)\n", file, what, err.message, err.code);
    char *label = cw_arena_printf(suite->arena, "%s: %s", file, what);
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(group, "tests"), i, test) {
        check_test(suite, schema, test, label);
    }
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_files(struct suite *suite, const char *below) {
    char *folder = cw_arena_printf(suite->arena, "%s/tests/draft2020-12%s", suite->root, below);
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, by_name);
    assert_true(count > 0);
    for (int f = 0; f < count; f++) {
        size_t length = strlen(entries[f]->d_name);
        if (length > 5 && strcmp(entries[f]->d_name + length - 5, ".json") == 0) {
            json_t *groups = read_json(
                suite, cw_arena_printf(suite->arena, "%s/%s", folder, entries[f]->d_name));
            if (!groups)
                cw_buf_printf(&suite->failed, "%s: the whole file\n", entries[f]->d_name);
            size_t i;
            json_t *group;
            json_array_foreach(groups, i, group) {
                run_group(suite, entries[f]->d_name, group);
            }
        }
        free(entries[f]);
    }
    free(entries);
}

/* Skips the test without the suite; to be called before anything is held, for skip() lets go of
 * nothing. */
static void find_suite(struct suite *suite) {
    const char *suites = getenv("CORDWAIN_SUITES");
    snprintf(suite->root, sizeof suite->root, "%s/json-schema-test-suite",
             suites ? suites : SOURCE_ROOT "/../shared/suites");
    if (!cw_file_exists(suite->root)) {
        print_message("skipped: no %s\n", suite->root);
        skip();
    }
}

static void open_suite(struct suite *suite, struct cw_arena *arena) {
    suite->arena = arena;
    load_remotes(suite, cw_arena_printf(suite->arena, "%s/remotes", suite->root),
                 "http://localhost:1234");
}

/* Lines "file: group: test", the reason behind " | " left out. */
static void compare_known(struct suite *suite, const char *list, const char *what) {
    print_message("json-schema-test-suite draft2020-12 %s: %zu of %zu\n", what, suite->passed,
                  suite->total);
    char *text = NULL;
    size_t length = 0;
    char *path = cw_arena_printf(suite->arena, SOURCE_ROOT "/tests/unit/jsonschema/%s", list);
    assert_int_equal(cw_file_read(suite->arena, path, 1 << 20, &text, &length, NULL), CW_OK);
    CW_AUTO_BUF struct cw_buf known = {0};
    for (char *line; (line = strsep(&text, "\n")) && *line;) {
        char *reason = strstr(line, " | ");
        if (reason)
            *reason = '\0';
        cw_buf_printf(&known, "%s\n", line);
    }
    const char *failed = suite->failed.data ? suite->failed.data : "";
    bool same = strcmp(known.data ? known.data : "", failed) == 0;
    if (!same)
        printf("failing now:\n%s", failed); /* print_message cuts */
    cw_buf_deinit(&suite->failed);
    assert_true(same);
}

static void test_required_files(void **state) {
    (void)state;
    struct suite suite = {0};
    find_suite(&suite);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    open_suite(&suite, arena);
    run_files(&suite, "");
    compare_known(&suite, "suite_xfail.txt", "required");
}

static void test_optional_files(void **state) {
    (void)state;
    struct suite suite = {0};
    find_suite(&suite);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    open_suite(&suite, arena);
    run_files(&suite, "/optional");
    suite.formats = true;
    run_files(&suite, "/optional/format");
    compare_known(&suite, "suite_optional.txt", "optional");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_required_files),
                                       cmocka_unit_test(test_optional_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
