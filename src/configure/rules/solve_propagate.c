/*
 * Responsible for: what each kind of constraint removes. Clauses and allowed tables remove every
 * value that has no support, sums every value beyond their bounds, forbidden tables what a row with
 * one way out demands. Does not: keep the queue (solve_state.c). Any process.
 *
 * Tables are read a word of rows at a time (Demeulenaere et al. 2016), from the domains as they
 * are: nothing has to be undone.
 */
#include "configure/rules/solve_internal.h"

#include <string.h>

__extension__ typedef __int128 wide; /* sums of any weights */

/* ---- clauses --------------------------------------------------------------------------------- */

static bool position_open(const struct cw_solve_state *state, const struct cw_solve_constraint *c,
                          uint32_t i) {
    const struct cw_model *model = state->index->model;
    const uint64_t *domain = state->domains + model->word_bases[c->scope[i]];
    const uint64_t *set = c->sets + c->starts[i];
    uint32_t words = c->starts[i + 1] - c->starts[i];
    for (uint32_t w = 0; w < words; w++)
        if (domain[w] & set[w])
            return true;
    return false;
}

static bool visit_clause(struct cw_solve_state *state, uint32_t constraint) {
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    uint32_t *hints = state->hints + 2 * (size_t)constraint;
    if (hints[0] != hints[1] && position_open(state, c, hints[0]) &&
        position_open(state, c, hints[1]))
        return true;
    uint32_t found[2] = {0, 0}, count = 0, at = hints[1];
    for (uint32_t k = 0; k < c->scope_count && count < 2; k++) {
        if (position_open(state, c, at))
            found[count++] = at;
        at = at + 1 < c->scope_count ? at + 1 : 0;
    }
    if (count == 2) {
        memcpy(hints, found, sizeof found);
        return true;
    }
    if (count == 0)
        return false;
    return cw_solve_restrict(state, c->scope[found[0]], c->sets + c->starts[found[0]], constraint);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const uint64_t *value_rows(const struct cw_solve_constraint *c, uint32_t position,
                                  uint32_t value) {
    return c->bits + (size_t)(c->starts[position] + value) * c->row_words;
}

/* The rows there are in one word. */
static uint64_t row_mask(const struct cw_solve_constraint *c, uint32_t word) {
    bool whole = word + 1 < c->row_words || c->row_count % 64 == 0;
    return whole ? UINT64_MAX : (UINT64_C(1) << (c->row_count % 64)) - 1;
}

/* Rows that some value left at this position has in its bits. */
static void join_rows(const struct cw_solve_state *state, const struct cw_solve_constraint *c,
                      uint32_t position, uint64_t *ret_rows) {
    const struct cw_model *model = state->index->model;
    uint32_t var = c->scope[position], words = cw_solve_words(model, var);
    const uint64_t *domain = state->domains + model->word_bases[var];
    memset(ret_rows, 0, c->row_words * sizeof *ret_rows);
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t left = domain[w]; left; left &= left - 1) {
            const uint64_t *rows =
                value_rows(c, position, 64 * w + (uint32_t)__builtin_ctzll(left));
            for (uint32_t r = 0; r < c->row_words; r++)
                ret_rows[r] |= rows[r];
        }
}

static bool rows_meet(const uint64_t *a, const uint64_t *b, uint32_t words) {
    for (uint32_t r = 0; r < words; r++)
        if (a[r] & b[r])
            return true;
    return false;
}

/* Values at this position none of the rows has (allowed), or one of the rows lacks (forbidden). */
static bool cut_position(struct cw_solve_state *state, uint32_t constraint, uint32_t position,
                         const uint64_t *rows) {
    const struct cw_model *model = state->index->model;
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    uint32_t var = c->scope[position], words = cw_solve_words(model, var);
    uint32_t base = model->word_bases[var];
    for (uint32_t w = 0; w < words; w++) {
        struct cw_solve_loss loss = {0, var, base + w, constraint};
        for (uint64_t left = state->domains[base + w]; left; left &= left - 1) {
            const uint64_t *has = value_rows(c, position, 64 * w + (uint32_t)__builtin_ctzll(left));
            bool keep = rows_meet(has, rows, c->row_words);
            if (!c->allowed) { /* every such row must be got past by this value */
                keep = true;
                for (uint32_t r = 0; r < c->row_words && keep; r++)
                    keep = (rows[r] & ~has[r]) == 0;
            }
            if (!keep)
                loss.removed |= left & -left;
        }
        if (loss.removed && !cw_solve_remove(state, &loss))
            return false;
    }
    return true;
}

static bool visit_allowed(struct cw_solve_state *state, uint32_t constraint) {
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    uint64_t any = 0;
    memset(state->live, 0xff, c->row_words * sizeof *state->live);
    for (uint32_t i = 0; i < c->scope_count; i++) {
        join_rows(state, c, i, state->once);
        for (uint32_t r = 0; r < c->row_words; r++)
            state->live[r] &= state->once[r];
    }
    for (uint32_t r = 0; r < c->row_words; r++)
        any |= state->live[r] & row_mask(c, r);
    if (!any)
        return false;
    for (uint32_t i = 0; i < c->scope_count; i++)
        if (!cut_position(state, constraint, i, state->live))
            return false;
    return true;
}

/* Count in two bits how many positions get past each row: none is a contradiction, one must. */
static bool visit_forbidden(struct cw_solve_state *state, uint32_t constraint) {
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    uint32_t words = c->row_words;
    memset(state->once, 0, words * sizeof *state->once);
    memset(state->twice, 0, words * sizeof *state->twice);
    for (uint32_t i = 0; i < c->scope_count; i++) {
        join_rows(state, c, i, state->live);
        for (uint32_t r = 0; r < words; r++) {
            state->twice[r] |= state->once[r] & state->live[r];
            state->once[r] |= state->live[r];
        }
    }
    uint64_t single = 0;
    for (uint32_t r = 0; r < words; r++) {
        if (row_mask(c, r) & ~state->once[r])
            return false;
        state->once[r] &= ~state->twice[r];
        single |= state->once[r];
    }
    for (uint32_t i = 0; i < c->scope_count && single; i++) {
        join_rows(state, c, i, state->live);
        for (uint32_t r = 0; r < words; r++)
            state->live[r] &= state->once[r];
        if (!cut_position(state, constraint, i, state->live))
            return false;
    }
    return true;
}

/* ---- sums ------------------------------------------------------------------------------------ */

struct bounds {
    int64_t least, most;
};

static struct bounds position_bounds(const struct cw_solve_state *state,
                                     const struct cw_solve_constraint *c, uint32_t position) {
    const struct cw_model *model = state->index->model;
    uint32_t var = c->scope[position], words = cw_solve_words(model, var);
    const uint64_t *domain = state->domains + model->word_bases[var];
    const int64_t *weights = c->weights + c->starts[position];
    struct bounds bounds = {INT64_MAX, INT64_MIN};
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t left = domain[w]; left; left &= left - 1) {
            int64_t weight = weights[64 * w + (uint32_t)__builtin_ctzll(left)];
            bounds.least = weight < bounds.least ? weight : bounds.least;
            bounds.most = weight > bounds.most ? weight : bounds.most;
        }
    return bounds;
}

/* `room`: least and most that is left for this position. */
static bool cut_weights(struct cw_solve_state *state, uint32_t constraint, uint32_t position,
                        const wide room[2]) {
    const struct cw_model *model = state->index->model;
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    uint32_t var = c->scope[position], words = cw_solve_words(model, var);
    uint32_t base = model->word_bases[var];
    const int64_t *weights = c->weights + c->starts[position];
    for (uint32_t w = 0; w < words; w++) {
        struct cw_solve_loss loss = {0, var, base + w, constraint};
        for (uint64_t left = state->domains[base + w]; left; left &= left - 1) {
            int64_t weight = weights[64 * w + (uint32_t)__builtin_ctzll(left)];
            if (weight < room[0] || weight > room[1])
                loss.removed |= left & -left;
        }
        if (loss.removed && !cw_solve_remove(state, &loss))
            return false;
    }
    return true;
}

static bool visit_linear(struct cw_solve_state *state, uint32_t constraint) {
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    const wide far = (wide)1 << 100;
    wide least = 0, most = 0;
    for (uint32_t i = 0; i < c->scope_count; i++) {
        struct bounds bounds = position_bounds(state, c, i);
        least += bounds.least;
        most += bounds.most;
    }
    wide min = c->min == INT64_MIN ? -far : c->min, max = c->max == INT64_MAX ? far : c->max;
    if (least > max || most < min)
        return false;
    if (least >= min && most <= max)
        return true;
    for (uint32_t i = 0; i < c->scope_count; i++) {
        struct bounds bounds = position_bounds(state, c, i);
        const wide room[2] = {min - (most - bounds.most), max - (least - bounds.least)};
        if (bounds.least >= room[0] && bounds.most <= room[1])
            continue;
        if (!cut_weights(state, constraint, i, room))
            return false;
    }
    return true;
}

bool cw_solve_visit(struct cw_solve_state *state, uint32_t constraint) {
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    switch (c->kind) {
    case CW_MODEL_CLAUSE:
        return visit_clause(state, constraint);
    case CW_MODEL_TABLE:
        return c->allowed ? visit_allowed(state, constraint) : visit_forbidden(state, constraint);
    default:
        return visit_linear(state, constraint);
    }
}
