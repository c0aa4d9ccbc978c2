/*
 * Responsible for: pictures in memory, bounded in bytes.
 * Does not: verify values (they never leave the process) or know what they are.
 * Runs in: the server (any thread), the command line.
 *
 * One mutex guards all of a cache. It is held for a look-up and a few pointers; a picture that is
 * pushed out may be freed under it, which is one free() of a block.
 *
 * Segmented LRU (Karedla, Love & Wherry 1994): a new entry starts on probation, a hit makes it
 * protected, protected ones past their share fall back to probation, and only probation is evicted.
 * One crawler asking for every colour once cannot push out what shoppers look at.
 */
#include "preview/cache_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PROTECTED_PERCENT 80
#define LARGEST_PART      8
#define MIN_BUCKETS       64

struct entry {
    TAILQ_ENTRY(entry) link;
    struct entry *next; /* in its bucket */
    uint8_t key[CW_IDENTITY_BYTES];
    struct cw_blob *blob;
    size_t bytes;
    bool is_protected;
};
TAILQ_HEAD(entry_list, entry); /* most recent first */

struct cw_cache_memory {
    pthread_mutex_t lock; /* guards the rest */
    size_t max_bytes, protected_max_bytes, protected_bytes;
    struct entry_list probation, protected;
    size_t bucket_count; /* power of two */
    struct entry **buckets;
    struct cw_cache_memory_stats stats;
};

/* Keys are digests: any eight bytes of one are as good as a hash. */
static struct entry **bucket_of(const struct cw_cache_memory *cache, const uint8_t *key) {
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static struct entry **find(const struct cw_cache_memory *cache, const uint8_t *key) {
    struct entry **at = bucket_of(cache, key);
    while (*at != NULL && memcmp((*at)->key, key, CW_IDENTITY_BYTES) != 0)
        at = &(*at)->next;
    return at;
}

static struct entry_list *list_of(struct cw_cache_memory *cache, const struct entry *entry) {
    return entry->is_protected ? &cache->protected : &cache->probation;
}

static void remove_entry(struct cw_cache_memory *cache, struct entry **at) {
    struct entry *entry = *at;
    *at = entry->next;
    TAILQ_REMOVE(list_of(cache, entry), entry, link);
    if (entry->is_protected)
        cache->protected_bytes -= entry->bytes;
    cache->stats.bytes -= entry->bytes;
    cache->stats.entries--;
    cw_blob_unref(entry->blob);
    free(entry);
}

static void demote_overflow(struct cw_cache_memory *cache) {
    while (cache->protected_bytes > cache->protected_max_bytes) {
        struct entry *entry = TAILQ_LAST(&cache->protected, entry_list);
        TAILQ_REMOVE(&cache->protected, entry, link);
        cache->protected_bytes -= entry->bytes;
        entry->is_protected = false;
        TAILQ_INSERT_HEAD(&cache->probation, entry, link);
    }
}

static void promote(struct cw_cache_memory *cache, struct entry *entry) {
    TAILQ_REMOVE(list_of(cache, entry), entry, link);
    TAILQ_INSERT_HEAD(&cache->protected, entry, link);
    if (!entry->is_protected) {
        entry->is_protected = true;
        cache->protected_bytes += entry->bytes;
        demote_overflow(cache);
    }
}

/* Room for `bytes` more. Probation cannot run dry first: protected holds at most its share, and a
 * value at most an eighth of the whole, which is less than the rest. */
static void evict(struct cw_cache_memory *cache, size_t bytes) {
    while (cache->stats.bytes + bytes > cache->max_bytes) {
        struct entry *last = TAILQ_LAST(&cache->probation, entry_list);
        if (last == NULL)
            return;
        remove_entry(cache, find(cache, last->key));
        cache->stats.evictions++;
    }
}

/* Doubles the table when entries outnumber buckets; without memory chains just grow longer. */
static void grow(struct cw_cache_memory *cache) {
    if (cache->stats.entries < cache->bucket_count)
        return;
    size_t old_count = cache->bucket_count;
    struct entry **old = cache->buckets;
    struct entry **buckets = calloc(old_count * 2, sizeof *buckets);
    if (buckets == NULL)
        return;
    cache->buckets = buckets;
    cache->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++)
        for (struct entry *entry = old[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            struct entry **at = bucket_of(cache, entry->key);
            entry->next = *at;
            *at = entry;
        }
    free(old);
}

struct cw_cache_memory *cw_cache_memory_new(size_t max_bytes) {
    struct cw_cache_memory *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    cache->bucket_count = MIN_BUCKETS;
    cache->buckets = calloc(cache->bucket_count, sizeof *cache->buckets);
    if (cache->buckets == NULL) {
        free(cache);
        return NULL;
    }
    pthread_mutex_init(&cache->lock, NULL);
    cache->max_bytes = max_bytes;
    cache->protected_max_bytes = max_bytes / 100 * PROTECTED_PERCENT;
    TAILQ_INIT(&cache->probation);
    TAILQ_INIT(&cache->protected);
    return cache;
}

static void free_list(struct entry_list *list) {
    struct entry *entry;
    while ((entry = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, entry, link);
        cw_blob_unref(entry->blob);
        free(entry);
    }
}

void cw_cache_memory_free(struct cw_cache_memory *cache) {
    if (cache == NULL)
        return;
    free_list(&cache->probation);
    free_list(&cache->protected);
    pthread_mutex_destroy(&cache->lock);
    free(cache->buckets);
    free(cache);
}

struct cw_blob *cw_cache_memory_get(struct cw_cache_memory *cache,
                                    const uint8_t key[CW_IDENTITY_BYTES]) {
    struct cw_blob *blob = NULL;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = *find(cache, key);
    if (entry == NULL) {
        cache->stats.misses++;
    } else {
        cache->stats.hits++;
        promote(cache, entry);
        blob = cw_blob_ref(entry->blob);
    }
    pthread_mutex_unlock(&cache->lock);
    return blob;
}

static void set_locked(struct cw_cache_memory *cache, const uint8_t key[CW_IDENTITY_BYTES],
                       struct cw_blob *blob) {
    size_t bytes = cw_blob_length(blob) + sizeof(struct entry);
    struct entry **old = find(cache, key);
    if (*old != NULL)
        remove_entry(cache, old);
    if (bytes > cache->max_bytes / LARGEST_PART)
        return;
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return; /* a cache may forget */
    evict(cache, bytes);
    grow(cache);
    memcpy(entry->key, key, CW_IDENTITY_BYTES);
    entry->blob = cw_blob_ref(blob);
    entry->bytes = bytes;
    struct entry **at = bucket_of(cache, key);
    entry->next = *at;
    *at = entry;
    TAILQ_INSERT_HEAD(&cache->probation, entry, link);
    cache->stats.bytes += bytes;
    cache->stats.entries++;
}

void cw_cache_memory_set(struct cw_cache_memory *cache, const uint8_t key[CW_IDENTITY_BYTES],
                         struct cw_blob *blob) {
    pthread_mutex_lock(&cache->lock);
    set_locked(cache, key, blob);
    pthread_mutex_unlock(&cache->lock);
}

void cw_cache_memory_stats(struct cw_cache_memory *cache, struct cw_cache_memory_stats *ret_stats) {
    pthread_mutex_lock(&cache->lock);
    *ret_stats = cache->stats;
    pthread_mutex_unlock(&cache->lock);
}
