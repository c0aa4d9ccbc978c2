/*
 * Responsible for: preparing a model for propagation: who speaks of a variable, and for every value
 * of a table the rows it fits, one bit each (Demeulenaere et al. 2016, compact-table). Does not:
 * propagate. Any process, any thread; immutable afterwards.
 */
#include "configure/rules/solve_internal.h"

/* Bits of all rows for all values; a forbidden table's are the other way round. */
static const uint64_t *table_bits(const struct cw_model *model,
                                  const struct cw_model_constraint *from,
                                  const struct cw_solve_constraint *to, uint32_t values,
                                  struct cw_arena *arena) {
    uint64_t *bits = cw_arena_array(arena, (size_t)values * to->row_words, sizeof *bits);
    for (uint32_t row = 0; row < from->row_count; row++) {
        const uint64_t *cell = from->sets + (size_t)row * from->line_words;
        for (uint32_t i = 0; i < to->scope_count; i++) {
            uint32_t var = to->scope[i];
            for (uint32_t value = 0; value < model->value_counts[var]; value++)
                if (cw_set_has(cell, value) == to->allowed)
                    cw_set_add(bits + (size_t)(to->starts[i] + value) * to->row_words, row);
            cell += cw_solve_words(model, var);
        }
    }
    return bits;
}

void cw_solve_prepare(const struct cw_model *model, const struct cw_model_constraint *from,
                      struct cw_arena *arena, struct cw_solve_constraint *ret) {
    uint32_t *starts = cw_arena_array(arena, from->scope_count + 1, sizeof *starts);
    for (uint32_t i = 0; i < from->scope_count; i++)
        starts[i + 1] =
            starts[i] + (from->kind == CW_MODEL_CLAUSE ? cw_solve_words(model, from->scope[i])
                                                       : model->value_counts[from->scope[i]]);
    *ret = (struct cw_solve_constraint){.kind = from->kind,
                                        .allowed = from->allowed,
                                        .origin = from->origin,
                                        .scope_count = from->scope_count,
                                        .scope = from->scope,
                                        .starts = starts,
                                        .sets = from->sets,
                                        .weights = from->weights,
                                        .min = from->min,
                                        .max = from->max};
    if (from->kind == CW_MODEL_TABLE) {
        ret->row_count = from->row_count;
        ret->row_words = cw_set_words(from->row_count);
        ret->bits = table_bits(model, from, ret, starts[from->scope_count], arena);
    }
}

static void index_occurrences(struct cw_solve_index *index, struct cw_arena *arena) {
    uint32_t var_count = index->model->var_count;
    uint32_t *first = cw_arena_array(arena, (size_t)var_count + 2, sizeof *first);
    for (uint32_t c = 0; c < index->constraint_count; c++)
        for (uint32_t i = 0; i < index->constraints[c].scope_count; i++)
            first[index->constraints[c].scope[i] + 2]++;
    for (uint32_t v = 0; v < var_count; v++)
        first[v + 2] += first[v + 1];
    uint32_t *occurrences = cw_arena_array(arena, (size_t)first[var_count + 1] + 1, sizeof *first);
    for (uint32_t c = 0; c < index->constraint_count; c++)
        for (uint32_t i = 0; i < index->constraints[c].scope_count; i++)
            occurrences[first[index->constraints[c].scope[i] + 1]++] = c;
    index->first = first;
    index->occurrences = occurrences;
}

struct cw_solve_index *cw_solve_index_new(const struct cw_model *model, struct cw_arena *arena) {
    struct cw_solve_index *index = cw_arena_alloc(arena, sizeof *index);
    struct cw_solve_constraint *constraints =
        cw_arena_array(arena, (size_t)model->constraint_count + 1, sizeof *constraints);
    index->model = model;
    index->constraint_count = model->constraint_count;
    index->constraints = constraints;
    for (uint32_t c = 0; c < model->constraint_count; c++) {
        cw_solve_prepare(model, &model->constraints[c], arena, &constraints[c]);
        if (constraints[c].row_words > index->row_words)
            index->row_words = constraints[c].row_words;
    }
    index_occurrences(index, arena);
    return index;
}
