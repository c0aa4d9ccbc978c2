/*
 * The set of idempotent requests that are running in this process.
 * Does not remember answers: the store does (idempotency rows), and its unique key is what keeps
 * two processes apart. Runs in: cordwain serve, on every event loop.
 */
#include "orders/idempotency.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024 /* about as many as requests can wait for the store (CW_STORE_QUEUE) */

struct entry {
    struct entry *next;
    size_t scope_length;
    char text[]; /* scope, NUL, key, NUL */
};

struct cw_idempotency_guard {
    pthread_mutex_t lock;
    struct entry *buckets[BUCKETS];
};

struct cw_idempotency_guard *cw_idempotency_guard_new(void) {
    struct cw_idempotency_guard *guard = calloc(1, sizeof *guard);
    if (guard != NULL)
        pthread_mutex_init(&guard->lock, NULL);
    return guard;
}

void cw_idempotency_guard_free(struct cw_idempotency_guard *guard) {
    if (guard == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (guard->buckets[i] != NULL) {
            struct entry *entry = guard->buckets[i];
            guard->buckets[i] = entry->next;
            free(entry);
        }
    }
    pthread_mutex_destroy(&guard->lock);
    free(guard);
}

static struct entry *entry_new(const char *scope, const char *key) {
    size_t scope_length = strlen(scope) + 1, key_length = strlen(key) + 1;
    struct entry *entry = malloc(sizeof *entry + scope_length + key_length);
    if (entry == NULL)
        return NULL;
    *entry = (struct entry){.scope_length = scope_length};
    memcpy(entry->text, scope, scope_length);
    memcpy(entry->text + scope_length, key, key_length);
    return entry;
}

/* FNV-1a (Fowler, Noll, Vo 1991). Keys are chosen by callers who could make them collide; a chain
 * is then at most as long as requests run at the same time. */
static size_t bucket(const char *scope, const char *key) {
    uint64_t hash = 14695981039346656037u;
    const char *parts[] = {scope, key};
    for (size_t p = 0; p < 2; p++) {
        for (const char *c = parts[p];; c++) {
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
            if (*c == '\0')
                break;
        }
    }
    return (size_t)(hash % BUCKETS);
}

/* The link that holds the pair, or the link at the end. */
static struct entry **find(struct cw_idempotency_guard *guard, const char *scope, const char *key) {
    struct entry **link = &guard->buckets[bucket(scope, key)];
    while (*link != NULL && (strcmp((*link)->text, scope) != 0 ||
                             strcmp((*link)->text + (*link)->scope_length, key) != 0))
        link = &(*link)->next;
    return link;
}

enum cw_status cw_idempotency_guard_enter(struct cw_idempotency_guard *guard, const char *scope,
                                          const char *key, struct cw_error *err) {
    struct entry *entry = entry_new(scope, key);
    if (entry == NULL)
        return cw_fail(err, CW_E_NOMEM, "idempotency.memory", "memory is out");
    pthread_mutex_lock(&guard->lock);
    struct entry **link = find(guard, scope, key);
    bool running = *link != NULL;
    if (!running)
        *link = entry;
    pthread_mutex_unlock(&guard->lock);
    if (!running)
        return CW_OK;
    free(entry);
    return cw_fail(err, CW_E_CONFLICT, "idempotency.running",
                   "a request with this Idempotency-Key is still running");
}

void cw_idempotency_guard_leave(struct cw_idempotency_guard *guard, const char *scope,
                                const char *key) {
    pthread_mutex_lock(&guard->lock);
    struct entry **link = find(guard, scope, key);
    struct entry *entry = *link;
    if (entry != NULL)
        *link = entry->next;
    pthread_mutex_unlock(&guard->lock);
    free(entry);
}
