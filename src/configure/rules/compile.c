/*
 * Responsible for: compiling within a budget: preparing, choosing orders, keeping the smallest
 * diagram. Does not: search (search.c). The rules worker, and wherever a product is compiled in
 * place.
 */
#include "configure/rules/compile.h"

#include <string.h>

#include "configure/rules/order.h"
#include "configure/rules/order_graph.h"
#include "configure/rules/search.h"

#define NS_PER_MS UINT64_C(1000000)

/* Tried in turn. Which is best differs from model to model; min-fill is so most often. */
static const struct plan {
    enum cw_order_rule rule;
    enum cw_order_shape shape;
} plans[] = {
    {CW_ORDER_MIN_FILL, CW_ORDER_CENTROID},
    {CW_ORDER_MIN_FILL, CW_ORDER_REVERSE},
    {CW_ORDER_MIN_DEGREE, CW_ORDER_CENTROID},
    {CW_ORDER_MIN_DEGREE, CW_ORDER_REVERSE},
};
#define PLANS (sizeof plans / sizeof *plans)

/* Once there is a diagram, looking for a smaller one may take this many times the work of the
 * first, and of the wall budget this share, as work: counted, not timed, so that the same model and
 * budget give the same diagram (unless the wall budget itself ends it). */
#define BETTER_TIMES 2
#define BETTER_SHARE 8
#define WORK_PER_MS  10000

/* The first attempt may take this share: when it fails another order gets the rest. */
#define FIRST_SHARE 2
/* Of an attempt's time its order may take this share. */
#define ORDER_SHARE 4

struct compilation {
    const struct cw_compile_budget *budget;
    struct cw_arena *scratch;
    const struct cw_prepared *prepared;
    struct cw_elimination *eliminations[CW_ORDER_MIN_FILL + 1];
    uint64_t began_ns, end_ns; /* end 0: no limit */
    struct cw_compile_result *ret;
    struct cw_attempt best;
    uint64_t work; /* of all attempts */
    bool width_complete;
};

/* ---- one attempt ----------------------------------------------------------------------------- */

static void keep_entangled(struct compilation *c, const struct cw_order *order,
                           struct cw_arena *arena) {
    uint32_t *entangled = cw_arena_array(arena, order->bag_count, sizeof *entangled);
    for (uint32_t i = 0; i < order->bag_count; i++)
        entangled[i] = c->prepared->origin.vars[order->bag[i]];
    c->ret->entangled = entangled;
    c->ret->entangled_count = order->bag_count;
    c->ret->log2_width = order->log2_width;
    c->width_complete = order->complete;
}

/* The least width of a complete order, else the greatest lower bound. */
static bool tells_more(const struct compilation *c, const struct cw_order *order) {
    if (c->ret->orders_tried == 0 || order->complete != c->width_complete)
        return c->ret->orders_tried == 0 || order->complete;
    return order->complete ? order->log2_width < c->ret->log2_width
                           : order->log2_width > c->ret->log2_width;
}

static void keep_better(struct compilation *c, struct cw_attempt *now) {
    bool better = c->ret->orders_tried == 1 ||
                  (now->outcome == CW_COMPILED &&
                   (c->best.outcome != CW_COMPILED || now->bytes < c->best.bytes));
    struct cw_buf loser = better ? c->best.file : now->file;
    if (better)
        c->best = *now;
    cw_buf_deinit(&loser);
}

static void attempt(struct compilation *c, const struct plan *plan,
                    const struct cw_search_limits *limits, struct cw_arena *arena) {
    struct cw_elimination **e = &c->eliminations[plan->rule];
    uint64_t now_ns = cw_monotonic_ns(), end_ns = limits->deadline_ns;
    if (!*e)
        *e = cw_elimination_new(
            c->prepared->problem, plan->rule,
            end_ns > 0 ? now_ns + (end_ns > now_ns ? end_ns - now_ns : 0) / ORDER_SHARE : 0,
            c->scratch);
    struct cw_order *order = cw_order_new(*e, plan->shape, c->scratch);
    if (tells_more(c, order))
        keep_entangled(c, order, arena);
    struct cw_attempt now;
    cw_search(c->prepared, order, limits, &now);
    c->ret->orders_tried++;
    c->work += now.work;
    keep_better(c, &now);
}

/* ---- several --------------------------------------------------------------------------------- */

/* Until one succeeds: each failing attempt may take half of the time that is left. */
static size_t find_one(struct compilation *c, struct cw_arena *arena) {
    size_t next = 0;
    do {
        struct cw_search_limits limits = {.budget = c->budget, .deadline_ns = c->end_ns};
        uint64_t now = cw_monotonic_ns();
        if (c->end_ns > 0 && next + 1 < PLANS)
            limits.deadline_ns = now + (c->end_ns > now ? (c->end_ns - now) / FIRST_SHARE : 0);
        attempt(c, &plans[next++], &limits, arena);
    } while (c->best.outcome != CW_COMPILED && next < PLANS &&
             (c->end_ns == 0 || cw_monotonic_ns() < c->end_ns));
    return next;
}

static void find_better(struct compilation *c, size_t next, struct cw_arena *arena) {
    uint64_t end = c->work + c->work * BETTER_TIMES;
    uint64_t share = c->budget->wall_ms * WORK_PER_MS / BETTER_SHARE;
    if (share > 0 && end > c->work + share)
        end = c->work + share;
    for (; next < PLANS && c->work < end && c->best.outcome == CW_COMPILED; next++) {
        struct cw_compile_budget smaller = *c->budget;
        smaller.bytes = c->best.bytes;
        attempt(c, &plans[next], &(struct cw_search_limits){&smaller, c->end_ns, end - c->work},
                arena);
    }
}

static void keep_file(struct compilation *c, struct cw_arena *arena) {
    uint8_t *data = cw_arena_alloc(arena, c->best.file.length);
    memcpy(data, c->best.file.data, c->best.file.length);
    c->ret->artefact = (struct cw_bytes){data, c->best.file.length};
    c->ret->node_count = c->best.node_count;
    c->ret->branch_count = c->best.branch_count;
}

enum cw_status cw_model_compile(const struct cw_model *model,
                                const struct cw_compile_budget *budget, struct cw_arena *arena,
                                struct cw_compile_result *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        return cw_fail(err, CW_E_NOMEM, "memory", "no memory to compile rules");
    struct compilation c = {
        .budget = budget, .scratch = scratch, .began_ns = cw_monotonic_ns(), .ret = ret};
    if (budget->wall_ms > 0)
        c.end_ns = c.began_ns + budget->wall_ms * NS_PER_MS;
    *ret = (struct cw_compile_result){0};
    c.prepared = cw_prepare(model, scratch);
    if (c.prepared->impossible)
        cw_search_void(model, &c.best);
    else
        find_better(&c, find_one(&c, arena), arena);
    ret->outcome = c.best.outcome;
    if (ret->outcome == CW_COMPILED)
        keep_file(&c, arena);
    cw_buf_deinit(&c.best.file);
    ret->compile_ms = (cw_monotonic_ns() - c.began_ns) / NS_PER_MS;
    return CW_OK;
}
