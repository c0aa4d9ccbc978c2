/*
 * Grounds: what the rules leave before anything is picked, and what each single value refutes, kept
 * for every state of availability that is asked about. It does not know picks. Any thread: grounds
 * and their entries are published once complete and never change.
 */
#include "configure/engine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

struct cw_grounds {
    _Atomic(struct cw_ground *) first;
    atomic_uint count;
    atomic_size_t bytes; /* of lones that are kept */
};

struct cw_grounds *cw_grounds_new(void) {
    return calloc(1, sizeof(struct cw_grounds));
}

static void free_ground(struct cw_ground *ground, uint32_t value_count) {
    for (uint32_t v = 0; v < value_count; v++)
        free(atomic_load(&ground->lones[v]));
    cw_arena_free(ground->own);
}

void cw_grounds_free(struct cw_grounds *grounds, const struct cw_engine *engine) {
    if (!grounds)
        return;
    for (struct cw_ground *ground = atomic_load(&grounds->first); ground;) {
        struct cw_ground *next = ground->next;
        free_ground(ground, engine->lowered->model->value_count);
        ground = next;
    }
    free(grounds);
}

/* ---- masks ----------------------------------------------------------------------------------- */

void cw_mask_pin(const struct cw_lowered *lowered, uint64_t *mask, struct cw_lowered_value value) {
    const struct cw_model *model = lowered->model;
    uint64_t *set = mask + model->word_bases[value.var];
    bool kept = cw_set_has(set, value.value);
    memset(set, 0, cw_set_words(model->value_counts[value.var]) * sizeof *set);
    if (kept)
        cw_set_add(set, value.value);
}

uint64_t *cw_mask_copy(const struct cw_lowered *lowered, const uint64_t *mask,
                       struct cw_arena *arena) {
    uint64_t *copy = cw_arena_array(arena, lowered->model->word_count + 1, sizeof *copy);
    memcpy(copy, mask, lowered->model->word_count * sizeof *copy);
    return copy;
}

uint32_t cw_option_vars(const struct cw_lowered *lowered, uint32_t option) {
    const struct cw_option *o = &lowered->product->options[option];
    if (o->kind != CW_OPTION_MULTI)
        return 1;
    return (uint32_t)o->choice_count + (lowered->options[option].active_var != CW_NONE);
}

uint32_t cw_option_var(const struct cw_lowered *lowered, uint32_t option, uint32_t i) {
    const struct cw_option *o = &lowered->product->options[option];
    if (o->kind == CW_OPTION_MULTI && i == o->choice_count)
        return lowered->options[option].active_var;
    return lowered->options[option].var + i;
}

/* ---- one ground ------------------------------------------------------------------------------ */

static struct cw_ground *make_ground(const struct cw_engine *engine, const uint64_t *available,
                                     struct cw_arena *arena) {
    const struct cw_model *model = engine->lowered->model;
    struct cw_ground *ground = cw_arena_alloc(arena, sizeof *ground);
    struct cw_solve_question question = {.allowed = cw_mask_copy(engine->lowered, available, arena),
                                         .steps = CW_CONFIGURE_STEPS};
    struct cw_solve_left left = {0};
    ground->available = question.allowed;
    ground->lones = cw_arena_array(arena, model->value_count + 1, sizeof *ground->lones);
    ground->possible = cw_solve_propagate(engine->index, &question, arena, &left);
    ground->domains = left.domains;
    ground->causes = left.causes;
    ground->failed = left.failed;
    if (engine->diagram) {
        uint64_t *domains = cw_arena_array(arena, model->word_count + 1, sizeof *domains);
        struct cw_diagram_scope scope = {available, available};
        ground->possible = cw_diagram_domains(engine->diagram, &scope, arena, domains);
        ground->domains = domains;
    }
    return ground;
}

/* Every product is asked about in a few markets, on one day: a short list is enough. */
struct cw_ground *cw_ground_get(const struct cw_engine *engine, const uint64_t *available,
                                struct cw_arena *arena) {
    struct cw_grounds *grounds = engine->grounds;
    size_t bytes = engine->lowered->model->word_count * sizeof *available;
    struct cw_ground *first = atomic_load(&grounds->first);
    for (struct cw_ground *ground = first; ground; ground = ground->next)
        if (memcmp(ground->available, available, bytes) == 0)
            return ground;
    if (atomic_fetch_add(&grounds->count, 1) >= CW_RULES_GROUNDS) {
        atomic_fetch_sub(&grounds->count, 1);
        return make_ground(engine, available, arena);
    }
    struct cw_arena *own = cw_arena_new();
    if (!own)
        return make_ground(engine, available, arena);
    struct cw_ground *ground = make_ground(engine, available, own);
    ground->own = own;
    ground->next = first;
    while (!atomic_compare_exchange_weak(&grounds->first, &ground->next, ground))
        ;
    return ground;
}

bool cw_engine_is_small(const struct cw_engine *engine) {
    return engine->diagram && engine->artefact.length <= CW_RULES_SMALL_BYTES &&
           engine->lowered->model->value_count <= CW_RULES_SMALL_VALUES;
}

/* ---- what one value refutes ------------------------------------------------------------------ */

struct lone_maker {
    const struct cw_engine *engine;
    const struct cw_ground *ground;
    struct cw_arena *arena;
    uint32_t var; /* of the value in place */
    const uint64_t *possible;
    struct cw_solve_left left;
    struct cw_lone *lone; /* NULL while counting */
    uint32_t count;
};

static bool speaks_of(const struct cw_model_constraint *constraint, uint32_t var) {
    for (uint32_t i = 0; i < constraint->scope_count; i++)
        if (constraint->scope[i] == var)
            return true;
    return false;
}

/* Propagation names the rule when the last step was taken by one; a helper's step says nothing. */
static void add_refuted(struct lone_maker *maker, uint32_t value) {
    const struct cw_lowered *lowered = maker->engine->lowered;
    uint32_t cause = maker->left.causes[value], index = maker->count++;
    if (!maker->lone)
        return;
    struct cw_refuted *item = &maker->lone->items[index];
    item->value = value;
    atomic_init(&item->origin, CW_ORIGIN_OPEN);
    item->near = false;
    if (cause == CW_MODEL_NO_CAUSE)
        return;
    const struct cw_model_constraint *constraint = &lowered->model->constraints[cause];
    if (maker->engine->structure[constraint->origin])
        return;
    atomic_init(&item->origin, constraint->origin);
    item->near = speaks_of(constraint, maker->var);
}

static void scan_var(struct lone_maker *maker, uint32_t var) {
    const struct cw_model *model = maker->engine->lowered->model;
    uint32_t base = model->word_bases[var];
    for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++) {
        uint64_t gone = maker->ground->domains[base + w] & ~maker->possible[base + w];
        for (; gone; gone &= gone - 1)
            add_refuted(maker, model->value_bases[var] + 64 * w + (uint32_t)__builtin_ctzll(gone));
    }
}

static void scan(struct lone_maker *maker, struct cw_lone *lone) {
    const struct cw_lowered *lowered = maker->engine->lowered;
    uint32_t own = lowered->var_options[maker->var];
    maker->lone = lone;
    maker->count = 0;
    for (uint32_t v = 0; v < lowered->model->var_count; v++)
        if (lowered->var_options[v] != CW_NONE && lowered->var_options[v] != own)
            scan_var(maker, v);
}

/* Kept for good while there is room, else in the arena. */
static struct cw_lone *new_lone(const struct lone_maker *maker, bool *ret_kept) {
    size_t bytes = sizeof(struct cw_lone) + maker->count * sizeof(struct cw_refuted);
    struct cw_grounds *grounds = maker->engine->grounds;
    *ret_kept = false;
    if (maker->ground->own) {
        struct cw_lone *lone = NULL;
        if (atomic_fetch_add(&grounds->bytes, bytes) + bytes <= CW_RULES_GROUND_BYTES)
            lone = calloc(1, bytes);
        *ret_kept = lone != NULL;
        if (lone)
            return lone;
        atomic_fetch_sub(&grounds->bytes, bytes);
    }
    return cw_arena_alloc(maker->arena, bytes);
}

struct cw_lone *cw_ground_lone(const struct cw_engine *engine, struct cw_ground *ground,
                               struct cw_lowered_value value, struct cw_arena *arena) {
    _Atomic(struct cw_lone *) *slot = &ground->lones[cw_value_index(engine->lowered, value)];
    struct cw_lone *lone = atomic_load(slot), *none = NULL;
    if (lone)
        return lone;
    uint64_t *mask = cw_mask_copy(engine->lowered, ground->available, arena);
    struct cw_solve_question question = {.allowed = mask, .steps = CW_CONFIGURE_STEPS};
    struct lone_maker maker = {
        .engine = engine, .ground = ground, .arena = arena, .var = value.var};
    cw_mask_pin(engine->lowered, mask, value);
    bool possible = cw_solve_propagate(engine->index, &question, arena, &maker.left);
    maker.possible = maker.left.domains;
    if (engine->diagram) {
        uint64_t *domains =
            cw_arena_array(arena, engine->lowered->model->word_count + 1, sizeof *domains);
        struct cw_diagram_scope scope = {mask, mask};
        possible = cw_diagram_domains(engine->diagram, &scope, arena, domains);
        maker.possible = domains;
    }
    if (possible) /* a value that is dead itself refutes nothing: it is the fault */
        scan(&maker, NULL);
    bool kept;
    lone = new_lone(&maker, &kept);
    lone->count = maker.count;
    atomic_init(&lone->origin, CW_ORIGIN_OPEN);
    if (possible)
        scan(&maker, lone);
    if (!kept) {
        if (!ground->own)
            atomic_store(slot, lone);
        return lone;
    }
    if (!atomic_compare_exchange_strong(slot, &none, lone)) { /* another thread was first */
        free(lone);
        return none;
    }
    return lone;
}
