/* Shipped files are found from the build folder; the data folder is laid out with tight modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "app/paths.h"
#include "base/file.h"
#include "folder.h"

static struct cw_arena *arena;
static char folder[64];

static int setup(void **state) {
    (void)state;
    unsetenv("CORDWAIN_HOME");
    arena = cw_arena_new();
    folder_make(folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    folder_remove(folder);
    cw_arena_free(arena);
    return 0;
}

static unsigned mode_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void a_wrong_home_is_told(void **state) {
    (void)state;
    struct cw_paths paths = {.home = "untouched"};
    struct cw_error err = {0};
    setenv("CORDWAIN_HOME", folder, 1);
    assert_int_equal(cw_paths_find(arena, "", &paths, &err), CW_E_NOT_FOUND);
    assert_string_equal(err.code, "app.home");
    assert_string_equal(paths.home, "untouched");
    unsetenv("CORDWAIN_HOME");
}

/* The least that counts as a home. */
static void make_home(void) {
    char home[128];
    snprintf(home, sizeof home, "%s/assets/web", folder);
    assert_int_equal(cw_dir_make(home, 0755, NULL), CW_OK);
    snprintf(home, sizeof home, "%s/schemas", folder);
    assert_int_equal(cw_dir_make(home, 0755, NULL), CW_OK);
    snprintf(home, sizeof home, "%s/schemas/product.schema.json", folder);
    assert_int_equal(cw_file_write_atomic(home, "{}", 2, 0644, NULL), CW_OK);
    setenv("CORDWAIN_HOME", folder, 1);
}

/* The program of a unit test lies three folders below the build folder: its renderer is not beside
 * it. */
static void a_missing_renderer_is_told(void **state) {
    (void)state;
    struct cw_paths paths;
    struct cw_error err = {0};
    make_home();
    assert_int_equal(cw_paths_find(arena, "", &paths, &err), CW_E_NOT_FOUND);
    assert_string_equal(err.code, "app.renderer");
    unsetenv("CORDWAIN_HOME");
}

/* A program of that name beside ours; its path. */
static char *put_program(const char *name) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    assert_true(n > 0);
    path[n] = '\0';
    strcpy(strrchr(path, '/') + 1, name);
    assert_int_equal(cw_file_write_atomic(path, "#!/bin/sh\n", 10, 0755, NULL), CW_OK);
    return cw_arena_strdup(arena, path);
}

static void a_missing_rules_worker_is_told(void **state) {
    (void)state;
    struct cw_paths paths;
    struct cw_error err = {0};
    make_home();
    const char *renderer = put_program("cordwain-renderer");
    enum cw_status status = cw_paths_find(arena, "", &paths, &err);
    unlink(renderer);
    unsetenv("CORDWAIN_HOME");
    assert_int_equal(status, CW_E_NOT_FOUND);
    assert_string_equal(err.code, "app.rules");
}

static void a_data_folder_is_laid_out(void **state) {
    (void)state;
    char data[128], keys[160];
    const char *renderer = put_program("cordwain-renderer");
    const char *rules = put_program("cordwain-rules");
    struct cw_paths paths;
    struct cw_error err = {0};
    make_home();
    snprintf(data, sizeof data, "%s/new/data", folder);
    snprintf(keys, sizeof keys, "%s/keys", data);
    enum cw_status status = cw_paths_find(arena, data, &paths, &err);
    unlink(renderer);
    unlink(rules);
    unsetenv("CORDWAIN_HOME");
    assert_int_equal(status, CW_OK);
    assert_string_equal(paths.renderer, renderer);
    assert_string_equal(paths.rules, rules);
    assert_string_equal(paths.keys, keys);
    assert_int_equal(mode_of(paths.keys) & 077, 0);
    assert_true(cw_file_exists(paths.packs));
    assert_string_equal(paths.home, folder);
    assert_false(cw_file_exists(paths.database));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wrong_home_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_renderer_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_rules_worker_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_data_folder_is_laid_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
