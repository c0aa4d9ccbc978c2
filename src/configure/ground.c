/*
 * Grounds: what the rules leave before anything is picked, and what each single value refutes, kept
 * for every state of availability that is asked about. It does not know picks. Any thread: what a
 * ground says never changes once it is published.
 */
#include "configure/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

/* The most recently used first. The lock is held for a walk over the list, never for work. */
struct cw_grounds {
    pthread_mutex_t lock;
    struct cw_ground *first;
    unsigned count;
};

struct cw_grounds *cw_grounds_new(void) {
    struct cw_grounds *grounds = calloc(1, sizeof *grounds);
    if (grounds && pthread_mutex_init(&grounds->lock, NULL) != 0) {
        free(grounds);
        return NULL;
    }
    return grounds;
}

/* The list has one reference, every question that uses it another, until its arena ends: which may
 * be after the engine. */
static void unref_ground(void *object) {
    struct cw_ground *ground = object;
    if (atomic_fetch_sub(&ground->refs, 1) != 1)
        return;
    for (uint32_t v = 0; v < ground->value_count; v++)
        free(atomic_load(&ground->lones[v]));
    cw_arena_free(ground->own);
}

void cw_grounds_free(struct cw_grounds *grounds) {
    if (!grounds)
        return;
    for (struct cw_ground *ground = grounds->first; ground;) {
        struct cw_ground *next = ground->next;
        unref_ground(ground);
        ground = next;
    }
    pthread_mutex_destroy(&grounds->lock);
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

/* What is kept lives in `arena`; what it took to find it does not. */
static struct cw_ground *make_ground(const struct cw_engine *engine, const uint64_t *available,
                                     struct cw_arena *arena) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    struct cw_arena *scratch = own ? own : arena;
    const struct cw_model *model = engine->lowered->model;
    struct cw_ground *ground = cw_arena_alloc(arena, sizeof *ground);
    uint32_t *causes = cw_arena_array(arena, model->value_count + 1, sizeof *causes);
    struct cw_solve_question question = {.allowed = available, .steps = CW_CONFIGURE_STEPS};
    struct cw_solve_left left = {0};
    ground->available = cw_mask_copy(engine->lowered, available, arena);
    ground->value_count = model->value_count;
    ground->lones = cw_arena_array(arena, model->value_count + 1, sizeof *ground->lones);
    ground->possible = cw_solve_propagate(engine->index, &question, scratch, &left);
    uint64_t *domains = cw_mask_copy(engine->lowered, left.domains, arena);
    memcpy(causes, left.causes, model->value_count * sizeof *causes);
    if (engine->diagram) {
        struct cw_diagram_scope scope = {available, available};
        ground->possible = cw_diagram_domains(engine->diagram, &scope, scratch, domains);
    }
    ground->domains = domains;
    ground->causes = causes;
    ground->failed = left.failed;
    return ground;
}

/* Found: moved to the front, with a reference for the caller. */
static struct cw_ground *find(struct cw_grounds *grounds, const uint64_t *available, size_t bytes) {
    pthread_mutex_lock(&grounds->lock);
    struct cw_ground **at = &grounds->first;
    while (*at && memcmp((*at)->available, available, bytes) != 0)
        at = &(*at)->next;
    struct cw_ground *found = *at;
    if (found) {
        *at = found->next;
        found->next = grounds->first;
        grounds->first = found;
        atomic_fetch_add(&found->refs, 1);
    }
    pthread_mutex_unlock(&grounds->lock);
    return found;
}

/* Put in front; the least recently used goes when there are too many. */
static void keep(struct cw_grounds *grounds, struct cw_ground *ground) {
    struct cw_ground *last = NULL;
    pthread_mutex_lock(&grounds->lock);
    ground->next = grounds->first;
    grounds->first = ground;
    if (++grounds->count > CW_RULES_GROUNDS) {
        struct cw_ground **at = &grounds->first;
        while ((*at)->next)
            at = &(*at)->next;
        last = *at;
        *at = NULL;
        grounds->count--;
    }
    pthread_mutex_unlock(&grounds->lock);
    if (last)
        unref_ground(last);
}

/* A product is asked about in a few markets, on one day, with a few things sold out. */
struct cw_ground *cw_ground_get(const struct cw_engine *engine, const uint64_t *available,
                                struct cw_arena *arena) {
    size_t bytes = engine->lowered->model->word_count * sizeof *available;
    struct cw_ground *ground = find(engine->grounds, available, bytes);
    if (!ground) {
        struct cw_arena *own = cw_arena_new();
        ground = make_ground(engine, available, own ? own : arena);
        if (!own)
            return ground;
        ground->own = own;
        atomic_init(&ground->refs, 2);
        keep(engine->grounds, ground);
    }
    cw_arena_defer(arena, unref_ground, ground);
    return ground;
}

bool cw_engine_is_small(const struct cw_engine *engine) {
    return engine->diagram && engine->artefact.length <= CW_RULES_SMALL_BYTES &&
           engine->lowered->model->value_count <= CW_RULES_SMALL_VALUES;
}

/* ---- what one value refutes ------------------------------------------------------------------ */

struct lone_maker {
    const struct cw_engine *engine;
    struct cw_ground *ground;
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

/* Room for what is kept, or none taken. */
static bool take_room(struct cw_ground *ground, size_t bytes) {
    if (!ground->own)
        return false;
    if (atomic_fetch_add(&ground->bytes, bytes) + bytes <= CW_RULES_GROUND_BYTES)
        return true;
    atomic_fetch_sub(&ground->bytes, bytes);
    return false;
}

/* Kept for good while there is room, else in the arena. */
static struct cw_lone *new_lone(const struct lone_maker *maker, bool *ret_kept) {
    size_t bytes = sizeof(struct cw_lone) + maker->count * sizeof(struct cw_refuted);
    *ret_kept = false;
    if (take_room(maker->ground, bytes)) {
        struct cw_lone *lone = calloc(1, bytes);
        *ret_kept = lone != NULL;
        if (lone)
            return lone;
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
