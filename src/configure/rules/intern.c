/*
 * Responsible for: hash-consing lists of words. Does not: forget; it ends with the attempt.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/intern.h"

#include <string.h>

void cw_intern_init(struct cw_intern *intern, struct cw_account *account) {
    *intern = (struct cw_intern){.account = account};
}

void cw_intern_deinit(struct cw_intern *intern) {
    if (!intern->account)
        return;
    cw_u32_free(intern->account, &intern->words);
    cw_compile_pool_free(intern->account, intern->entries, intern->capacity,
                         sizeof *intern->entries);
    cw_compile_pool_free(intern->account, intern->slots, intern->slot_count, sizeof *intern->slots);
    *intern = (struct cw_intern){0};
}

/* Two words a step (the multiplicative constants are MurmurHash3's, Appleby). */
static uint32_t hash_of(const uint32_t *words, uint32_t length) {
    uint64_t h = length * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = 0;
    for (; i + 2 <= length; i += 2) {
        h = (h ^ (words[i] | (uint64_t)words[i + 1] << 32)) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    if (i < length)
        h = (h ^ words[i]) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return (uint32_t)(h ^ (h >> 33));
}

static void place(struct cw_intern *intern, uint32_t hash, uint32_t entry) {
    size_t slot = hash & (intern->slot_count - 1);
    while (intern->slots[slot])
        slot = (slot + 1) & (intern->slot_count - 1);
    intern->slots[slot] = entry + 1;
}

static void widen(struct cw_intern *intern) {
    size_t wanted = intern->slot_count ? intern->slot_count * 2 : 1024;
    cw_compile_pool_free(intern->account, intern->slots, intern->slot_count, sizeof *intern->slots);
    intern->slots = cw_compile_pool_zeroed(intern->account, wanted, sizeof *intern->slots);
    intern->slot_count = wanted;
    for (size_t i = 0; i < intern->count; i++)
        place(intern, intern->entries[i].hash, (uint32_t)i);
}

static uint32_t append(struct cw_intern *intern, uint32_t hash, const uint32_t *words,
                       uint32_t length) {
    uint32_t *to = cw_u32_room(intern->account, &intern->words, length);
    memcpy(to, words, length * sizeof *words);
    if (intern->count == intern->capacity)
        intern->entries = cw_compile_pool_grow(intern->account, intern->entries, &intern->capacity,
                                               intern->count + 1, sizeof *intern->entries);
    intern->entries[intern->count] = (struct cw_intern_entry){hash, length, intern->words.count};
    intern->words.count += length;
    return (uint32_t)intern->count++;
}

uint32_t cw_intern_add(struct cw_intern *intern, const uint32_t *words, uint32_t length,
                       bool *ret_new) {
    uint32_t hash = hash_of(words, length);
    if (intern->count * 2 >= intern->slot_count)
        widen(intern);
    size_t slot = hash & (intern->slot_count - 1);
    for (; intern->slots[slot]; slot = (slot + 1) & (intern->slot_count - 1)) {
        const struct cw_intern_entry *entry = &intern->entries[intern->slots[slot] - 1];
        if (entry->hash == hash && entry->length == length &&
            memcmp(intern->words.at + entry->at, words, length * sizeof *words) == 0) {
            *ret_new = false;
            return intern->slots[slot] - 1;
        }
    }
    *ret_new = true;
    intern->slots[slot] = append(intern, hash, words, length) + 1;
    return (uint32_t)intern->count - 1;
}
