/*
 * Responsible for: leaves and sets of the diagram from those of the problem. Does not: search.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/emit.h"

#include <stdlib.h>

#include "configure/rules/bits.h"

void cw_emitter_init(struct cw_emitter *emitter, const struct cw_prepared *prepared,
                     struct cw_account *account) {
    const struct cw_model *model = prepared->model;
    uint32_t most = 1;
    for (uint32_t var = 0; var < model->var_count; var++)
        if (cw_set_words(model->value_counts[var]) > most)
            most = cw_set_words(model->value_counts[var]);
    *emitter = (struct cw_emitter){.prepared = prepared, .account = account};
    emitter->writer = cw_diagram_writer_new(model);
    emitter->scratch = cw_compile_pool_zeroed(account, most, sizeof *emitter->scratch);
    emitter->single_sets =
        cw_compile_pool_zeroed(account, model->value_count, sizeof *emitter->single_sets);
}

void cw_emitter_deinit(struct cw_emitter *emitter) {
    cw_diagram_writer_free(emitter->writer);
    free(emitter->leaves);
    cw_u32_free(emitter->account, &emitter->children);
    free(emitter->sets);
    free(emitter->scratch);
    free(emitter->single_sets);
}

/* ---- sets ------------------------------------------------------------------------------------ */

static uint32_t words_of(const struct cw_emitter *emitter, uint32_t model_var) {
    return cw_set_words(emitter->prepared->model->value_counts[model_var]);
}

/* Sets of one value are what most leaves have: their numbers are looked up once. */
static uint32_t set_number(struct cw_emitter *emitter, uint32_t var, const uint64_t *set) {
    uint32_t words = words_of(emitter, var);
    if (!cw_bits_fixed(set, words))
        return cw_diagram_writer_set(emitter->writer, var, set);
    uint32_t *known = &emitter->single_sets[emitter->prepared->model->value_bases[var] +
                                            cw_bits_next(set, words, 0)];
    if (*known == 0)
        *known = cw_diagram_writer_set(emitter->writer, var, set) + 1;
    return *known - 1;
}

/* The model's values that values of the problem stand for; in the scratch. */
static const uint64_t *spread(struct cw_emitter *emitter, uint32_t var, const uint64_t *domain) {
    const struct cw_prepared *prepared = emitter->prepared;
    uint32_t words = words_of(emitter, prepared->origin.vars[var]);
    memset(emitter->scratch, 0, words * sizeof *emitter->scratch);
    CW_BITS_EACH(x, domain, prepared->problem->words[var]) {
        const uint64_t *class = prepared->origin.sets[var] + (size_t)x * words;
        for (uint32_t w = 0; w < words; w++)
            emitter->scratch[w] |= class[w];
    }
    return emitter->scratch;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

static void push_leaf(struct cw_emitter *emitter, uint32_t var, const uint64_t *set) {
    if (emitter->leaf_count == emitter->leaf_capacity)
        emitter->leaves =
            cw_compile_pool_grow(emitter->account, emitter->leaves, &emitter->leaf_capacity,
                                 emitter->leaf_count + 1, sizeof *emitter->leaves);
    emitter->leaves[emitter->leaf_count++] =
        (struct cw_diagram_leaf){var, set_number(emitter, var, set)};
}

/* The leaves of all that follow a variable whose value is known. */
static void push_followers(struct cw_emitter *emitter, uint32_t var, const uint64_t *set) {
    bool larger = !cw_set_has(set, emitter->prepared->smaller[var]);
    for (const struct cw_follower *f = emitter->prepared->followers[var]; f; f = f->next)
        push_leaf(emitter, f->var, f->sets[larger]);
}

/* A node for a leader with both values and its followers. */
static void push_group(struct cw_emitter *emitter, uint32_t var, const uint64_t *set) {
    size_t first = emitter->leaf_count, half;
    uint32_t words = words_of(emitter, var);
    uint64_t *sets = cw_compile_pool_zeroed(emitter->account, (size_t)words * 2, sizeof *sets);
    cw_set_add(sets, emitter->prepared->smaller[var]);
    for (uint32_t w = 0; w < words; w++)
        sets[words + w] = set[w] & ~sets[w];
    push_followers(emitter, var, sets);
    half = emitter->leaf_count;
    push_followers(emitter, var, sets + words);
    struct cw_diagram_part parts[2] = {
        {.set = sets, .leaves = emitter->leaves + first, .leaf_count = (uint32_t)(half - first)},
        {.set = sets + words,
         .leaves = emitter->leaves + half,
         .leaf_count = (uint32_t)(emitter->leaf_count - half)}};
    uint32_t node = cw_diagram_writer_node(emitter->writer, var, parts, 2);
    emitter->leaf_count = first;
    cw_u32_push(emitter->account, &emitter->children, node);
    cw_compile_pool_free(emitter->account, sets, (size_t)words * 2, sizeof *sets);
}

void cw_emit_free(struct cw_emitter *emitter, uint32_t var, const uint64_t *set) {
    if (emitter->prepared->followers[var] && !cw_bits_fixed(set, words_of(emitter, var))) {
        push_group(emitter, var, set);
        return;
    }
    push_leaf(emitter, var, set);
    push_followers(emitter, var, set);
}

void cw_emit_leaf(struct cw_emitter *emitter, uint32_t var, const uint64_t *domain) {
    cw_emit_free(emitter, emitter->prepared->origin.vars[var], spread(emitter, var, domain));
}

size_t cw_emit_decision(struct cw_emitter *emitter, uint32_t var, const uint64_t *domain) {
    uint32_t model_var = emitter->prepared->origin.vars[var];
    uint32_t words = words_of(emitter, model_var);
    const uint64_t *set = spread(emitter, var, domain);
    size_t at = emitter->set_count;
    if (emitter->set_capacity - emitter->set_count < words)
        emitter->sets =
            cw_compile_pool_grow(emitter->account, emitter->sets, &emitter->set_capacity,
                                 emitter->set_count + words, sizeof *emitter->sets);
    memcpy(emitter->sets + at, set, words * sizeof *set);
    emitter->set_count += words;
    push_followers(emitter, model_var, set);
    return at;
}

static int compare_leaves(const void *a, const void *b) {
    uint32_t left = ((const struct cw_diagram_leaf *)a)->var;
    uint32_t right = ((const struct cw_diagram_leaf *)b)->var;
    return (left > right) - (left < right);
}

void cw_emit_sort(struct cw_emitter *emitter, size_t first_leaf) {
    bool sorted = true;
    for (size_t i = first_leaf + 1; i < emitter->leaf_count && sorted; i++)
        sorted = emitter->leaves[i - 1].var < emitter->leaves[i].var;
    if (!sorted)
        qsort(emitter->leaves + first_leaf, emitter->leaf_count - first_leaf,
              sizeof *emitter->leaves, compare_leaves);
}
