/*
 * What the servers of all loops count together. Does not refuse anybody: who counts knows the
 * limit. Runs in the server, any thread.
 */
#include <stdlib.h>

#include "http/internal.h"

struct cw_http_shared *cw_http_shared_new(void) {
    struct cw_http_shared *shared = calloc(1, sizeof *shared);
    if (shared == NULL)
        return NULL;
    shared->peers = cw_peers_new();
    if (shared->peers == NULL) {
        free(shared);
        return NULL;
    }
    return shared;
}

void cw_http_shared_free(struct cw_http_shared *shared) {
    if (shared != NULL)
        cw_peers_free(shared->peers);
    free(shared);
}

size_t cw_http_server_connections(const struct cw_http_server *server) {
    struct cw_http_shared *shared = server->shared;
    return atomic_load(&shared->connections) + atomic_load(&shared->refused);
}

bool cw_http_count_in(_Atomic(size_t) *count, size_t max) {
    if (atomic_fetch_add_explicit(count, 1, memory_order_relaxed) < max)
        return true;
    cw_http_count_out(count);
    return false;
}

void cw_http_count_out(_Atomic(size_t) *count) {
    atomic_fetch_sub_explicit(count, 1, memory_order_relaxed);
}
