/* What is left for connections under soft and hard limits of open files; each in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/descriptors.h"
#include "cordwain/limits.h"

#define ALL (CW_HTTP_CONNECTIONS + CW_DESCRIPTORS_OWN)

struct outcome {
    size_t connections;
    rlim_t soft;
};

/* A hard limit that the machine does not allow leaves the outcome empty. */
static struct outcome under(rlim_t soft, rlim_t hard) {
    int ends[2];
    struct outcome outcome = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit files = {soft, hard};
        if (setrlimit(RLIMIT_NOFILE, &files) == 0) {
            outcome.connections = cw_connections_allowed();
            (void)getrlimit(RLIMIT_NOFILE, &files);
            outcome.soft = files.rlim_cur;
        }
        _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &outcome, sizeof outcome), sizeof outcome);
    (void)waitpid(child, NULL, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return outcome;
}

static void as_many_as_the_limit_leaves(void **state) {
    (void)state;
    static const struct {
        rlim_t soft, hard;
        struct outcome wanted;
    } cases[] = {
        {1024, ALL, {CW_HTTP_CONNECTIONS, ALL}},
        {1024, ALL + 1, {CW_HTTP_CONNECTIONS, ALL}},
        {1024, ALL - 1, {CW_HTTP_CONNECTIONS - 1, ALL - 1}},
        {ALL + 1, ALL + 1, {CW_HTTP_CONNECTIONS, ALL + 1}},
        {64, 2 * CW_DESCRIPTORS_OWN + 2, {CW_DESCRIPTORS_OWN + 2, 2 * CW_DESCRIPTORS_OWN + 2}},
        {64, 2 * CW_DESCRIPTORS_OWN, {CW_DESCRIPTORS_OWN, 2 * CW_DESCRIPTORS_OWN}},
        {64, 64, {32, 64}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome got = under(cases[i].soft, cases[i].hard);
        if (got.soft == 0) {
            print_message("no hard limit of %lu here\n", (unsigned long)cases[i].hard);
            continue;
        }
        assert_int_equal(got.connections, cases[i].wanted.connections);
        assert_int_equal(got.soft, cases[i].wanted.soft);
    }
    assert_int_equal(under(64, 64).soft, 64); /* lowering is always allowed */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_as_the_limit_leaves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
