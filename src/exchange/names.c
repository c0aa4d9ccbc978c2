/*
 * Responsible for: looking names up by hash, and making ids out of names without collisions.
 * Does not: know what a name stands for. Any process.
 */
#include "exchange/names.h"

#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 64

/* FNV-1a; only spreads, equality is always compared in full. */
static size_t hash(const char *name) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

/* The slot that holds the name, or the free one where it would go. */
static struct cw_names_slot *slot_of(const struct cw_names *names, const char *name) {
    size_t at = hash(name) & (names->capacity - 1);
    while (names->slots[at].name && strcmp(names->slots[at].name, name) != 0)
        at = (at + 1) & (names->capacity - 1);
    return &names->slots[at];
}

uint32_t cw_names_find(const struct cw_names *names, const char *name) {
    if (names->count == 0)
        return CW_NAMES_NONE;
    const struct cw_names_slot *slot = slot_of(names, name);
    return slot->name ? slot->number : CW_NAMES_NONE;
}

static void grow(struct cw_names *names) {
    struct cw_names old = *names;
    names->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    names->slots = cw_arena_array(names->arena, names->capacity, sizeof *names->slots);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].name)
            *slot_of(names, old.slots[i].name) = old.slots[i];
    }
}

bool cw_names_add(struct cw_names *names, const char *name, uint32_t number) {
    if ((names->count + 1) * 4 > names->capacity * 3)
        grow(names);
    struct cw_names_slot *slot = slot_of(names, name);
    if (slot->name)
        return false;
    *slot = (struct cw_names_slot){name, number};
    names->count++;
    return true;
}

/* ---- ids ------------------------------------------------------------------------------------- */

static bool is_reserved(const char *id) {
    return strcmp(id, "all") == 0 || strcmp(id, "any") == 0 || strcmp(id, "not") == 0;
}

static void write_stem(const char *name, char stem[CW_ID_STEM + 4]) {
    size_t length = 0;
    char between = 0; /* what stands between the last letter and the next */
    for (const char *at = name; *at && length < CW_ID_STEM - 1; at++) {
        char c = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        bool digit = c >= '0' && c <= '9';
        if (!digit && !(c >= 'a' && c <= 'z')) {
            between = c == '_' && between != '-' ? '_' : '-';
            continue;
        }
        if (length == 0 && digit) {
            stem[length++] = 'f';
            between = '-';
        }
        if (between && length)
            stem[length++] = between;
        between = 0;
        stem[length++] = c;
    }
    if (length == 0)
        stem[length++] = 'f';
    stem[length] = '\0';
    if (is_reserved(stem))
        memcpy(stem + length, "-f", 3);
}

const char *cw_names_make_id(struct cw_names *names, const char *name, uint32_t number) {
    char stem[CW_ID_STEM + 4], id[CW_ID_STEM + 32];
    write_stem(name, stem);
    memcpy(id, stem, strlen(stem) + 1);
    for (uint32_t n = 2; cw_names_find(names, id) != CW_NAMES_NONE; n++)
        snprintf(id, sizeof id, "%s-%u", stem, n);
    const char *kept = cw_arena_strdup(names->arena, id);
    (void)cw_names_add(names, kept, number);
    return kept;
}
