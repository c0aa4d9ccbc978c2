/*
 * Responsible for: arithmetic on exact integers of any size, and printing them.
 * Does not: know of diagrams (diagram_count.c). Any process, any thread.
 */
#include "configure/rules/diagram_big.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define DECIMAL_CHUNK  1000000000u /* the largest power of ten in a limb of a cw_natural */
#define DECIMAL_DIGITS 9

__extension__ typedef unsigned __int128 wide; /* a limb's product; no other type is as wide */

struct cw_big cw_big_room(struct cw_arena *arena, uint32_t limbs) {
    return (struct cw_big){.limbs = cw_arena_array(arena, limbs, sizeof(uint64_t))};
}

void cw_big_set(struct cw_big *a, uint64_t value) {
    a->count = value != 0;
    if (value != 0)
        a->limbs[0] = value;
}

void cw_big_copy(struct cw_big *a, const struct cw_big *b) {
    a->count = b->count;
    if (b->count > 0)
        memcpy(a->limbs, b->limbs, b->count * sizeof *b->limbs);
}

void cw_big_add(struct cw_big *a, const struct cw_big *b) {
    uint64_t carry = 0;
    for (uint32_t i = a->count; i < b->count; i++)
        a->limbs[i] = 0;
    uint32_t count = a->count > b->count ? a->count : b->count;
    for (uint32_t i = 0; i < count && (i < b->count || carry != 0); i++) {
        wide sum = (wide)a->limbs[i] + (i < b->count ? b->limbs[i] : 0) + carry;
        a->limbs[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    if (carry != 0)
        a->limbs[count++] = carry;
    a->count = count;
}

static void trim(struct cw_big *a) {
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

void cw_big_subtract(struct cw_big *a, const struct cw_big *b) {
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->count && (i < b->count || borrow != 0); i++) {
        uint64_t less = i < b->count ? b->limbs[i] : 0, limb = a->limbs[i];
        a->limbs[i] = limb - less - borrow;
        borrow = limb < less || (limb == less && borrow != 0);
    }
    assert(borrow == 0);
    trim(a);
}

int cw_big_compare(const struct cw_big *a, const struct cw_big *b) {
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

void cw_big_times_small(struct cw_big *a, uint64_t factor) {
    uint64_t carry = 0;
    if (factor == 1)
        return;
    for (uint32_t i = 0; i < a->count; i++) {
        wide product = (wide)a->limbs[i] * factor + carry;
        a->limbs[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry != 0)
        a->limbs[a->count++] = carry;
    if (factor == 0)
        a->count = 0;
}

void cw_big_divide_small(struct cw_big *a, uint64_t divisor) {
    wide rest = 0;
    if (divisor == 1)
        return;
    for (uint32_t i = a->count; i-- > 0;) {
        rest = rest << 64 | a->limbs[i];
        a->limbs[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
    trim(a);
}

void cw_big_times(struct cw_big *ret, const struct cw_big *a, const struct cw_big *b) {
    uint32_t count = a->count + b->count;
    memset(ret->limbs, 0, count * sizeof *ret->limbs);
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (uint32_t k = 0; k < b->count; k++) {
            wide sum = (wide)a->limbs[i] * b->limbs[k] + ret->limbs[i + k] + carry;
            ret->limbs[i + k] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        ret->limbs[i + b->count] = carry;
    }
    ret->count = count;
    trim(ret);
}

struct cw_big cw_big_keep(const struct cw_big *a, struct cw_arena *arena) {
    struct cw_big kept = cw_big_room(arena, a->count);
    cw_big_copy(&kept, a);
    return kept;
}

/* ---- naturals -------------------------------------------------------------------------------- */

static struct cw_natural trimmed(const uint32_t *limbs, uint32_t count) {
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return (struct cw_natural){count, limbs};
}

struct cw_natural cw_big_natural(const struct cw_big *a, struct cw_arena *arena) {
    uint32_t *limbs = cw_arena_array(arena, (size_t)a->count * 2, sizeof *limbs);
    for (uint32_t i = 0; i < a->count; i++) {
        limbs[2 * i] = (uint32_t)a->limbs[i];
        limbs[2 * i + 1] = (uint32_t)(a->limbs[i] >> 32);
    }
    return trimmed(limbs, a->count * 2);
}

int cw_natural_compare(struct cw_natural a, struct cw_natural b) {
    if (a.count != b.count)
        return a.count < b.count ? -1 : 1;
    for (uint32_t i = a.count; i-- > 0;)
        if (a.limbs[i] != b.limbs[i])
            return a.limbs[i] < b.limbs[i] ? -1 : 1;
    return 0;
}

struct cw_natural cw_natural_minus(struct cw_natural a, struct cw_natural b,
                                   struct cw_arena *arena) {
    assert(cw_natural_compare(a, b) >= 0);
    uint32_t *limbs = cw_arena_array(arena, a.count, sizeof *limbs);
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a.count; i++) {
        uint64_t less = (i < b.count ? b.limbs[i] : 0) + borrow;
        borrow = a.limbs[i] < less;
        limbs[i] = (uint32_t)(a.limbs[i] - less);
    }
    return trimmed(limbs, a.count);
}

static uint32_t divide_chunk(uint32_t *limbs, uint32_t *count) {
    uint64_t rest = 0;
    for (uint32_t i = *count; i-- > 0;) {
        rest = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(rest / DECIMAL_CHUNK);
        rest %= DECIMAL_CHUNK;
    }
    *count = trimmed(limbs, *count).count;
    return (uint32_t)rest;
}

char *cw_natural_decimal(struct cw_natural number, struct cw_arena *arena) {
    if (number.count == 0)
        return cw_arena_strdup(arena, "0");
    uint32_t count = number.count;
    uint32_t *limbs = cw_arena_array(arena, count, sizeof *limbs);
    memcpy(limbs, number.limbs, count * sizeof *limbs);
    /* 32 bits are 9.64 digits: two chunks a limb are enough. */
    uint32_t *chunks = cw_arena_array(arena, (size_t)count * 2, sizeof *chunks);
    size_t chunk_count = 0;
    while (count > 0)
        chunks[chunk_count++] = divide_chunk(limbs, &count);
    char *text = cw_arena_alloc(arena, chunk_count * DECIMAL_DIGITS + 2);
    size_t length = (size_t)sprintf(text, "%u", chunks[chunk_count - 1]);
    for (size_t i = chunk_count - 1; i-- > 0;)
        length += (size_t)sprintf(text + length, "%09u", chunks[i]);
    return text;
}
