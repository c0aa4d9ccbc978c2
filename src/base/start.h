/* Starting a worker program that talks over one socket. */
#pragma once

#include <sys/types.h>

/* The worker's end of the socket, in the worker. */
#define CW_SPAWN_FD 3

/**
 * Start `program` with nothing of ours but the socket: standard input is empty, standard output
 * goes to our standard error, signals are as at birth, the working folder is the root and the
 * environment says LANG=C only.
 * @param argv     ends with NULL; argv[0] is the program
 * @param child_fd becomes descriptor CW_SPAWN_FD there; ours stays open and ours
 * @param ret_pid  written on success only; the caller reaps it
 * @units   none
 * @owner   nothing allocated
 * @errors  returns an errno
 * @cost    one posix_spawn; blocking until the program is executed
 * @source  none
 */
int cw_spawn_worker(const char *program, char *const argv[], int child_fd, pid_t *ret_pid);
