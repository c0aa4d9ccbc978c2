/*
 * Pictures that nothing names go after their time, and nothing else does: rows and files at the
 * limit and above, held ones, what a crash leaves between row and files, folders in use, a store
 * that fails.
 */
#include "app/picture_sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/file.h"
#include "preview/picture_keep.h"
#include "store_fixture.h"

#define KEEP_MS  (30 * INT64_C(86400000))
#define PUT_MS   INT64_C(1700000000000)
#define DIGITS58 "0123456789012345678901234567890123456789012345678901234567"
#define A        "sha-256:ab0001" DIGITS58 /* two in one folder */
#define B        "sha-256:ab0002" DIGITS58
#define C        "sha-256:ff0003" DIGITS58

struct ground {
    struct cw_fixture fixture;
    char folder[128];
    struct cw_picture_sweep sweep;
};

static const char *path_of(const struct ground *g, const char *digest, enum cw_picture_form form) {
    static char path[256];
    assert_true(cw_picture_path(g->folder, digest, form, path, sizeof path));
    return path;
}

static void age(const char *path, int64_t ms) {
    const struct timespec at = {ms / 1000, ms % 1000 * 1000000}, times[] = {at, at};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void put_files(struct ground *g, const char *digest, int64_t at_ms) {
    char folder[160];
    snprintf(folder, sizeof folder, "%s/%.2s", g->folder, digest + strlen("sha-256:"));
    assert_int_equal(cw_dir_make(folder, 0700, NULL), CW_OK);
    for (int form = CW_PICTURE_WHOLE; form <= CW_PICTURE_LEVEL; form++) {
        const char *path = path_of(g, digest, (enum cw_picture_form)form);
        assert_int_equal(cw_file_write_atomic(path, "x", 1, 0600, NULL), CW_OK);
        age(path, at_ms);
    }
}

static int files_of(const struct ground *g, const char *digest) {
    int count = 0;
    for (int form = CW_PICTURE_WHOLE; form <= CW_PICTURE_LEVEL; form++)
        count += cw_file_exists(path_of(g, digest, (enum cw_picture_form)form));
    return count;
}

static enum cw_status put_row(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->artwork_put(txn, arg, err);
}

static enum cw_status hold_row(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->artwork_hold(txn, arg, err);
}

static enum cw_status get_row(struct cw_txn *txn, void *arg, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_artwork_row row;
    return txn->ops->artwork_get(txn, arena, arg, &row, err);
}

static void put(struct ground *g, const char *id, const char *digest, int64_t at_ms) {
    struct cw_store *store = g->fixture.store;
    struct cw_artwork_row row = {id, "png", digest, "sha-256:f", 1, 1, 1, 3, at_ms};
    put_files(g, digest, at_ms - 5); /* files are there first */
    assert_int_equal(store->ops->write_wait(store, put_row, &row, NULL), CW_OK);
}

static bool has_row(const struct ground *g, const char *id) {
    struct cw_store *store = g->fixture.store;
    return store->ops->read_wait(store, get_row, (void *)(uintptr_t)id, NULL) == CW_OK;
}

static struct cw_picture_swept sweep(struct ground *g, int64_t now_ms) {
    struct cw_picture_swept swept;
    struct cw_error err = {0};
    assert_int_equal(cw_pictures_sweep(&g->sweep, now_ms, &swept, &err), CW_OK);
    return swept;
}

static int setup(void **state) {
    static struct ground g;
    cw_fixture_init(&g.fixture);
    snprintf(g.folder, sizeof g.folder, "%s/artworks", g.fixture.folder);
    assert_int_equal(cw_dir_make(g.folder, 0700, NULL), CW_OK);
    g.sweep =
        (struct cw_picture_sweep){.store = g.fixture.store, .folder = g.folder, .keep_ms = KEEP_MS};
    *state = &g;
    return 0;
}

static int teardown(void **state) {
    struct ground *g = *state;
    static const char *const digests[] = {A, B, C};
    for (int i = 0; i < 3; i++) {
        for (int form = CW_PICTURE_WHOLE; form <= CW_PICTURE_LEVEL; form++)
            (void)unlink(path_of(g, digests[i], (enum cw_picture_form)form));
        char room[160];
        snprintf(room, sizeof room, "%s/%.2s", g->folder, digests[i] + strlen("sha-256:"));
        (void)rmdir(room);
    }
    (void)rmdir(g->folder);
    cw_fixture_deinit(&g->fixture);
    return 0;
}

static void at_the_time_it_stays_and_a_millisecond_later_it_goes(void **state) {
    struct ground *g = *state;
    put(g, "a", A, PUT_MS);
    put(g, "c", C, PUT_MS + 1);
    struct cw_picture_swept swept = sweep(g, PUT_MS + KEEP_MS);
    assert_int_equal(swept.pictures + swept.files + swept.busy, 0);
    assert_true(has_row(g, "a") && files_of(g, A) == 3);
    swept = sweep(g, PUT_MS + KEEP_MS + 1);
    assert_int_equal(swept.pictures, 1);
    assert_int_equal(swept.files, 3);
    assert_false(has_row(g, "a"));
    assert_int_equal(files_of(g, A), 0);
    assert_true(has_row(g, "c") && files_of(g, C) == 3);
}

static void an_upload_again_begins_the_time_anew(void **state) {
    struct ground *g = *state;
    put(g, "a", A, PUT_MS);
    struct cw_artwork_row row = {"a", "png", A, "sha-256:f", 1, 1, 1, 3, PUT_MS + 1000};
    struct cw_store *store = g->fixture.store;
    assert_int_equal(store->ops->write_wait(store, put_row, &row, NULL), CW_OK);
    (void)sweep(g, PUT_MS + 1000 + KEEP_MS);
    assert_true(has_row(g, "a") && files_of(g, A) == 3);
}

static void what_is_named_stays_for_ever(void **state) {
    struct ground *g = *state;
    put(g, "a", A, PUT_MS);
    put(g, "b", B, PUT_MS);
    struct cw_store *store = g->fixture.store;
    char id[] = "b";
    assert_int_equal(store->ops->write_wait(store, hold_row, id, NULL), CW_OK);
    assert_int_equal(sweep(g, PUT_MS + 100 * KEEP_MS).pictures, 1);
    assert_true(has_row(g, "b") && files_of(g, B) == 3);
    assert_true(!has_row(g, "a") && files_of(g, A) == 0);
}

/* The state that a death between the row and the files leaves, and one among the files. */
static void what_a_crash_left_goes_when_it_is_as_old(void **state) {
    struct ground *g = *state;
    put_files(g, A, PUT_MS);
    put_files(g, C, PUT_MS);
    assert_int_equal(unlink(path_of(g, C, CW_PICTURE_WHOLE)), 0);
    char half[300], stranger[300];
    snprintf(half, sizeof half, "%s.Xy12Ab", path_of(g, A, CW_PICTURE_LEVEL));
    snprintf(stranger, sizeof stranger, "%s/ab/README", g->folder);
    assert_int_equal(cw_file_write_atomic(half, "x", 1, 0600, NULL), CW_OK);
    assert_int_equal(cw_file_write_atomic(stranger, "x", 1, 0600, NULL), CW_OK);
    age(half, PUT_MS);
    age(stranger, PUT_MS);
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS).files, 0);
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS + 1).files, 3 + 2 + 1);
    assert_true(files_of(g, A) == 0 && files_of(g, C) == 0 && !cw_file_exists(half));
    assert_true(cw_file_exists(stranger));
    assert_int_equal(unlink(stranger), 0);
}

static void two_rows_of_one_picture_share_its_files(void **state) {
    struct ground *g = *state;
    put(g, "a", A, PUT_MS);
    put(g, "other key", A, PUT_MS + 10);
    age(path_of(g, A, CW_PICTURE_WHOLE), PUT_MS);
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS + 1).files, 0);
    assert_true(!has_row(g, "a") && has_row(g, "other key") && files_of(g, A) == 3);
}

/* An upload holds its folder from its files to its row. */
static void a_folder_in_use_is_left_alone(void **state) {
    struct ground *g = *state;
    put_files(g, A, PUT_MS);
    put_files(g, C, PUT_MS);
    int lock = cw_picture_lock(g->folder, "ab", /* exclusive: */ false);
    assert_true(lock >= 0);
    struct cw_picture_swept swept = sweep(g, PUT_MS + KEEP_MS + 1);
    assert_int_equal(swept.busy, 1);
    assert_true(files_of(g, A) == 3 && files_of(g, C) == 0);
    assert_int_equal(close(lock), 0);
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS + 1).files, 3);
}

static enum cw_status fail_io(struct cw_store *store, cw_txn_fn fn, void *arg,
                              struct cw_error *err) {
    (void)store, (void)fn, (void)arg;
    return cw_fail(err, CW_E_IO, "store.io", "the disk is gone");
}

static enum cw_status fail_busy(struct cw_store *store, cw_txn_fn fn, void *arg,
                                struct cw_error *err) {
    (void)store, (void)fn, (void)arg;
    return cw_fail(err, CW_E_BUSY, "store.busy", "the queue is full");
}

/* A row that could not be removed keeps its files. */
static void a_store_that_fails_costs_nothing(void **state) {
    struct ground *g = *state;
    struct cw_picture_swept swept;
    struct cw_error err = {0};
    put(g, "a", A, PUT_MS);
    const struct cw_store_ops *ops = g->fixture.store->ops;
    struct cw_store_ops broken = *ops;
    broken.write_wait = fail_io;
    g->fixture.store->ops = &broken;
    assert_int_equal(cw_pictures_sweep(&g->sweep, PUT_MS + KEEP_MS + 1, &swept, &err), CW_E_IO);
    broken.write_wait = fail_busy;
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS + 1).busy, 1);
    broken = *ops;
    broken.read_wait = fail_io;
    assert_int_equal(cw_pictures_sweep(&g->sweep, PUT_MS + KEEP_MS + 1, &swept, &err), CW_E_IO);
    g->fixture.store->ops = ops;
    assert_true(has_row(g, "a") && files_of(g, A) == 3);
    assert_int_equal(sweep(g, PUT_MS + KEEP_MS + 1).files, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(at_the_time_it_stays_and_a_millisecond_later_it_goes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_upload_again_begins_the_time_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_named_stays_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_crash_left_goes_when_it_is_as_old, setup, teardown),
        cmocka_unit_test_setup_teardown(two_rows_of_one_picture_share_its_files, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_in_use_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_store_that_fails_costs_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
