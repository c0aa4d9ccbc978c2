/*
 * Inside the configure step: a product's rules compiled for asking, and one question being asked.
 */
#pragma once

#include "configure/configure.h"
#include "configure/lower.h"
#include "configure/price.h"
#include "configure/rules/diagram_quick.h"
#include "configure/rules/solve.h"
#include "configure/rules/worker.h"

struct cw_grounds;

/* Immutable but for `grounds`, which any thread may add to. */
struct cw_engine {
    struct cw_arena *arena;
    const struct cw_product *product;
    const struct cw_lowered *lowered;
    struct cw_diagram *diagram;   /* NULL: SAT tier */
    const struct cw_quick *quick; /* by preference and prices; NULL: the diagram answers it all */
    struct cw_solve_index *index;
    struct cw_bytes artefact;
    struct cw_engine_facts about;
    const int64_t *prices, *leads; /* per value */
    const int64_t *preference;     /* of the empty selection */
    const uint64_t *full;          /* every value of every variable */
    const bool *structure;         /* per origin: never an explanation by itself */
    int64_t price_floor;           /* no unit price is below it */
    struct cw_grounds *grounds;
};

/* ---- ground.c: what does not depend on the picks --------------------------------------------- */

#define CW_ORIGIN_NONE UINT32_MAX
#define CW_ORIGIN_OPEN (UINT32_MAX - 1) /* not looked for yet */

/* A value of another option that cannot stand together with one value, whatever else comes. */
struct cw_refuted {
    uint32_t value;           /* as in value_bases */
    _Atomic(uint32_t) origin; /* what removes it */
    bool near;                /* by a constraint that speaks of both */
};
struct cw_lone {
    _Atomic(uint32_t) origin; /* of a value that is dead itself: why */
    uint32_t count;
    struct cw_refuted items[]; /* ascending values */
};

/*
 * What the rules leave before anything is picked, for one state of availability; and, as it is
 * asked for, what every single value refutes. Shared by all threads once published.
 */
struct cw_ground {
    const uint64_t *available;
    bool possible;           /* there is a configuration here and now */
    const uint64_t *domains; /* every value some configuration has (SAT tier: at most) */
    const uint32_t *causes;  /* of cw_solve_propagate on `available` */
    uint32_t failed;
    _Atomic(struct cw_lone *) *lones; /* per value */
    uint32_t value_count;
    struct cw_ground *next;
    struct cw_arena *own; /* NULL: belongs to one question */
    _Atomic(unsigned) refs;
    _Atomic(size_t) bytes; /* of lones that are kept */
};

/* Small enough that what a single value refutes is worked out and kept. */
bool cw_engine_is_small(const struct cw_engine *engine);

struct cw_grounds *cw_grounds_new(void);
void cw_grounds_free(struct cw_grounds *grounds);
/* Valid until the arena ends. */
struct cw_ground *cw_ground_get(const struct cw_engine *engine, const uint64_t *available,
                                struct cw_arena *arena);
struct cw_lone *cw_ground_lone(const struct cw_engine *engine, struct cw_ground *ground,
                               struct cw_lowered_value value, struct cw_arena *arena);

static inline uint32_t cw_value_index(const struct cw_lowered *lowered,
                                      struct cw_lowered_value value) {
    return lowered->model->value_bases[value.var] + value.value;
}
static inline bool cw_mask_allows(const struct cw_lowered *lowered, const uint64_t *mask,
                                  struct cw_lowered_value value) {
    return cw_set_has(mask + lowered->model->word_bases[value.var], value.value);
}
/* Only this value is left of the variable, if it was there. */
void cw_mask_pin(const struct cw_lowered *lowered, uint64_t *mask, struct cw_lowered_value value);
uint64_t *cw_mask_copy(const struct cw_lowered *lowered, const uint64_t *mask,
                       struct cw_arena *arena);

/* The variables of an option: i from 0 to cw_option_vars - 1. */
uint32_t cw_option_vars(const struct cw_lowered *lowered, uint32_t option);
uint32_t cw_option_var(const struct cw_lowered *lowered, uint32_t option, uint32_t i);

/* ---- asked.c: one question ------------------------------------------------------------------- */

struct cw_asked {
    const struct cw_engine *engine;
    const struct cw_selection *selection;
    const struct cw_configure_context *context;
    struct cw_arena *arena;
    const uint64_t *available;    /* by market, date, overlays, stock */
    uint64_t *allowed;            /* available and picked */
    const struct cw_pick **picks; /* per option: the pick that fixes something, or NULL */
    struct cw_ground *ground;     /* cw_asked_ground */
    uint64_t steps_left;
    bool inexact; /* some search ran out of steps */
};

struct cw_asked *cw_asked_new(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, struct cw_arena *arena);
struct cw_ground *cw_asked_ground(struct cw_asked *asked);

/* Is there a configuration within the mask? UNKNOWN on the SAT tier only. */
enum cw_verdict cw_asked_feasible(struct cw_asked *asked, const uint64_t *mask);

/* What is available, with the picks of these options. In the arena. */
uint64_t *cw_asked_mask(const struct cw_asked *asked, const uint32_t *options, size_t count);

/* Take steps for work of another kind; false: there are none left. */
bool cw_asked_spend(struct cw_asked *asked, uint64_t steps);

/* A minimal set of origins that refutes the mask; see cw_solve_minimal_core. */
enum cw_verdict cw_asked_core(struct cw_asked *asked, const uint64_t *mask,
                              struct cw_solve_core *ret);

/* ---- complete.c ------------------------------------------------------------------------------ */

struct cw_found {
    enum cw_verdict verdict; /* is there a completion? */
    const uint32_t *values;  /* YES: of the preferred one (SAT tier: of a good one) */
    const struct cw_fact *facts;
    const struct cw_quick_pass *pass; /* within what is allowed; NULL: not worked out that way */
};

/* What was found out about this very question, or NULL. */
const struct cw_found *cw_asked_known(const struct cw_engine *engine,
                                      const struct cw_selection *selection,
                                      const struct cw_configure_context *context);

/* What is preferred, per value. */
const int64_t *cw_asked_costs(const struct cw_asked *asked);

/* CW_E_BUG "configure.disagreement": the raw rules say otherwise. */
enum cw_status cw_asked_complete(struct cw_asked *asked, struct cw_found *ret,
                                 struct cw_error *err) CW_MUST_USE;

/* The whole must fail: compiled and raw rules contradict each other. */
enum cw_status cw_disagree(struct cw_error *err, const char *said);

/* ---- conflict.c ------------------------------------------------------------------------------ */

struct cw_clash {
    size_t pick_count;
    const uint32_t *picks; /* options, product order; none: the product has nothing here and now */
    bool minimal;
};
/* Picks that cannot stand together, of all but that of `without` (or CW_NONE), which conflict. */
void cw_asked_clash(struct cw_asked *asked, uint32_t without, struct cw_clash *ret);

/* Reduce `options`, whose picks refute `mask`, to a minimal set that does; false: the steps ran out
 * and it may have superfluous members. Keeps their order. */
bool cw_asked_refuters(struct cw_asked *asked, const uint64_t *mask, uint32_t *options,
                       size_t *count);

/* The first value of a variable that the picks leave; false: none. */
bool cw_asked_value(const struct cw_asked *asked, uint32_t var, struct cw_lowered_value *ret);

/* ---- blame.c --------------------------------------------------------------------------------- */

/* Why impossible choices are: fills reason_rule, reason_option and only_if of every one, as far as
 * the steps go. */
void cw_asked_blame(struct cw_asked *asked, bool consistent, struct cw_option_answer *answers);
