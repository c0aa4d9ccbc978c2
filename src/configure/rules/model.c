/*
 * Responsible for: building constraint models and judging complete assignments by definition.
 * Does not: search, propagate, or know what a variable means. Any process.
 */
#include "configure/rules/model.h"

#include <assert.h>
#include <string.h>

#include "cordwain/limits.h"

/* Sums over any scope of any weights. */
__extension__ typedef __int128 wide;

struct cw_model *cw_model_new(struct cw_arena *arena) {
    struct cw_model *model = cw_arena_alloc(arena, sizeof *model);
    model->arena = arena;
    return model;
}

/* ---- variables ------------------------------------------------------------------------------- */

static uint32_t doubled(uint32_t capacity, uint32_t need) {
    uint32_t twice = capacity < 16 ? 16 : capacity * 2;
    return twice < need ? need : twice;
}

/* A copy of `used` entries with room for `capacity`; the old array stays in the arena. */
static void *regrown(struct cw_model *model, const void *old, size_t used_bytes, size_t bytes) {
    void *array = cw_arena_alloc(model->arena, bytes);
    if (used_bytes > 0)
        memcpy(array, old, used_bytes);
    return array;
}

static void grow_vars(struct cw_model *model) {
    size_t used = model->var_count * sizeof(uint32_t);
    model->var_capacity = doubled(model->var_capacity, model->var_count + 1);
    size_t bytes = model->var_capacity * sizeof(uint32_t);
    model->value_counts = regrown(model, model->value_counts, used, bytes);
    model->word_bases = regrown(model, model->word_bases, used, bytes);
    model->value_bases = regrown(model, model->value_bases, used, bytes);
}

uint32_t cw_model_add_var(struct cw_model *model, uint32_t value_count) {
    assert(value_count >= 1 && value_count <= CW_MODEL_VALUES);
    assert(model->var_count < CW_MODEL_VARS);
    assert(model->value_count + value_count <= CW_MODEL_ALL_VALUES);
    uint32_t var = model->var_count, values = model->value_count + value_count;
    if (var == model->var_capacity)
        grow_vars(model);
    if (values > model->value_capacity) {
        model->value_capacity = doubled(model->value_capacity, values);
        model->multiplicities =
            regrown(model, model->multiplicities, model->value_count * sizeof(uint64_t),
                    model->value_capacity * sizeof(uint64_t));
    }
    /* The arrays are the model's own; only readers see them const. */
    ((uint32_t *)model->value_counts)[var] = value_count;
    ((uint32_t *)model->word_bases)[var] = model->word_count;
    ((uint32_t *)model->value_bases)[var] = model->value_count;
    for (uint32_t i = model->value_count; i < values; i++)
        ((uint64_t *)model->multiplicities)[i] = 1;
    model->value_count = values;
    model->word_count += cw_set_words(value_count);
    model->var_count++;
    return var;
}

void cw_model_set_multiplicity(struct cw_model *model, uint32_t var, uint32_t value,
                               uint64_t count) {
    assert(var < model->var_count && value < model->value_counts[var] && count >= 1);
    ((uint64_t *)model->multiplicities)[model->value_bases[var] + value] = count;
}

/* All values of a variable that lie in its word `word`. */
static uint64_t full_word(const struct cw_model *model, uint32_t var, uint32_t word) {
    uint32_t rest = model->value_counts[var] - word * 64;
    return rest >= 64 ? UINT64_MAX : (UINT64_C(1) << rest) - 1;
}

uint64_t *cw_model_full_mask(const struct cw_model *model, struct cw_arena *arena) {
    uint64_t *mask = cw_arena_array(arena, model->word_count, sizeof *mask);
    for (uint32_t var = 0; var < model->var_count; var++)
        for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++)
            mask[model->word_bases[var] + w] = full_word(model, var, w);
    return mask;
}

/* ---- constraints ----------------------------------------------------------------------------- */

/* Where the caller's i-th variable goes: its set starts at `from` of a line (or its weights of the
 * list) and belongs to `var`. */
struct place {
    uint32_t var, from;
};

static void sort_places(struct place *places, uint32_t count) {
    for (uint32_t gap = count / 2; gap > 0; gap /= 2) /* Shell 1959; stable order is not needed */
        for (uint32_t i = gap; i < count; i++) {
            struct place moved = places[i];
            uint32_t j = i;
            for (; j >= gap &&
                   (places[j - gap].var > moved.var ||
                    (places[j - gap].var == moved.var && places[j - gap].from > moved.from));
                 j -= gap)
                places[j] = places[j - gap];
            places[j] = moved;
        }
}

/* The caller's scope in ascending order; ret_length is that of a line in words, or of all weights.
 */
static struct place *sorted_scope(struct cw_model *model, const uint32_t *scope, uint32_t count,
                                  bool weights, uint32_t *ret_length) {
    struct place *places = cw_arena_array(model->arena, count, sizeof *places);
    uint32_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert(scope[i] < model->var_count);
        uint32_t values = model->value_counts[scope[i]];
        places[i] = (struct place){scope[i], length};
        length += weights ? values : cw_set_words(values);
    }
    sort_places(places, count);
    *ret_length = length;
    return places;
}

static uint32_t append(struct cw_model *model, const struct cw_model_constraint *constraint) {
    assert(constraint->origin < CW_MODEL_ORIGINS);
    if (model->constraint_count == model->constraint_capacity) {
        model->constraint_capacity =
            doubled(model->constraint_capacity, model->constraint_count + 1);
        model->constraints =
            regrown(model, model->constraints, model->constraint_count * sizeof *model->constraints,
                    model->constraint_capacity * sizeof *model->constraints);
    }
    ((struct cw_model_constraint *)model->constraints)[model->constraint_count] = *constraint;
    if (constraint->origin >= model->origin_count)
        model->origin_count = constraint->origin + 1;
    return model->constraint_count++;
}

/* Join one caller's set into a line; bits that are no values are left out. */
static void join_set(const struct cw_model *model, uint32_t var, const uint64_t *set,
                     uint64_t *line) {
    for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++)
        line[w] |= set[w] & full_word(model, var, w);
}

uint32_t cw_model_add_clause(struct cw_model *model, uint32_t origin, const uint32_t *scope,
                             uint32_t scope_count, const uint64_t *sets) {
    uint32_t length, at = 0;
    struct place *places = sorted_scope(model, scope, scope_count, /* weights: */ false, &length);
    uint32_t *own_scope = cw_arena_array(model->arena, scope_count, sizeof *own_scope);
    uint64_t *line = cw_arena_array(model->arena, length, sizeof *line);
    struct cw_model_constraint clause = {.kind = CW_MODEL_CLAUSE, .origin = origin};
    for (uint32_t i = 0; i < scope_count; i++) {
        bool again = i > 0 && places[i].var == places[i - 1].var;
        uint32_t words = cw_set_words(model->value_counts[places[i].var]);
        if (!again) {
            own_scope[clause.scope_count++] = places[i].var;
            at = clause.line_words;
            clause.line_words += words;
        }
        join_set(model, places[i].var, sets + places[i].from, line + at);
    }
    clause.scope = own_scope;
    clause.sets = line;
    return append(model, &clause);
}

static uint32_t *scope_of(struct cw_model *model, const struct place *places, uint32_t count) {
    uint32_t *scope = cw_arena_array(model->arena, count, sizeof *scope);
    for (uint32_t i = 0; i < count; i++) {
        assert(i == 0 || places[i].var > places[i - 1].var);
        scope[i] = places[i].var;
    }
    return scope;
}

uint32_t cw_model_add_table(struct cw_model *model, uint32_t origin,
                            const struct cw_model_table *table) {
    uint32_t length;
    struct place *places =
        sorted_scope(model, table->scope, table->scope_count, /* weights: */ false, &length);
    uint64_t *rows = cw_arena_array(model->arena, (size_t)table->row_count * length, sizeof *rows);
    for (uint32_t r = 0; r < table->row_count; r++) {
        uint64_t *line = rows + (size_t)r * length;
        const uint64_t *from = table->rows + (size_t)r * length;
        for (uint32_t i = 0; i < table->scope_count; i++) {
            join_set(model, places[i].var, from + places[i].from, line);
            line += cw_set_words(model->value_counts[places[i].var]);
        }
    }
    return append(model, &(struct cw_model_constraint){
                             .kind = CW_MODEL_TABLE,
                             .origin = origin,
                             .scope_count = table->scope_count,
                             .scope = scope_of(model, places, table->scope_count),
                             .sets = rows,
                             .line_words = length,
                             .row_count = table->row_count,
                             .allowed = table->allowed,
                         });
}

uint32_t cw_model_add_linear(struct cw_model *model, uint32_t origin,
                             const struct cw_model_linear *linear) {
    uint32_t length, at = 0;
    struct place *places =
        sorted_scope(model, linear->scope, linear->scope_count, /* weights: */ true, &length);
    int64_t *weights = cw_arena_array(model->arena, length, sizeof *weights);
    for (uint32_t i = 0; i < linear->scope_count; i++) {
        uint32_t values = model->value_counts[places[i].var];
        memcpy(weights + at, linear->weights + places[i].from, values * sizeof *weights);
        at += values;
    }
    return append(model, &(struct cw_model_constraint){
                             .kind = CW_MODEL_LINEAR,
                             .origin = origin,
                             .scope_count = linear->scope_count,
                             .scope = scope_of(model, places, linear->scope_count),
                             .weights = weights,
                             .min = linear->min,
                             .max = linear->max,
                         });
}

/* ---- the judge ------------------------------------------------------------------------------- */

/* How many variables of the scope have their value in the line's set for them. */
static uint32_t hits(const struct cw_model *model, const struct cw_model_constraint *constraint,
                     const uint64_t *line, const uint32_t *values) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < constraint->scope_count; i++) {
        uint32_t var = constraint->scope[i];
        count += cw_set_has(line, values[var]);
        line += cw_set_words(model->value_counts[var]);
    }
    return count;
}

static bool table_keeps(const struct cw_model *model, const struct cw_model_constraint *table,
                        const uint32_t *values) {
    for (uint32_t r = 0; r < table->row_count; r++)
        if (hits(model, table, table->sets + (size_t)r * table->line_words, values) ==
            table->scope_count)
            return table->allowed;
    return !table->allowed;
}

static bool linear_keeps(const struct cw_model *model, const struct cw_model_constraint *linear,
                         const uint32_t *values) {
    wide sum = 0;
    const int64_t *weights = linear->weights;
    for (uint32_t i = 0; i < linear->scope_count; i++) {
        uint32_t var = linear->scope[i];
        sum += weights[values[var]];
        weights += model->value_counts[var];
    }
    return (linear->min == INT64_MIN || sum >= linear->min) &&
           (linear->max == INT64_MAX || sum <= linear->max);
}

bool cw_model_keeps(const struct cw_model *model, const struct cw_model_constraint *constraint,
                    const uint32_t *values) {
    switch (constraint->kind) {
    case CW_MODEL_CLAUSE:
        return hits(model, constraint, constraint->sets, values) > 0;
    case CW_MODEL_TABLE:
        return table_keeps(model, constraint, values);
    case CW_MODEL_LINEAR:
        return linear_keeps(model, constraint, values);
    }
    return false;
}
