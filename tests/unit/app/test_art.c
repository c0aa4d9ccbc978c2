/* Packing art once, again when a file changed, and what a renderer that refuses leaves behind. A
 * script stands in for the renderer and counts its runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>

#include "app/art.h"
#include "base/file.h"
#include "folder.h"

static struct cw_arena *arena;
static struct cw_paths paths;
static char folder[64];

static void put(const char *name, const char *text, unsigned mode) {
    assert_int_equal(cw_file_write_atomic(cw_arena_printf(arena, "%s/%s", folder, name), text,
                                          strlen(text), mode, NULL),
                     CW_OK);
}

static int setup(void **state) {
    (void)state;
    arena = cw_arena_new();
    folder_make(folder);
    paths = (struct cw_paths){.renderer = cw_arena_printf(arena, "%s/renderer", folder),
                              .art = cw_arena_printf(arena, "%s/art", folder),
                              .packs = cw_arena_printf(arena, "%s/packs", folder)};
    assert_int_equal(cw_dir_make(cw_arena_printf(arena, "%s/art/cup/side", folder), 0755, NULL),
                     CW_OK);
    assert_int_equal(cw_dir_make(paths.packs, 0755, NULL), CW_OK);
    put("art/cup/product.json", "{}", 0644);
    put("art/cup/side/view.json", "{}", 0644);
    put("renderer",
        "#!/bin/sh\n/bin/echo run >> \"$0.runs\"\n/bin/cat \"$2/product.json\" > \"$3\"\n", 0755);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    folder_remove(folder);
    cw_arena_free(arena);
    return 0;
}

static size_t runs(void) {
    char *text;
    size_t length;
    return cw_file_read(arena, cw_arena_printf(arena, "%s/renderer.runs", folder), 4096, &text,
                        &length, NULL) == CW_OK
               ? length / 4
               : 0;
}

static size_t files_in_packs(void) {
    size_t count = 0;
    DIR *dir = opendir(paths.packs);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static void a_bundle_is_packed_once(void **state) {
    (void)state;
    char first[CW_DIGEST_TEXT], again[CW_DIGEST_TEXT], expected[CW_DIGEST_TEXT];
    assert_int_equal(cw_art_current(&paths, "cup", first, NULL), CW_E_NOT_FOUND);
    assert_int_equal(cw_art_install(&paths, "cup", first, NULL), CW_OK);
    cw_digest_text("{}", 2, expected);
    assert_string_equal(first, expected);
    assert_true(cw_file_exists(cw_art_pack_path(arena, &paths, first)));
    assert_int_equal(cw_art_install(&paths, "cup", again, NULL), CW_OK);
    assert_string_equal(first, again);
    assert_int_equal(runs(), 1);
    assert_int_equal(cw_art_current(&paths, "cup", again, NULL), CW_OK);
    assert_string_equal(first, again);
}

struct installer {
    char digest[CW_DIGEST_TEXT];
    enum cw_status status;
};

static void *install(void *arg) {
    struct installer *installer = arg;
    installer->status = cw_art_install(&paths, "cup", installer->digest, NULL);
    return NULL;
}

/* Threads have one process number: their files are their own all the same. */
static void installers_at_once_do_not_mix(void **state) {
    (void)state;
    struct installer installers[4];
    pthread_t threads[4];
    char expected[CW_DIGEST_TEXT];
    cw_digest_text("{}", 2, expected);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, install, &installers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(installers[i].status, CW_OK);
        assert_string_equal(installers[i].digest, expected);
    }
    assert_int_equal(files_in_packs(), 2); /* the pack, and which one is the current one */
}

static void a_changed_file_is_packed_again(void **state) {
    (void)state;
    char first[CW_DIGEST_TEXT], second[CW_DIGEST_TEXT];
    assert_int_equal(cw_art_install(&paths, "cup", first, NULL), CW_OK);
    put("art/cup/side/view.json", "{ }", 0644); /* one level down */
    put("art/cup/product.json", "[]", 0644);
    assert_int_equal(cw_art_install(&paths, "cup", second, NULL), CW_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(runs(), 2);
    assert_true(
        cw_file_exists(cw_art_pack_path(arena, &paths, first))); /* older products show it */
}

static void a_lost_pack_is_made_again(void **state) {
    (void)state;
    char digest[CW_DIGEST_TEXT];
    assert_int_equal(cw_art_install(&paths, "cup", digest, NULL), CW_OK);
    assert_int_equal(remove(cw_art_pack_path(arena, &paths, digest)), 0);
    assert_int_equal(cw_art_install(&paths, "cup", digest, NULL), CW_OK);
    assert_true(cw_file_exists(cw_art_pack_path(arena, &paths, digest)));
}

static void a_refused_bundle_leaves_nothing(void **state) {
    (void)state;
    struct cw_error err = {0};
    char digest[CW_DIGEST_TEXT];
    put("renderer", "#!/bin/sh\necho half > \"$3\"\nexit 1\n", 0755);
    assert_int_equal(cw_art_install(&paths, "cup", digest, &err), CW_E_INPUT);
    assert_string_equal(err.code, "art.invalid");
    assert_int_equal(files_in_packs(), 0);
}

static void a_renderer_that_is_not_there_is_told(void **state) {
    (void)state;
    struct cw_error err = {0};
    char digest[CW_DIGEST_TEXT];
    paths.renderer = "/nonexistent";
    assert_int_equal(cw_art_install(&paths, "cup", digest, &err), CW_E_IO);
    assert_string_equal(err.code, "art.renderer");
}

static void names_stay_inside_the_folder(void **state) {
    (void)state;
    static const char *const bad[] = {"", "..", "../cup", "cup/side", "CUP", "none", "cup\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char digest[CW_DIGEST_TEXT];
        assert_int_equal(cw_art_install(&paths, bad[i], digest, NULL), CW_E_NOT_FOUND);
        assert_int_equal(cw_art_current(&paths, bad[i], digest, NULL), CW_E_NOT_FOUND);
    }
    assert_int_equal(runs(), 0);
}

/* A flat view's pictures go to importers; the stand-in is none, so the first one is refused. */
static void a_picture_is_refused(void **state) {
    (void)state;
    char digest[CW_DIGEST_TEXT];
    struct cw_error err = {0};
    size_t before = files_in_packs(), packed = runs();
    assert_int_equal(cw_dir_make(cw_arena_printf(arena, "%s/art/tag/front", folder), 0755, NULL),
                     CW_OK);
    put("art/tag/product.json", "{\"views\": [{\"name\": \"front\"}]}", 0644);
    put("art/tag/front/view.json",
        "{\"width\": 64, \"height\": 64, \"pictures\": {\"card\": {\"file\": \"card.svg\"}}}",
        0644);
    assert_int_equal(cw_art_install(&paths, "tag", digest, &err), CW_E_INPUT);
    assert_string_equal(err.code, "art.picture");
    assert_non_null(strstr(err.message, "front/card.svg: cannot be opened"));
    put("art/tag/front/card.svg", "<svg/>", 0644);
    err = (struct cw_error){0};
    assert_int_equal(cw_art_install(&paths, "tag", digest, &err), CW_E_INPUT);
    assert_string_equal(err.code, "art.picture");
    assert_non_null(strstr(err.message, "[artwork.worker_died]"));
    assert_int_equal(files_in_packs(), before); /* nothing is left of the attempt */
    assert_int_equal(runs(), packed + 1);       /* as an importer, never to pack */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bundle_is_packed_once, setup, teardown),
        cmocka_unit_test_setup_teardown(installers_at_once_do_not_mix, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_file_is_packed_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_pack_is_made_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_bundle_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_renderer_that_is_not_there_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_picture_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(names_stay_inside_the_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
