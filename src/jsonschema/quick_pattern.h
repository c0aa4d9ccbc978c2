/*
 * Anchored patterns of the simple kind as a table: one look-up per byte instead of a backtracking
 * match. Inside this folder only; in agreement with regex.c on every ASCII text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define QUICK_PATTERN_STATES 32

struct quick_pattern {
    uint8_t states;                     /* 0 is dead, 1 where it starts */
    bool accepts[QUICK_PATTERN_STATES]; /* the text may end here */
    uint8_t next[QUICK_PATTERN_STATES][128];
};

/*
 * The table of an ECMA-262 pattern that stands between ^ and $ and is made of characters, classes,
 * groups, alternatives and repetition; NULL when it is of another kind, or too much.
 */
const struct quick_pattern *cw_schema_quick_pattern(struct cw_arena *arena, const char *pattern);

enum quick_match { QUICK_MATCH_NO, QUICK_MATCH_YES, QUICK_MATCH_ASK /* not ASCII */ };

static inline enum quick_match quick_pattern_match(const struct quick_pattern *pattern,
                                                   const char *text, size_t length) {
    unsigned state = 1;
    unsigned char all = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        all |= byte;
        state = pattern->next[state][byte & 127];
    }
    if (all & 128)
        return QUICK_MATCH_ASK;
    return pattern->accepts[state] ? QUICK_MATCH_YES : QUICK_MATCH_NO;
}
