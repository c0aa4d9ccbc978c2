/*
 * Responsible for prefix codes of limited length. Does not write bits (deflate.c). Workers run it.
 */
#include "huffman.h"

#include <string.h>

#define LENGTH_MAX 48 /* without a limit: counts that grow like Fibonacci's, below 2^32 in all */

struct entry {
    uint32_t value; /* count, then parent, then depth: the algorithm works in place */
    uint16_t symbol;
};

/* By count, symbols of equal count as they come: a byte of the counts at a time, lowest first. */
static void sort(struct entry *entries, size_t count) {
    struct entry other[CW_HUFFMAN_SYMBOLS], *from = entries, *to = other;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        uint16_t at[257] = {0};
        for (size_t i = 0; i < count; i++)
            at[(from[i].value >> shift & 0xff) + 1]++;
        if (at[1] == count)
            continue; /* all zero */
        for (size_t i = 1; i < 256; i++)
            at[i] = (uint16_t)(at[i] + at[i - 1]);
        for (size_t i = 0; i < count; i++)
            to[at[from[i].value >> shift & 0xff]++] = from[i];
        struct entry *swap = from;
        from = to;
        to = swap;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof *entries);
}

/* The smaller of the next leaf and the next inner node; an inner one learns its parent. */
static uint32_t take(struct entry *e, size_t *leaf, size_t *root, const size_t next_count[2]) {
    size_t next = next_count[0], count = next_count[1];
    if (*leaf >= count || (*root < next && e[*root].value < e[*leaf].value)) {
        uint32_t value = e[*root].value;
        e[(*root)++].value = (uint32_t)next;
        return value;
    }
    return e[(*leaf)++].value;
}

/* Sorted counts become how many codes there are of each length. */
static void count_lengths(struct entry *e, size_t count, uint32_t *of_length) {
    size_t leaf = 0, root = 0;
    for (size_t next = 0; next + 1 < count; next++) { /* inner nodes with their parents */
        const size_t next_count[2] = {next, count};
        uint32_t first = take(e, &leaf, &root, next_count);
        uint32_t second = take(e, &leaf, &root, next_count);
        e[next].value = first + second;
    }
    e[count - 2].value = 0; /* the tree's root; depths of the others from their parents' */
    for (size_t i = count - 2; i-- > 0;)
        e[i].value = e[e[i].value].value + 1;
    size_t free = 1, inner = count - 1, depth = 0;
    while (free > 0) {
        size_t used = 0;
        for (; inner > 0 && e[inner - 1].value == depth; inner--)
            used++;
        of_length[depth] += (uint32_t)(free - used);
        free = 2 * used;
        depth++;
    }
}

/* No more than `limit` bits, and Kraft's sum is still 1. */
static void keep_within(uint32_t *of_length, unsigned limit) {
    uint64_t sum = 0;
    for (size_t i = limit + 1; i <= LENGTH_MAX; i++)
        of_length[limit] += of_length[i];
    for (size_t i = 1; i <= limit; i++)
        sum += (uint64_t)of_length[i] << (limit - i);
    for (; sum > UINT64_C(1) << limit; sum--) { /* a shorter one moves down and takes one along */
        size_t i = limit - 1;
        while (of_length[i] == 0)
            i--;
        of_length[limit]--;
        of_length[i]--;
        of_length[i + 1] += 2;
    }
}

static uint16_t reversed(uint32_t code, unsigned length) {
    code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
    code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
    code = (code & 0x0f0f) << 4 | (code >> 4 & 0x0f0f);
    code = (code & 0x00ff) << 8 | code >> 8;
    return (uint16_t)(code >> (16 - length));
}

static void number(const uint32_t *of_length, unsigned limit, struct cw_huffman *ret) {
    uint32_t next[LENGTH_MAX + 1] = {0};
    for (size_t i = 1; i < limit; i++)
        next[i + 1] = (next[i] + of_length[i]) << 1;
    for (size_t i = 0; i < CW_HUFFMAN_SYMBOLS; i++)
        if (ret->lengths[i])
            ret->codes[i] = reversed(next[ret->lengths[i]]++, ret->lengths[i]);
}

void cw_huffman_make(const uint32_t *counts, size_t count, unsigned limit, struct cw_huffman *ret) {
    struct entry entries[CW_HUFFMAN_SYMBOLS];
    uint32_t of_length[LENGTH_MAX + 1] = {0};
    size_t used = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        if (counts[i])
            entries[used++] = (struct entry){counts[i], (uint16_t)i};
    sort(entries, used);
    count_lengths(entries, used, of_length);
    keep_within(of_length, limit);
    memset(ret, 0, sizeof *ret);
    for (size_t length = limit; length > 0; length--) /* the rarest are the longest */
        for (uint32_t i = 0; i < of_length[length]; i++)
            ret->lengths[entries[at++].symbol] = (uint8_t)length;
    number(of_length, limit, ret);
}
