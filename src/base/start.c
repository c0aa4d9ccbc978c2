/*
 * Responsible for: starting a worker program with one socket and nothing else of ours. Does not:
 * watch, feed or reap it. Server and command line, any thread.
 */
#include "base/start.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int prepare_files(posix_spawn_file_actions_t *files, int child_fd) {
    int rc = posix_spawn_file_actions_adddup2(files, child_fd, CW_SPAWN_FD);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(files, CW_SPAWN_FD + 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(files, STDERR_FILENO, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addchdir_np(files, "/");
    return rc;
}

/* The server's blocked and handled signals must not follow into the worker. */
static int prepare_signals(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawnattr_setsigmask(attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    if (rc == 0)
        rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return rc;
}

int cw_spawn_worker(const char *program, char *const argv[], int child_fd, pid_t *ret_pid) {
    char lang[] = "LANG=C";
    char *envp[] = {lang, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int rc = posix_spawn_file_actions_init(&files);
    if (rc != 0)
        return rc;
    rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
        rc = prepare_files(&files, child_fd);
        if (rc == 0)
            rc = prepare_signals(&attributes);
        if (rc == 0)
            rc = posix_spawn(ret_pid, program, &files, &attributes, argv, envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return rc;
}
