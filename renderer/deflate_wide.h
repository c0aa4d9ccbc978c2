/* Bits of a deflate stream, and 64 literals at a time put into them: see wide.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "huffman.h"

#define CW_LITERAL_BITS_MAX 12 /* four of them and seven bits fit into a word of 64 */
#define CW_LITERALS         256

struct cw_bits {
    uint64_t held;
    unsigned count; /* below 8 between calls */
    uint8_t *at;    /* with room for eight bytes */
};

static inline void cw_bits_flush(struct cw_bits *bits) {
    memcpy(bits->at, &bits->held, sizeof bits->held); /* little endian */
    bits->at += bits->count / 8;
    bits->held >>= bits->count & ~7u;
    bits->count &= 7;
}

/* At most 56 bits. */
static inline void cw_bits_put(struct cw_bits *bits, uint64_t value, unsigned count) {
    bits->held |= value << bits->count;
    bits->count += count;
    cw_bits_flush(bits);
}

struct cw_wide_codes {
    uint8_t lengths[CW_LITERALS], low[CW_LITERALS], high[CW_LITERALS];
};

/* Codes of literals as tables; none longer than CW_LITERAL_BITS_MAX. */
void cw_wide_codes(const struct cw_huffman *code, struct cw_wide_codes *ret);

/* Put some literals. Only while cw_wide. */
void cw_wide_literals(struct cw_bits *bits, const struct cw_wide_codes *codes, const uint8_t *bytes,
                      size_t length);

/* One bit for each of 64 bytes: is it zero? Only while cw_wide. */
void cw_wide_zeros(const uint8_t *bytes, size_t steps, uint64_t *ret);
