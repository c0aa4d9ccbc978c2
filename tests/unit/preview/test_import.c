/*
 * An importer that dies, hangs, eats memory or talks nonsense costs the one file it had, by a code
 * that says which; the next file is judged as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "preview/import.h"

#define PATIENCE_MS 300 /* for those that never answer; the others take as long as they need */

#define A_DAY_MS (24u * 60 * 60 * 1000)

static uint32_t cpu_ms; /* 0: the usual one */

static struct cw_import_verdict judge(const char *mode, uint32_t deadline_ms) {
    int fd = memfd_create("file", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, mode, strlen(mode)), strlen(mode));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    const struct cw_import_request request = {.program = FAKE_IMPORTER,
                                              .file_fd = fd,
                                              .cpu_ms = cpu_ms,
                                              .deadline_ms = deadline_ms,
                                              .wants_picture = true};
    struct cw_import_verdict verdict;
    struct cw_error err = {0};
    if (cw_import_run(&request, &verdict, &err) != CW_OK)
        fail_msg("%s: %s", mode, err.message);
    close(fd);
    return verdict;
}

static void expect_good(void) {
    struct cw_import_verdict verdict = judge("good", CW_IMPORT_DEADLINE_MS * 20);
    assert_string_equal(verdict.code, "");
    assert_false(verdict.refused);
    assert_int_equal(verdict.kind, CW_ARTWORK_PNG);
    assert_int_equal(verdict.colour, CW_COLOUR_CONVERTED);
    assert_int_equal(verdict.width_px * verdict.height_px, 12);
    assert_true(verdict.picture_fd >= 0);
    close(verdict.picture_fd);
}

static void expect_refused(const char *mode, uint32_t deadline_ms, const char *code) {
    struct cw_import_verdict verdict = judge(mode, deadline_ms);
    if (!verdict.refused || strcmp(verdict.code, code) != 0)
        fail_msg("%s: '%s', not %s", mode, verdict.code, code);
    assert_true(verdict.reason[0] || strcmp(mode, "refused") == 0);
    assert_int_equal(verdict.picture_fd, -1);
    assert_int_equal(verdict.kind,
                     strcmp(mode, "refused") == 0 ? CW_ARTWORK_PNG : CW_ARTWORK_UNKNOWN);
    expect_good();
}

static void test_dead_ones(void **state) {
    (void)state;
    static const char *const modes[] = {"crash", "exit", "silence"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        expect_refused(modes[i], CW_IMPORT_DEADLINE_MS * 20, "artwork.worker_died");
}

static void test_slow_ones(void **state) {
    (void)state;
    expect_refused("hang", PATIENCE_MS, "artwork.too_slow");
    expect_refused("spin", PATIENCE_MS, "artwork.too_slow");
}

/* One that works is ended by its own clock, however long the deadline; one that only waits has not
 * worked and is ended by the deadline. The good ones of expect_refused work less than the budget.
 */
static void test_work_and_waiting_are_told_apart(void **state) {
    (void)state;
    cpu_ms = CW_IMPORT_CPU_MS / 2;
    struct cw_import_verdict busy = judge("spin", A_DAY_MS), idle = judge("hang", PATIENCE_MS);
    cpu_ms = 0;
    assert_string_equal(busy.code, "artwork.too_slow");
    assert_non_null(strstr(busy.reason, "too much work"));
    assert_true(busy.milliseconds >= CW_IMPORT_CPU_MS / 2);
    assert_string_equal(idle.code, "artwork.too_slow");
    assert_non_null(strstr(idle.reason, "too long"));
}

/* The lock's limit on time counts when the parent does not look. */
static void test_the_lock_ends_what_nobody_ends(void **state) {
    (void)state;
    if (!cw_sandbox_available())
        skip();
    cpu_ms = A_DAY_MS;
    expect_refused("spin", A_DAY_MS, "artwork.worker_died");
    cpu_ms = 0;
}

static void test_memory(void **state) {
    (void)state;
    cpu_ms = A_DAY_MS; /* taking memory is work, and much of it under ThreadSanitizer */
    struct cw_import_verdict verdict = judge("memory", CW_IMPORT_DEADLINE_MS * 20);
    cpu_ms = 0;
    assert_string_equal(verdict.code, "artwork.worker_died");
    if (cw_sandbox_available()) {
        assert_true(verdict.peak_bytes > CW_IMPORT_MEMORY_BYTES / 2);
        assert_true(verdict.peak_bytes < 256u << 20);
    }
    expect_good();
}

static void test_nonsense(void **state) {
    (void)state;
    static const char *const modes[] = {"rubbish",
                                        "long rubbish",
                                        "other magic",
                                        "other version",
                                        "one byte more",
                                        "no pixels",
                                        "too wide",
                                        "no kind",
                                        "other kind",
                                        "other colour",
                                        "no picture",
                                        "short picture",
                                        "unsealed picture",
                                        "refused without code",
                                        "refused with a quote"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        expect_refused(modes[i], CW_IMPORT_DEADLINE_MS * 20, "artwork.worker_reply");
}

static int open_files(void) {
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* One broken into must not be able to use up the server's descriptors either. */
static void test_no_second_file_stays(void **state) {
    (void)state;
    int before = open_files();
    expect_refused("two pictures", CW_IMPORT_DEADLINE_MS * 20, "artwork.worker_reply");
    assert_int_equal(open_files(), before);
}

static void test_a_refusal_is_passed_on(void **state) {
    (void)state;
    expect_refused("refused", CW_IMPORT_DEADLINE_MS * 20, "artwork.kind");
}

static void test_no_program(void **state) {
    (void)state;
    const struct cw_import_request request = {.program = "/nonexistent/renderer", .file_fd = 0};
    struct cw_import_verdict verdict;
    struct cw_error err = {0};
    assert_int_equal(cw_import_run(&request, &verdict, &err), CW_E_IO);
    assert_string_equal(err.code, "artwork.worker_start");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dead_ones),
        cmocka_unit_test(test_slow_ones),
        cmocka_unit_test(test_work_and_waiting_are_told_apart),
        cmocka_unit_test(test_the_lock_ends_what_nobody_ends),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_no_second_file_stays),
        cmocka_unit_test(test_a_refusal_is_passed_on),
        cmocka_unit_test(test_no_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
