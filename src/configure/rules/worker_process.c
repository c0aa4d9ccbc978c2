/*
 * Responsible for: starting, killing and reaping one cordwain-rules. Does not: speak to it. Server
 * and command line, any thread. A worker whose callers have died reads the end of its socket and
 * ends too, after the question it is at.
 */
#include "configure/rules/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/start.h"
#include "base/wire.h"

#define NUMBER_TEXT 24

static int spawn(const struct cw_rules_start *start, int child_fd, pid_t *ret_pid) {
    char fd[NUMBER_TEXT], memory[NUMBER_TEXT], cpu[NUMBER_TEXT];
    snprintf(fd, sizeof fd, "%d", CW_SPAWN_FD);
    snprintf(memory, sizeof memory, "%" PRIu64, start->memory_bytes);
    snprintf(cpu, sizeof cpu, "%" PRIu64, start->cpu_seconds);
    bool compile = strcmp(start->mode, "--compile") == 0;
    char program[PATH_MAX]; /* the worker's folder is the root by the time it is looked up */
    if (!realpath(start->program, program))
        return errno;
    char *argv[] = {(char *)(uintptr_t)start->program,
                    (char *)(uintptr_t)start->mode,
                    fd,
                    memory,
                    compile ? cpu : NULL,
                    NULL};
    return cw_spawn_worker(program, argv, child_fd, ret_pid);
}

enum cw_status cw_rules_process_start(struct cw_rules_process *process,
                                      const struct cw_rules_start *start, struct cw_error *err) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return cw_fail(err, CW_E_IO, "rules.worker", "no socket for a rules worker: %s",
                       strerror(errno));
    pid_t pid;
    int rc = spawn(start, pair[1], &pid);
    close(pair[1]);
    if (rc != 0) {
        close(pair[0]);
        return cw_fail(err, CW_E_IO, "rules.worker", "cannot start '%s': %s", start->program,
                       strerror(rc));
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    *process = (struct cw_rules_process){pid, pair[0]};
    return CW_OK;
}

int cw_rules_process_stop(struct cw_rules_process *process) {
    int status = 0;
    if (process->pid <= 0)
        return status;
    if (process->fd >= 0)
        close(process->fd);
    kill(process->pid, SIGKILL); /* ours until the next line, so the number is not another's */
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    *process = (struct cw_rules_process){0, -1};
    return status;
}

struct cw_rules_process cw_rules_process_leave(struct cw_rules_process *process) {
    struct cw_rules_process leaving = {process->pid, -1};
    close(process->fd); /* it reads the end of its socket */
    *process = (struct cw_rules_process){0, -1};
    return leaving;
}

bool cw_rules_process_reap(struct cw_rules_process *process) {
    if (process->pid > 0 && waitpid(process->pid, NULL, WNOHANG) != 0)
        *process = (struct cw_rules_process){0, -1};
    return process->pid <= 0;
}

enum cw_status cw_rules_process_failed(struct cw_bytes body, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for a message");
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, body.data, body.length);
    const char *code = cw_wire_get_str(&reader, arena, 100);
    const char *message = cw_wire_get_str(&reader, arena, 200);
    enum cw_status status =
        cw_fail(err, CW_E_IO, "rules.worker", "the rules worker refused its work");
    cw_error_detail(err, "%s: %s", code, message);
    return status;
}
