/* Processes that a test's own code has started, as /proc tells them. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is the process of this name a child of ours that was not reaped? *ret_state (may be NULL): its
 * letter, R when it computes. */
static inline bool is_child(const char *name, char *ret_state) {
    char path[300], line[512] = "", state = 0;
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *file = atoi(name) > 0 ? fopen(path, "r") : NULL;
    if (!file)
        return false;
    const char *after = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!after || sscanf(after + 1, " %c %d", &state, &parent) != 2 || parent != getpid())
        return false;
    if (ret_state)
        *ret_state = state;
    return true;
}
