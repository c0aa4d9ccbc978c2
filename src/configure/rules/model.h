/*
 * A constraint model over finite domains: what a product's rules look like to the compiler.
 *
 * Variables have values 0 … value_count-1. Sets of values are bitsets of 64-bit words, one or more
 * whole words per variable, so that a mask over all variables is one array of `word_count` words
 * and the values of variable v start at word_bases[v]. Arrays over single values (costs,
 * multiplicities) are dense: value x of variable v is at value_bases[v] + x.
 *
 * A model knows nothing of products; configure/lower.h makes one from a product.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

enum cw_model_kind {
    CW_MODEL_CLAUSE, /* some scope[i] has a value in its set; an empty clause is false */
    CW_MODEL_TABLE,  /* allowed: some row holds; else: no row holds. A row holds when every scope[i]
                        has a value in the row's set for it */
    CW_MODEL_LINEAR  /* min <= sum of weights[scope[i] = value] <= max */
};

struct cw_model_constraint {
    enum cw_model_kind kind;
    uint32_t origin; /* the caller's name for it: what explanations are made of */
    uint32_t scope_count;
    const uint32_t *scope; /* variables, ascending, no doubles */
    /* CLAUSE: one set per scope variable, one after the other. TABLE: such a line per row. */
    const uint64_t *sets;
    uint32_t line_words; /* words of one line */
    uint32_t row_count;  /* TABLE */
    bool allowed;        /* TABLE */
    /* LINEAR: the weights of all values of scope[0], then of scope[1] … */
    const int64_t *weights;
    int64_t min, max; /* INT64_MIN, INT64_MAX: open */
};

struct cw_model {
    struct cw_arena *arena;
    uint32_t var_count, word_count, value_count;
    const uint32_t *value_counts, *word_bases, *value_bases; /* per variable */
    const uint64_t *multiplicities; /* per value: how many configurations it stands for, >= 1 */
    uint32_t constraint_count, origin_count; /* origins are below origin_count */
    const struct cw_model_constraint *constraints;
    /* inside model.c */
    uint32_t var_capacity, value_capacity, constraint_capacity;
};

static inline uint32_t cw_set_words(uint32_t value_count) {
    return (value_count + 63) / 64;
}
static inline bool cw_set_has(const uint64_t *set, uint32_t value) {
    return (set[value / 64] >> (value % 64) & 1) != 0;
}
static inline void cw_set_add(uint64_t *set, uint32_t value) {
    set[value / 64] |= UINT64_C(1) << (value % 64);
}
static inline void cw_set_drop(uint64_t *set, uint32_t value) {
    set[value / 64] &= ~(UINT64_C(1) << (value % 64));
}

/* An empty model in the arena. Its constraints hold always; every function below only adds. */
struct cw_model *cw_model_new(struct cw_arena *arena);

/* A variable with that many values (1 … CW_MODEL_VALUES); returns its index. */
uint32_t cw_model_add_var(struct cw_model *model, uint32_t value_count);

/* A value that stands for `count` (>= 1) configurations the rules cannot tell apart. Those of a
 * variable stay below 2^64 together. */
void cw_model_set_multiplicity(struct cw_model *model, uint32_t var, uint32_t value,
                               uint64_t count);

/*
 * Add a constraint. `scope` may be in any order and name a variable twice in a clause (the sets are
 * joined); sets, weights follow that order. Everything is copied. Returns its index.
 */
uint32_t cw_model_add_clause(struct cw_model *model, uint32_t origin, const uint32_t *scope,
                             uint32_t scope_count, const uint64_t *sets);
struct cw_model_table {
    const uint32_t *scope; /* no doubles */
    uint32_t scope_count;
    const uint64_t *rows; /* row_count lines of one set per scope variable */
    uint32_t row_count;
    bool allowed;
};
uint32_t cw_model_add_table(struct cw_model *model, uint32_t origin,
                            const struct cw_model_table *table);
struct cw_model_linear {
    const uint32_t *scope; /* no doubles */
    uint32_t scope_count;
    const int64_t *weights;
    int64_t min, max;
};
uint32_t cw_model_add_linear(struct cw_model *model, uint32_t origin,
                             const struct cw_model_linear *linear);

/* A mask of word_count words in the arena with every value of every variable. */
uint64_t *cw_model_full_mask(const struct cw_model *model, struct cw_arena *arena);

/* Does a complete assignment (a value per variable) keep the constraint? Reads the definition above
 * and nothing else: the judge in tests and of witnesses. */
bool cw_model_keeps(const struct cw_model *model, const struct cw_model_constraint *constraint,
                    const uint32_t *values);

/**
 * Write a model for another process, and read one back.
 * @param buf   appended to
 * @units   none
 * @owner   the model lives in `arena`
 * @errors  CW_E_INPUT "rules.model_damaged": any index, count or order out of range
 * @cost    O(bytes)
 * @source  base/wire.h; digest: SHA-256 of exactly these bytes
 */
void cw_model_encode(const struct cw_model *model, struct cw_buf *buf);
enum cw_status cw_model_decode(const void *data, size_t length, struct cw_arena *arena,
                               struct cw_model **ret_model, struct cw_error *err) CW_MUST_USE;

/* SHA-256 of the encoded model: what an artefact says it was made from. */
void cw_model_digest(const struct cw_model *model, uint8_t ret_digest[32]);
