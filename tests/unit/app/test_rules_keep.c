/*
 * Responsible for: what of the rules folder is removed at the start, and what stays: files of
 * versions in the catalog, young ones, foreign ones; and whoever has a file mapped keeps it.
 */
#include "mini.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/rules.h"
#include "base/digest.h"
#include "folder.h"

#define NOW_MS INT64_C(1795341600000)
#define OLD_S  (NOW_MS / 1000 - CW_RULES_UNUSED_S - 1)

static char folder[64];
static struct cw_arena *arena;
static struct cw_catalog *catalog;
static char live[65]; /* digest of the only version's model */

static void free_engine(void *engine) {
    cw_engine_free(engine);
}

static int setup(void **state) {
    (void)state;
    folder_make(folder);
    arena = cw_arena_new();
    catalog = cw_catalog_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = mini_version(arena, "mini", "1");
    struct cw_engine *engine;
    assert_int_equal(
        cw_engine_open(cw_snapshot_product(snapshot), (struct cw_bytes){NULL, 0}, &engine, NULL),
        CW_OK);
    cw_snapshot_attach(snapshot, engine, free_engine);
    uint8_t digest[32];
    cw_model_digest(cw_engine_model(engine), digest);
    cw_hex(digest, sizeof digest, live);
    return cw_catalog_add(catalog, snapshot, NULL) == CW_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_catalog_free(catalog);
    cw_arena_free(arena);
    folder_remove(folder);
    return 0;
}

static const char *put(const char *name, int64_t changed_s) {
    const char *path = cw_arena_printf(arena, "%s/%s", folder, name);
    struct timespec times[2] = {{changed_s, 0}, {changed_s, 0}};
    assert_int_equal(cw_file_write_atomic(path, "artefact", 8, 0644, NULL), CW_OK);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

static size_t sweep(void) {
    struct cw_paths paths = {.artefacts = folder};
    return cw_rules_sweep(&paths, catalog, NOW_MS);
}

static const char *other(const char *ending) {
    char *name = cw_arena_printf(arena, "%064d%s", 7, ending);
    return name;
}

static void only_old_files_of_no_version_go(void **state) {
    (void)state;
    const char *gone[] = {
        put(other(".cwr"), OLD_S),
        put(other(".sat"), OLD_S),
        put(other(".cwr.0123456789abcdef.tmp"), OLD_S),
        put(cw_arena_printf(arena, "%s.cwr.4711.tmp", live), OLD_S),
    };
    const char *kept[] = {
        put(cw_arena_printf(arena, "%s.cwr", live), OLD_S),
        put(cw_arena_printf(arena, "%s.sat", live), OLD_S),
        put(cw_arena_printf(arena, "%064d.cwr", 8), OLD_S + 1), /* somebody may be publishing it */
        put(cw_arena_printf(arena, "%064d.cwr.0.tmp", 8), OLD_S + 1),
        put("README", OLD_S),
        put("notes.tmp", OLD_S),
        put(cw_arena_printf(arena, "%063d.cwr", 7), OLD_S),
        put(other(".cwr.bak"), OLD_S),
    };
    assert_int_equal(sweep(), sizeof gone / sizeof *gone);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        assert_false(cw_file_exists(gone[i]));
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        assert_true(cw_file_exists(kept[i]));
    }
    assert_int_equal(sweep(), 0);
}

static void a_link_is_left_alone(void **state) {
    (void)state;
    const char *target = put("elsewhere", OLD_S);
    const char *link = cw_arena_printf(arena, "%s/%s", folder, other(".cwr"));
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(sweep(), 0);
    assert_true(cw_file_exists(target));
    assert_true(cw_file_exists(link));
}

static void who_has_a_file_mapped_keeps_it(void **state) {
    (void)state;
    int fd = open(put(other(".cwr"), OLD_S), O_RDONLY | O_CLOEXEC);
    char *mapped = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(mapped != MAP_FAILED);
    close(fd);
    assert_int_equal(sweep(), 1);
    assert_memory_equal(mapped, "artefact", 8);
    munmap(mapped, 8);
}

static void no_folder_is_no_fault(void **state) {
    (void)state;
    struct cw_paths paths = {.artefacts = ""};
    assert_int_equal(cw_rules_sweep(&paths, catalog, NOW_MS), 0);
    paths.artefacts = "/nowhere/rules";
    assert_int_equal(cw_rules_sweep(&paths, catalog, NOW_MS), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_old_files_of_no_version_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_link_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(who_has_a_file_mapped_keeps_it, setup, teardown),
        cmocka_unit_test_setup_teardown(no_folder_is_no_fault, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
