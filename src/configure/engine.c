/*
 * Engine: a product's rules, lowered and compiled, ready to be asked; made here and now, or from
 * what was stored with the version. It answers nothing itself. Immutable after construction; server
 * process and tools, any thread.
 */
#include "configure/engine.h"

#include <stdlib.h>
#include <string.h>

#include "configure/rules/compile.h"
#include "cordwain/limits.h"

/* ---- what is worked out once ----------------------------------------------------------------- */

static const bool *structure_flags(const struct cw_lowered *lowered, struct cw_arena *arena) {
    bool *flags = cw_arena_array(arena, lowered->origin_count + 1, sizeof *flags);
    for (uint32_t i = 0; i < lowered->origin_count; i++)
        flags[i] = lowered->origins[i].kind == CW_ORIGIN_STRUCTURE;
    return flags;
}

/* The sum of every variable's least price: no configuration is cheaper. */
static int64_t least_price(const struct cw_lowered *lowered, const int64_t *prices) {
    const struct cw_model *model = lowered->model;
    int64_t sum = 0;
    for (uint32_t v = 0; v < model->var_count; v++) {
        const int64_t *own = prices + model->value_bases[v];
        int64_t least = own[0];
        for (uint32_t x = 1; x < model->value_counts[v]; x++)
            least = own[x] < least ? own[x] : least;
        sum += least;
    }
    return sum;
}

static enum cw_status prepare(const struct cw_product *product, struct cw_engine **ret_engine,
                              struct cw_error *err) {
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_engine *engine = cw_arena_alloc(arena, sizeof *engine);
    struct cw_lowered *lowered;
    engine->arena = arena;
    engine->product = product;
    enum cw_status status = cw_lower(product, arena, &lowered, err);
    if (status != CW_OK) {
        cw_arena_free(arena);
        return status;
    }
    engine->lowered = lowered;
    engine->grounds = cw_grounds_new();
    if (!engine->grounds) {
        cw_arena_free(arena);
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    engine->index = cw_solve_index_new(lowered->model, arena);
    engine->prices = cw_lowered_prices(lowered, arena);
    engine->leads = cw_lowered_leads(lowered, arena);
    engine->preference = cw_lowered_preference(lowered, &(struct cw_selection){0}, arena);
    engine->full = cw_model_full_mask(lowered->model, arena);
    engine->structure = structure_flags(lowered, arena);
    engine->price_floor = least_price(lowered, engine->prices);
    *ret_engine = engine;
    return CW_OK;
}

/* ---- the artefact ---------------------------------------------------------------------------- */

static enum cw_status check_model(const struct cw_engine *engine, struct cw_error *err) {
    uint8_t digest[32];
    cw_model_digest(engine->lowered->model, digest);
    if (memcmp(digest, cw_diagram_head(engine->diagram)->model, sizeof digest) != 0)
        return cw_fail(err, CW_E_CONFLICT, "rules.artefact_foreign",
                       "the compiled rules were made from another document or by another version");
    return CW_OK;
}

static enum cw_status adopt(struct cw_engine *engine, struct cw_bytes artefact,
                            struct cw_error *err) {
    enum cw_status status = cw_diagram_open(artefact.data, artefact.length, &engine->diagram, err);
    if (status == CW_OK)
        status = check_model(engine, err);
    if (status != CW_OK)
        return status;
    engine->quick =
        cw_quick_new(engine->diagram, engine->preference, engine->prices, engine->arena);
    engine->artefact = artefact;
    engine->about.tier = CW_TIER_COMPILED;
    engine->about.artefact_bytes = artefact.length;
    engine->about.node_count = (uint32_t)cw_diagram_head(engine->diagram)->nodes.count;
    return CW_OK;
}

/* Options, once each; helpers stand for no option. Variables of an option lie together, but for
 * helpers. */
static void note_entangled(struct cw_engine *engine, const struct cw_compile_result *result) {
    const uint32_t *var_options = engine->lowered->var_options;
    size_t option_count = engine->product->option_count, count = 0;
    bool *in = cw_arena_array(engine->arena, option_count + 1, sizeof *in);
    for (uint32_t i = 0; i < result->entangled_count; i++)
        if (var_options[result->entangled[i]] != CW_NONE)
            in[var_options[result->entangled[i]]] = true;
    uint32_t *options = cw_arena_array(engine->arena, option_count + 1, sizeof *options);
    for (uint32_t o = 0; o < option_count; o++)
        if (in[o])
            options[count++] = o;
    engine->about.entangled = options;
    engine->about.entangled_count = count;
}

static enum cw_status compile(struct cw_engine *engine, struct cw_error *err) {
    static const struct cw_compile_budget budget = {.wall_ms = CW_RULES_COMPILE_MS,
                                                    .branches = CW_RULES_COMPILE_BRANCHES,
                                                    .bytes = CW_RULES_COMPILE_BYTES,
                                                    .memory_bytes = CW_RULES_MEMORY_BYTES};
    struct cw_compile_result result;
    enum cw_status status =
        cw_model_compile(engine->lowered->model, &budget, engine->arena, &result, err);
    if (status != CW_OK)
        return status;
    if (result.outcome == CW_COMPILED)
        status = adopt(engine, result.artefact, err);
    engine->about.compile_ms = result.compile_ms;
    note_entangled(engine, &result);
    return status;
}

/* ---- making one ------------------------------------------------------------------------------ */

static enum cw_status make(const struct cw_product *product, const struct cw_bytes *artefact,
                           struct cw_engine **ret_engine, struct cw_error *err) {
    struct cw_engine *engine;
    enum cw_status status = prepare(product, &engine, err);
    if (status != CW_OK)
        return status;
    engine->about.tier = CW_TIER_SAT;
    if (!artefact)
        status = compile(engine, err);
    else if (artefact->data)
        status = adopt(engine, *artefact, err);
    if (status == CW_OK)
        *ret_engine = engine;
    else
        cw_engine_free(engine);
    return status;
}

enum cw_status cw_engine_new(const struct cw_product *product, struct cw_engine **ret_engine,
                             struct cw_error *err) {
    return make(product, NULL, ret_engine, err);
}

enum cw_status cw_engine_open(const struct cw_product *product, struct cw_bytes artefact,
                              struct cw_engine **ret_engine, struct cw_error *err) {
    return make(product, &artefact, ret_engine, err);
}

void cw_engine_free(struct cw_engine *engine) {
    if (!engine)
        return;
    cw_diagram_free(engine->diagram);
    cw_grounds_free(engine->grounds);
    cw_arena_free(engine->arena);
}

/* ---- reading one ----------------------------------------------------------------------------- */

struct cw_engine_facts cw_engine_about(const struct cw_engine *engine) {
    return engine->about;
}

const struct cw_model *cw_engine_model(const struct cw_engine *engine) {
    return engine->lowered->model;
}

struct cw_bytes cw_engine_artefact(const struct cw_engine *engine) {
    return engine->artefact;
}

const struct cw_product *cw_engine_product(const struct cw_engine *engine) {
    return engine->product;
}

void cw_engine_question(const struct cw_engine *engine, const struct cw_selection *selection,
                        const struct cw_configure_context *context, struct cw_arena *arena,
                        struct cw_diagram_scope *ret) {
    const struct cw_asked *asked = cw_asked_new(engine, selection, context, arena);
    *ret = (struct cw_diagram_scope){asked->allowed, asked->available};
}
