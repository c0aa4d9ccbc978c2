/*
 * Responsible for: which product versions are live: a sorted table swapped under a mutex.
 * Does not: load, store or compile products.
 * Runs in: server; any thread.
 *
 * The mutex guards `table` and is held only to read or replace entries, never while anything is
 * freed or allocated by a snapshot's destructor: references dropped by cw_catalog_free are dropped
 * outside of it.
 */
#include "catalog/catalog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct cw_catalog {
    pthread_mutex_t mutex;
    struct cw_snapshot **table; /* by id, then version number */
    size_t count, capacity;
};

struct cw_catalog *cw_catalog_new(void) {
    struct cw_catalog *catalog = calloc(1, sizeof *catalog);
    if (catalog)
        pthread_mutex_init(&catalog->mutex, NULL);
    return catalog;
}

void cw_catalog_free(struct cw_catalog *catalog) {
    if (!catalog)
        return;
    for (size_t i = 0; i < catalog->count; i++)
        cw_snapshot_unref(catalog->table[i]);
    free(catalog->table);
    pthread_mutex_destroy(&catalog->mutex);
    free(catalog);
}

/* Versions are whole numbers without leading zeros (the schema says so): longer is higher. */
static int compare_versions(const char *a, const char *b) {
    size_t la = strlen(a), lb = strlen(b);
    if (la != lb)
        return la < lb ? -1 : 1;
    return strcmp(a, b);
}

static int compare_key(const struct cw_snapshot *snapshot, const char *id, const char *version) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    int order = strcmp(product->id, id);
    return order || !version ? order : compare_versions(product->version, version);
}

/* First entry that does not come before id and version; version NULL: first of the id. */
static size_t lower_bound(const struct cw_catalog *catalog, const char *id, const char *version) {
    size_t low = 0, high = catalog->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_key(catalog->table[middle], id, version) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool reserve(struct cw_catalog *catalog) {
    if (catalog->count < catalog->capacity)
        return true;
    size_t capacity = catalog->capacity ? 2 * catalog->capacity : 16;
    struct cw_snapshot **table = realloc(catalog->table, capacity * sizeof *table);
    if (!table)
        return false;
    catalog->table = table;
    catalog->capacity = capacity;
    return true;
}

static enum cw_status add_locked(struct cw_catalog *catalog, struct cw_snapshot *snapshot,
                                 struct cw_error *err) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    size_t at = lower_bound(catalog, product->id, product->version);
    if (at < catalog->count &&
        compare_key(catalog->table[at], product->id, product->version) == 0) {
        if (strcmp(cw_snapshot_product(catalog->table[at])->digest, product->digest) == 0)
            return CW_OK;
        return cw_fail(err, CW_E_CONFLICT, "product.version_exists",
                       "version %s of '%s' is published with other content", product->version,
                       product->id);
    }
    if (!reserve(catalog))
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    memmove(&catalog->table[at + 1], &catalog->table[at],
            (catalog->count - at) * sizeof *catalog->table);
    catalog->table[at] = cw_snapshot_ref(snapshot);
    catalog->count++;
    return CW_OK;
}

enum cw_status cw_catalog_add(struct cw_catalog *catalog, struct cw_snapshot *snapshot,
                              struct cw_error *err) {
    pthread_mutex_lock(&catalog->mutex);
    enum cw_status status = add_locked(catalog, snapshot, err);
    pthread_mutex_unlock(&catalog->mutex);
    return status;
}

bool cw_catalog_replace(struct cw_catalog *catalog, struct cw_snapshot *snapshot) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_snapshot *old = NULL;
    pthread_mutex_lock(&catalog->mutex);
    size_t at = lower_bound(catalog, product->id, product->version);
    if (at < catalog->count &&
        compare_key(catalog->table[at], product->id, product->version) == 0 &&
        strcmp(cw_snapshot_product(catalog->table[at])->digest, product->digest) == 0) {
        old = catalog->table[at];
        catalog->table[at] = cw_snapshot_ref(snapshot);
    }
    pthread_mutex_unlock(&catalog->mutex);
    cw_snapshot_unref(old);
    return old != NULL;
}

/* Index of the entry, or count. */
static size_t find_locked(const struct cw_catalog *catalog, const char *id, const char *version) {
    size_t at = lower_bound(catalog, id, version);
    if (version)
        return at < catalog->count && compare_key(catalog->table[at], id, version) == 0
                   ? at
                   : catalog->count;
    size_t newest = catalog->count;
    for (; at < catalog->count && compare_key(catalog->table[at], id, NULL) == 0; at++)
        newest = at;
    return newest;
}

enum cw_status cw_catalog_get(struct cw_catalog *catalog, const char *id, const char *version,
                              struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    struct cw_snapshot *found = NULL;
    pthread_mutex_lock(&catalog->mutex);
    size_t at = find_locked(catalog, id, version);
    bool known = at < catalog->count || find_locked(catalog, id, NULL) < catalog->count;
    if (at < catalog->count)
        found = cw_snapshot_ref(catalog->table[at]);
    pthread_mutex_unlock(&catalog->mutex);
    if (!known)
        return cw_fail(err, CW_E_NOT_FOUND, "product.not_found", "there is no product '%.64s'", id);
    if (!found)
        return cw_fail(err, CW_E_NOT_FOUND, "product.version_not_found",
                       "product '%.64s' has no version '%.12s'", id, version);
    *ret_snapshot = found;
    return CW_OK;
}

static bool is_newest(const struct cw_catalog *catalog, size_t at) {
    const char *id = cw_snapshot_product(catalog->table[at])->id;
    return at + 1 == catalog->count || compare_key(catalog->table[at + 1], id, NULL) != 0;
}

size_t cw_catalog_list(struct cw_catalog *catalog, struct cw_arena *arena, bool all_versions,
                       struct cw_snapshot *const **ret_items) {
    pthread_mutex_lock(&catalog->mutex);
    struct cw_snapshot **items = cw_arena_array(arena, catalog->count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        if (!all_versions && !is_newest(catalog, i))
            continue;
        items[count] = cw_snapshot_ref(catalog->table[i]);
        cw_snapshot_hold(arena, items[count++]);
    }
    pthread_mutex_unlock(&catalog->mutex);
    *ret_items = items;
    return count;
}
