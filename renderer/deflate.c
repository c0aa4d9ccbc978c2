/*
 * Responsible for turning filtered rows into a deflate block: pieces, codes, bits. Does not filter
 * and knows nothing of PNG (encode_png.c). Workers run it.
 *
 * A row is cut into pieces: some literals, then a run of zeros that is worth matches (the zero
 * before, again and again). Every literal has a code, so it is enough to count those of some rows.
 */
#include "deflate.h"

#include <assert.h>
#include <isa-l/igzip_lib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "deflate_wide.h"
#include "huffman.h"
#include "wide.h"

#define LENGTH_BITS_MAX 7
#define LITERALS        256
#define END_OF_BLOCK    256
#define LONGEST         285 /* the symbol of the longest match */
#define MATCH_MIN       3
#define MATCH_MAX       258
#define RUN_MIN         32 /* zeros; shorter ones save 1 % and take half as long again */
#define COUNTED_ROWS    4  /* one of so many */
#define ADLER_BASE      65521u

struct piece {
    uint16_t literals, zeros;
};

/* ---- pieces ---------------------------------------------------------------------------------- */

/* One bit for each of `count` bytes, at most 64: is it zero? */
static uint64_t zero_bits(const uint8_t *at, size_t count) {
    uint64_t ret = 0;
#ifdef __SSE2__
    for (size_t i = 0; i + 16 <= count; i += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
        ret |= (uint64_t)(uint32_t)mask << i;
    }
    for (size_t i = count & ~(size_t)15; i < count; i++)
#else
    for (size_t i = 0; i < count; i++)
#endif
        ret |= (uint64_t)(at[i] == 0) << i;
    return ret;
}

/* Bits of a row's zeros, and a word of none behind. */
static void find_zeros(const uint8_t *row, size_t length, uint64_t *ret) {
    const size_t words = length / 64;
    if (cw_wide)
        cw_wide_zeros(row, words, ret);
    for (size_t i = 0; i < words && !cw_wide; i++)
        ret[i] = zero_bits(row + i * 64, 64);
    ret[words] = zero_bits(row + words * 64, length % 64);
    ret[words + 1] = 0;
}

/* Bits of a word that begin RUN_MIN set ones, which may go on in the next word. */
static uint64_t run_starts(uint64_t word, uint64_t next) {
    for (unsigned width = 1; width < RUN_MIN; width *= 2) {
        word &= word >> width | next << (64 - width);
        next &= next >> width;
    }
    return word;
}

/* Where RUN_MIN zeros follow each other from byte `at` on, at the earliest; `end` when nowhere. */
static size_t next_run(const uint64_t *zeros, size_t at, size_t end) {
    uint64_t wanted = UINT64_MAX << at % 64;
    for (size_t i = at / 64; i * 64 < end; i++, wanted = UINT64_MAX) {
        if ((zeros[i] & wanted) == 0)
            continue;
        uint64_t starts = run_starts(zeros[i], zeros[i + 1]) & wanted;
        if (starts)
            return i * 64 + (size_t)__builtin_ctzll(starts);
    }
    return end;
}

static size_t run_end(const uint64_t *zeros, size_t at, size_t end) {
    uint64_t others = ~zeros[at / 64] & UINT64_MAX << at % 64;
    size_t i = at / 64;
    while (others == 0 && (i + 1) * 64 < end)
        others = ~zeros[++i];
    at = others ? i * 64 + (size_t)__builtin_ctzll(others) : end;
    return at < end ? at : end;
}

/* Literals of the row's first byte go with its first piece. */
static void find_pieces(const struct cw_deflate_rows *rows, struct cw_buf *ret) {
    assert(rows->length >= 2 && rows->length <= CW_DEFLATE_ROW_MAX);
    uint64_t zeros[CW_DEFLATE_ROW_MAX / 64 + 2];
    const size_t end = rows->length - 1;
    cw_buf_reserve(ret, rows->count * (end / RUN_MIN + 2) * sizeof(struct piece));
    struct piece *to = (struct piece *)(void *)ret->data;
    for (size_t i = 0; i < rows->count; i++) {
        struct piece *first = to;
        find_zeros(rows->bytes + i * rows->stride + 1, end, zeros);
        for (size_t at = 0, from, run; at < end;) {
            from = at;
            run = next_run(zeros, from, end);
            at = run < end ? run_end(zeros, run, end) : end;
            *to++ = (struct piece){(uint16_t)(run - from), (uint16_t)(at - run)};
        }
        first->literals++;
    }
}

/* ---- lengths --------------------------------------------------------------------------------- */

struct match {
    unsigned symbol, extra, extra_bits;
};

/* RFC 1951 §3.2.5: four symbols for each number of extra bits, from 257 on; 258 has its own. */
static struct match match_of(unsigned length) {
    unsigned over = length - MATCH_MIN, bits = 0;
    if (length == MATCH_MAX)
        return (struct match){LONGEST, 0, 0};
    while (over >> bits >= 8)
        bits++;
    return (struct match){257 + 4 * bits + (over >> bits), over & ((1u << bits) - 1), bits};
}

/* A run is a literal zero, matches of it, and what is too short for a match. */
struct run {
    size_t longest, rest, literals;
};

static struct run run_of(size_t zeros) {
    struct run ret = {(zeros - 1) / MATCH_MAX, (zeros - 1) % MATCH_MAX, 1};
    if (ret.rest < MATCH_MIN) {
        ret.literals += ret.rest;
        ret.rest = 0;
    }
    return ret;
}

/* ---- counting -------------------------------------------------------------------------------- */

struct counts {
    uint32_t literals[4][LITERALS]; /* apart, so that equal neighbours do not wait for each other */
    uint32_t symbols[CW_HUFFMAN_SYMBOLS];
};

static void count_literals(struct counts *c, const uint8_t *bytes, size_t length) {
    size_t i = 0;
    for (; i + 4 <= length; i += 4)
        for (size_t k = 0; k < 4; k++)
            c->literals[k][bytes[i + k]]++;
    for (; i < length; i++)
        c->literals[0][bytes[i]]++;
}

static void count_run(struct counts *c, size_t zeros) {
    const struct run run = run_of(zeros);
    c->symbols[0] += (uint32_t)run.literals;
    c->symbols[LONGEST] += (uint32_t)run.longest;
    if (run.rest)
        c->symbols[match_of((unsigned)run.rest).symbol]++;
}

static void count(const struct cw_deflate_rows *rows, const struct piece *piece, struct counts *c) {
    for (size_t i = 0; i < rows->count; i++) {
        const uint8_t *at = rows->bytes + i * rows->stride, *end = at + rows->length;
        for (; at < end; at += piece->literals + piece->zeros, piece++) {
            if (i % COUNTED_ROWS == 0)
                count_literals(c, at, piece->literals);
            if (piece->zeros)
                count_run(c, piece->zeros);
        }
    }
    for (size_t i = 0; i < LITERALS; i++)
        c->symbols[i] += 1 + COUNTED_ROWS * (c->literals[0][i] + c->literals[1][i] +
                                             c->literals[2][i] + c->literals[3][i]);
    c->symbols[END_OF_BLOCK] = 1;
}

/* ---- bits ------------------------------------------------------------------------------------ */

static void put_symbol(struct cw_bits *bits, const struct cw_huffman *code, size_t symbol) {
    cw_bits_put(bits, code->codes[symbol], code->lengths[symbol]);
}

static void put_match(struct cw_bits *bits, const struct cw_huffman *code, unsigned length) {
    const struct match match = match_of(length);
    put_symbol(bits, code, match.symbol);
    cw_bits_put(bits, match.extra, match.extra_bits + 1); /* and the only distance, 1: a zero bit */
}

static void put_run(struct cw_bits *bits, const struct cw_huffman *code, size_t zeros) {
    const struct run run = run_of(zeros);
    const uint64_t longest = code->codes[LONGEST]; /* and a zero bit */
    const unsigned length = code->lengths[LONGEST] + 1u;
    for (size_t i = 0; i < run.literals; i++)
        put_symbol(bits, code, 0);
    for (size_t i = run.longest % 2; i < run.longest; i += 2)
        cw_bits_put(bits, longest | longest << length, 2 * length);
    if (run.longest % 2)
        cw_bits_put(bits, longest, length);
    if (run.rest)
        put_match(bits, code, (unsigned)run.rest);
}

/* Code and length of each literal, in one word. */
struct literal_codes {
    uint32_t items[LITERALS];
};

static void put_literals(struct cw_bits *to, const struct literal_codes *codes,
                         const uint8_t *bytes, size_t length) {
    struct cw_bits bits = *to;
    size_t i = 0;
    for (; i + 4 <= length; i += 4) {
        for (size_t k = 0; k < 4; k++) {
            uint32_t code = codes->items[bytes[i + k]];
            bits.held |= (uint64_t)(code >> 8) << bits.count;
            bits.count += code & 0xff;
        }
        cw_bits_flush(&bits);
    }
    for (; i < length; i++)
        cw_bits_put(&bits, codes->items[bytes[i]] >> 8, codes->items[bytes[i]] & 0xff);
    *to = bits;
}

/* ---- the codes themselves -------------------------------------------------------------------- */

#define LENGTH_SYMBOLS 19 /* lengths 0 … 15; 16: the last again; 17, 18: zeros */

struct length_step {
    uint8_t symbol, extra, extra_bits;
};

/* Lengths as symbols, runs taken together (§3.2.7). */
static size_t shorten(const uint8_t *lengths, size_t count, struct length_step *ret) {
    size_t steps = 0;
    for (size_t i = 0, run; i < count; i += run) {
        const size_t most = lengths[i] ? 7 : 138;
        for (run = 1; i + run < count && run < most && lengths[i + run] == lengths[i];)
            run++;
        if (lengths[i] == 0 && run >= 11) {
            ret[steps++] = (struct length_step){18, (uint8_t)(run - 11), 7};
        } else if (lengths[i] == 0 && run >= 3) {
            ret[steps++] = (struct length_step){17, (uint8_t)(run - 3), 3};
        } else if (lengths[i] && run >= 4) {
            ret[steps++] = (struct length_step){lengths[i], 0, 0};
            ret[steps++] = (struct length_step){16, (uint8_t)(run - 4), 2};
        } else {
            ret[steps++] = (struct length_step){lengths[i], 0, 0};
            run = 1;
        }
    }
    return steps;
}

static void put_codes(struct cw_bits *bits, const struct cw_huffman *code) {
    static const uint8_t order[LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                  11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[CW_HUFFMAN_SYMBOLS + 1];
    struct length_step steps[CW_HUFFMAN_SYMBOLS + 1];
    uint32_t counts[LENGTH_SYMBOLS] = {[0] = 1, [18] = 1}; /* one code alone is not complete */
    struct cw_huffman of_lengths;
    memcpy(lengths, code->lengths, CW_HUFFMAN_SYMBOLS);
    lengths[CW_HUFFMAN_SYMBOLS] = 1; /* the only distance */
    size_t count = shorten(lengths, sizeof lengths, steps);
    for (size_t i = 0; i < count; i++)
        counts[steps[i].symbol]++;
    cw_huffman_make(counts, LENGTH_SYMBOLS, LENGTH_BITS_MAX, &of_lengths);
    cw_bits_put(bits, CW_HUFFMAN_SYMBOLS - 257, 5);
    cw_bits_put(bits, 0, 5);
    cw_bits_put(bits, LENGTH_SYMBOLS - 4, 4);
    for (size_t i = 0; i < LENGTH_SYMBOLS; i++)
        cw_bits_put(bits, of_lengths.lengths[order[i]], 3);
    for (size_t i = 0; i < count; i++) {
        put_symbol(bits, &of_lengths, steps[i].symbol);
        cw_bits_put(bits, steps[i].extra, steps[i].extra_bits);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

struct codes {
    struct literal_codes narrow;
    struct cw_wide_codes wide;
};

static void put_piece(struct cw_bits *bits, const struct codes *codes, const uint8_t *at,
                      size_t literals) {
    if (cw_wide)
        cw_wide_literals(bits, &codes->wide, at, literals);
    else
        put_literals(bits, &codes->narrow, at, literals);
}

static void put_rows(struct cw_bits *bits, const struct cw_deflate_rows *rows,
                     const struct piece *piece, const struct cw_huffman *code) {
    struct codes codes;
    for (size_t i = 0; i < LITERALS; i++)
        codes.narrow.items[i] = (uint32_t)code->codes[i] << 8 | code->lengths[i];
    if (cw_wide)
        cw_wide_codes(code, &codes.wide);
    for (size_t i = 0; i < rows->count; i++) {
        const uint8_t *at = rows->bytes + i * rows->stride, *end = at + rows->length;
        for (; at < end; at += piece->literals + piece->zeros, piece++) {
            put_piece(bits, &codes, at, piece->literals);
            if (piece->zeros)
                put_run(bits, code, piece->zeros);
        }
    }
    put_symbol(bits, code, END_OF_BLOCK);
}

/* To a whole byte; unless the stream ends there, through a stored block of no bytes. */
static void put_end(struct cw_bits *bits, bool last) {
    if (!last)
        cw_bits_put(bits, 0, 3);
    cw_bits_put(bits, 0, (8 - bits->count) & 7);
    if (!last)
        cw_bits_put(bits, 0xffff0000u, 32);
}

/* What isal_adler32 would make of so many zeros: they leave a, and add it to b each time. */
static uint32_t adler_zeros(uint32_t adler, size_t zeros) {
    uint32_t a = adler & 0xffff, b = adler >> 16;
    return (uint32_t)((b + (uint64_t)zeros * a) % ADLER_BASE) << 16 | a;
}

static uint32_t adler_rows(const struct cw_deflate_rows *rows, const struct piece *piece) {
    uint32_t adler = 1;
    for (size_t i = 0; i < rows->count; i++) {
        const uint8_t *at = rows->bytes + i * rows->stride, *end = at + rows->length;
        for (; at < end; at += piece->literals + piece->zeros, piece++)
            adler = adler_zeros(isal_adler32(adler, at, piece->literals), piece->zeros);
    }
    return adler;
}

uint32_t cw_deflate(const struct cw_deflate_rows *rows, bool last, struct cw_buf *ret) {
    CW_AUTO_BUF struct cw_buf pieces = {0};
    struct counts counts = {0};
    struct cw_huffman code;
    find_pieces(rows, &pieces);
    const struct piece *first = (const struct piece *)(const void *)pieces.data;
    count(rows, first, &counts);
    cw_huffman_make(counts.symbols, CW_HUFFMAN_SYMBOLS, CW_LITERAL_BITS_MAX, &code);
    /* codes of a literal have at most 12 bits; matches are shorter than what they stand for */
    cw_buf_reserve(ret, rows->count * rows->length * 3 / 2 + 1024);
    struct cw_bits bits = {.at = (uint8_t *)ret->data + ret->length};
    cw_bits_put(&bits, last ? 1 : 0, 1);
    cw_bits_put(&bits, 2, 2); /* dynamic codes */
    put_codes(&bits, &code);
    put_rows(&bits, rows, first, &code);
    put_end(&bits, last);
    ret->length = (size_t)(bits.at - (uint8_t *)ret->data);
    return adler_rows(rows, first);
}
