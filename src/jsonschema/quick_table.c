/*
 * Responsible for: tables of strings (quick.h). Does not: look anything up while a value is
 * validated; that is inline in quick.h. Runs in: every process, at start-up.
 */
#include "jsonschema/quick.h"

#include <string.h>

#define SEEDS 32 /* tried of a table */

struct quick_table cw_schema_quick_table(struct cw_arena *arena, size_t most) {
    struct quick_table table = {.shift = 63, .mask = 1};
    for (; table.mask + 1 < 2 * most; table.shift--)
        table.mask = 2 * table.mask + 1;
    table.factors[0] = UINT64_C(0x9E3779B97F4A7C15);
    table.factors[1] = UINT64_C(0xC2B2AE3D27D4EB4F);
    table.entries = cw_arena_array(arena, table.mask + 1, sizeof *table.entries);
    return table;
}

static struct quick_entry *put(struct quick_table *table, const struct quick_key *key) {
    size_t slot = quick_slot(table, key);
    for (; table->entries[slot].key.text; slot = (slot + 1) & table->mask) {
        if (quick_same(&table->entries[slot].key, key))
            return &table->entries[slot];
    }
    table->count++;
    table->entries[slot] = (struct quick_entry){.key = *key};
    return &table->entries[slot];
}

struct quick_entry *cw_schema_quick_put(struct quick_table *table, const char *name,
                                        size_t length) {
    struct quick_key key = quick_key_of(name, length);
    return put(table, &key);
}

static size_t count_displaced(const struct quick_table *table) {
    size_t displaced = 0;
    for (size_t slot = 0; slot <= table->mask; slot++) {
        const struct quick_key *key = &table->entries[slot].key;
        displaced += key->text && quick_slot(table, key) != slot;
    }
    return displaced;
}

void cw_schema_quick_settle(struct cw_arena *arena, struct quick_table *table) {
    size_t fewest = count_displaced(table);
    for (uint64_t seed = 1; seed <= SEEDS && fewest > 0; seed++) {
        struct quick_table other = cw_schema_quick_table(arena, (table->mask + 1) / 2);
        other.factors[0] = (seed * UINT64_C(0xD1342543DE82EF95)) | 1;
        other.factors[1] = quick_mix(seed, other.factors[0]) | 1;
        for (size_t slot = 0; slot <= table->mask; slot++) {
            const struct quick_entry *entry = &table->entries[slot];
            if (entry->key.text)
                *put(&other, &entry->key) = *entry;
        }
        size_t displaced = count_displaced(&other);
        if (displaced < fewest) {
            fewest = displaced;
            *table = other;
        }
    }
}
