/* Prefix codes: complete, never above the limit, as short as a plain Huffman tree allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "huffman.h"

/* Kraft's sum in units of 2^-limit, and no code is the beginning of another. */
static void expect_complete(const struct cw_huffman *code, const uint32_t *counts, size_t count,
                            unsigned limit) {
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(code->lengths[i] > 0, counts[i] > 0);
        assert_in_range(code->lengths[i], 0, limit);
        if (code->lengths[i])
            sum += 1u << (limit - code->lengths[i]);
        for (size_t k = 0; code->lengths[i] && k < count; k++) {
            uint32_t mask = (1u << code->lengths[i]) - 1;
            if (k != i && code->lengths[k] >= code->lengths[i])
                assert_int_not_equal(code->codes[k] & mask, code->codes[i]);
        }
    }
    assert_int_equal(sum, 1u << limit);
}

static uint64_t bits_of(const struct cw_huffman *code, const uint32_t *counts, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)counts[i] * code->lengths[i];
    return sum;
}

/* Joining the two rarest again and again: each join costs what it joins. */
static uint64_t least_bits(const uint32_t *counts, size_t count) {
    uint64_t left[CW_HUFFMAN_SYMBOLS], sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (counts[i])
            left[n++] = counts[i];
    for (; n > 1; n--) {
        for (size_t place = 0; place < 2; place++) /* the rarest to the end */
            for (size_t i = 0; i + 1 + place < n; i++)
                if (left[i] < left[n - 1 - place]) {
                    uint64_t swap = left[i];
                    left[i] = left[n - 1 - place];
                    left[n - 1 - place] = swap;
                }
        left[n - 2] += left[n - 1];
        sum += left[n - 2];
    }
    return sum;
}

static void test_known(void **state) {
    (void)state;
    const uint32_t counts[] = {5, 0, 1, 1, 2};
    static const uint8_t lengths[] = {1, 0, 3, 3, 2};
    static const uint16_t codes[] = {0, 0, 3, 7, 1}; /* 0, 110, 111, 10 with the first bit lowest */
    struct cw_huffman code;
    cw_huffman_make(counts, 5, 12, &code);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(code.lengths[i], lengths[i]);
        assert_int_equal(code.codes[i], codes[i]);
    }
}

static void test_random(void **state) {
    (void)state;
    uint32_t noise = 1;
    for (size_t round = 0; round < 200; round++) {
        uint32_t counts[CW_HUFFMAN_SYMBOLS] = {[0] = 1, [1] = 1};
        const size_t count = 2 + round % (CW_HUFFMAN_SYMBOLS - 1);
        for (size_t i = 2; i < count; i++) {
            noise = noise * 1664525u + 1013904223u;
            counts[i] = noise % 3 ? (noise >> 8) % (1u << (round % 16)) : 0;
        }
        struct cw_huffman code;
        cw_huffman_make(counts, count, 15, &code);
        expect_complete(&code, counts, count, 15);
        if (round % 16 < 8) /* such trees are not deep */
            assert_int_equal(bits_of(&code, counts, count), least_bits(counts, count));
    }
}

/* Counts like Fibonacci's make the deepest tree: one bit more for each symbol. */
static void test_limit(void **state) {
    (void)state;
    uint32_t counts[45] = {1, 1};
    struct cw_huffman code;
    for (size_t i = 2; i < 45; i++)
        counts[i] = counts[i - 1] + counts[i - 2];
    for (unsigned limit = 6; limit <= 15; limit++) {
        cw_huffman_make(counts, 45, limit, &code);
        expect_complete(&code, counts, 45, limit);
    }
    cw_huffman_make(counts, 13, 12, &code); /* just within */
    assert_int_equal(code.lengths[0], 12);
    assert_int_equal(bits_of(&code, counts, 13), least_bits(counts, 13));
    cw_huffman_make(counts, 14, 12, &code); /* and one beyond */
    assert_int_equal(code.lengths[0], 12);
    expect_complete(&code, counts, 14, 12);
}

/* As many symbols as codes of the limit. */
static void test_full(void **state) {
    (void)state;
    uint32_t counts[128];
    struct cw_huffman code;
    for (size_t i = 0; i < 128; i++)
        counts[i] = 1u << i % 24;
    cw_huffman_make(counts, 128, 7, &code);
    expect_complete(&code, counts, 128, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
