/*
 * Responsible for: files written at once by several threads, which stand whole, and leave nothing
 * beside them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { WRITERS = 4, ROUNDS = 50, LENGTH = 20000 };

struct writer {
    const char *path;
    char fill;
    unsigned failed;
};

static void *write_often(void *arg) {
    struct writer *writer = arg;
    char *data = malloc(LENGTH);
    memset(data, writer->fill, LENGTH);
    for (int i = 0; i < ROUNDS; i++) {
        writer->failed += cw_file_write_atomic(writer->path, data, LENGTH, 0644, NULL) != CW_OK;
    }
    free(data);
    return NULL;
}

static size_t files_in(const char *folder) {
    DIR *dir = opendir(folder);
    size_t count = 0;
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static void writers_of_one_file_do_not_mix(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-test-XXXXXX", path[80], *data;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    size_t length;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){path, (char)('a' + i), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].failed, 0);
    }
    assert_int_equal(cw_file_read(arena, path, LENGTH, &data, &length, NULL), CW_OK);
    assert_int_equal(length, LENGTH);
    for (size_t i = 1; i < length; i++) {
        assert_int_equal(data[i], data[0]);
    }
    assert_int_equal(files_in(folder), 1);
    unlink(path);
    rmdir(folder);
}

static void a_file_beside_is_nobody_elses(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-test-XXXXXX", path[80];
    const char *first, *second;
    struct cw_error err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pack", folder);
    assert_int_equal(cw_file_beside(arena, path, 0600, &first, NULL), CW_OK);
    assert_int_equal(cw_file_beside(arena, path, 0600, &second, NULL), CW_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(strncmp(first, path, strlen(path)), 0);
    assert_int_equal(files_in(folder), 2);
    assert_false(cw_file_exists(path));
    assert_int_equal(unlink(first) | unlink(second) | rmdir(folder), 0);
    assert_int_equal(cw_file_beside(arena, path, 0600, &first, &err), CW_E_IO);
    assert_string_equal(err.code, "file.write");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_of_one_file_do_not_mix),
        cmocka_unit_test(a_file_beside_is_nobody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
