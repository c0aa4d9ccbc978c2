/*
 * Inside the configure step: constraints over option domains, and the scratch of one question.
 * Call order: cw_search_new, cw_search_root, then mark / restrict / propagate / undo.
 */
#pragma once

#include "base/arena.h"
#include "configure/available.h"
#include "configure/configure.h"
#include "configure/facts.h"
#include "configure/price.h"

/* The search keeps domains on its stack: what it takes is far below what a document may have. */
#define CW_SEARCH_OPTIONS 128
#define CW_SEARCH_RULES   512

enum { CW_MAY_INACTIVE = 1, CW_MAY_ACTIVE = 2 };

/*
 * What an option may still be: the hidden value "inactive" (if activity says so) or one of the
 * values. CHOICE bits: one per choice          FLAG bits 0 false, 1 true      TEXT bits 0 absent, 1
 * present MULTI every set with must ⊆ set ⊆ may of allowed size             NUMBER min + step * (lo
 * … hi) When only inactive is left all other members are zero.
 */
struct cw_domain {
    union {
        uint64_t bits[CW_MAX_CHOICES / 64];
        struct {
            uint64_t must, may;
        } set;
        struct {
            int64_t lo, hi;
        } range;
    };
    uint8_t activity;
};

enum cw_truth { CW_FALSE, CW_TRUE, CW_UNKNOWN };

static inline enum cw_truth cw_truth_not(enum cw_truth truth) {
    return truth == CW_UNKNOWN ? CW_UNKNOWN : truth == CW_TRUE ? CW_FALSE : CW_TRUE;
}

enum cw_constraint_kind {
    CW_CON_COND,    /* conds[0] holds */
    CW_CON_ONLY_IF, /* conds[0] holds when option has choice */
    CW_CON_IFF,     /* conds[0] equals conds[1] */
    CW_CON_COUNT,   /* min…max of conds hold */
    CW_CON_ALLOWED,
    CW_CON_FORBIDDEN,
    CW_CON_LINEAR
};

enum cw_origin { CW_FROM_RULE, CW_FROM_ONLY_IF, CW_FROM_ACTIVE_IF, CW_FROM_REQUIRED_IF };

/* One option's contribution to a sum: per choice, or coefficient times the number. */
struct cw_weight {
    uint32_t option;
    const int64_t *choices; /* CHOICE, MULTI; NULL for a number */
    int64_t coefficient;    /* NUMBER */
};

struct cw_constraint {
    enum cw_constraint_kind kind;
    enum cw_origin origin;
    uint32_t rule;           /* FROM_RULE, else CW_NONE */
    uint32_t option, choice; /* of the onlyIf, activeIf, requiredIf */
    size_t scope_count;
    const uint32_t *scope; /* options, ordered, no doubles */
    size_t cond_count;
    const struct cw_cond *conds;
    size_t min, max;             /* COUNT */
    const struct cw_rule *table; /* ALLOWED, FORBIDDEN */
    size_t weight_count;         /* LINEAR: sum op bound */
    const struct cw_weight *weights;
    enum cw_compare_op op;
    int64_t bound;
    int64_t bound_minus; /* the bound is bound - bound_minus: two constants may not overflow */
};

static inline bool cw_constraint_speaks_of(const struct cw_constraint *constraint,
                                           uint32_t option) {
    for (size_t i = 0; i < constraint->scope_count; i++)
        if (constraint->scope[i] == option)
            return true;
    return false;
}

struct cw_watch {
    size_t count;
    const uint32_t *constraints;
};

struct cw_engine {
    struct cw_arena *arena;
    const struct cw_product *product;
    size_t option_count;
    const struct cw_domain *domains; /* full, per option */
    size_t constraint_count;
    const struct cw_constraint *constraints;
    const struct cw_watch *watches;  /* per option: the constraints that speak of it */
    const struct cw_watch *wakes;    /* per option: those to run when it changes; without the onlyIf
                                        of its own choices, which matter once a choice is certain */
    const uint32_t *const *only_ifs; /* per option: constraint per choice or CW_NONE; NULL: none */
    size_t price_scope_count;        /* parallel to the product's price rules */
    const struct cw_watch *price_scopes; /* options in each price rule's condition */
    const bool *priced;                  /* some choice of the option has a price */
};

struct cw_trail_entry {
    uint32_t option;
    struct cw_domain before;
};

struct cw_search {
    const struct cw_engine *engine;
    const struct cw_configure_context *context;
    struct cw_arena *arena;
    struct cw_domain *domains;
    const char **texts; /* TEXT: what is written when present: pick, default, or "" */
    const bool *picked; /* per option: fixed by the shopper */
    struct cw_trail_entry *trail;
    size_t trail_count, trail_capacity;
    uint32_t *queue; /* ring of constraint_count entries */
    bool *queued;
    size_t queue_head, queue_count;
    uint32_t failed;     /* the constraint that refused, or CW_NONE */
    uint64_t steps_left; /* of the whole question */
    uint64_t call_steps; /* of the running call */
    bool exhausted;      /* some call ran out of steps */
    /* branch and bound, while a call runs */
    const uint32_t *members; /* options of the component, product order */
    size_t member_count;
    struct cw_domain *best; /* per option; members only */
    bool found;
    uint32_t best_departures;
    int64_t best_price;
};

/* ---- domain.c -------------------------------------------------------------------------------- */
bool cw_domain_empty(const struct cw_engine *engine, uint32_t option,
                     const struct cw_domain *domain);
bool cw_domain_fixed(const struct cw_engine *engine, uint32_t option,
                     const struct cw_domain *domain);
size_t cw_domain_size(const struct cw_engine *engine, uint32_t option,
                      const struct cw_domain *domain);
/* Tighten, and drop "active" when no value is left. False when nothing is left at all. */
bool cw_domain_settle(const struct cw_engine *engine, uint32_t option, struct cw_domain *domain);
bool cw_domain_equal(const struct cw_domain *a, const struct cw_domain *b);
bool cw_domain_has(const struct cw_engine *engine, uint32_t option, const struct cw_domain *domain,
                   uint32_t choice);
/* Active with exactly this choice; for a multi: this choice among them. */
void cw_domain_only(const struct cw_engine *engine, uint32_t option, uint32_t choice,
                    struct cw_domain *domain);
/* Active with exactly this value. */
void cw_domain_value(const struct cw_engine *engine, uint32_t option, const struct cw_value *value,
                     struct cw_domain *domain);
/* Both; the result may be empty. */
void cw_domain_meet(const struct cw_engine *engine, uint32_t option, struct cw_domain *domain,
                    const struct cw_domain *other);
int64_t cw_domain_number(const struct cw_engine *engine, uint32_t option, int64_t step);

/* ---- propagate.c ----------------------------------------------------------------------------- */
enum cw_truth cw_cond_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                            const struct cw_cond *cond);
enum cw_truth cw_constraint_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                  const struct cw_constraint *constraint);
/* Replace a domain by a smaller one; false when it is empty. */
bool cw_search_set(struct cw_search *search, uint32_t option, struct cw_domain domain);
bool cw_search_force(struct cw_search *search, const struct cw_cond *cond, bool want);
bool cw_search_propagate(struct cw_search *search);
void cw_search_undo(struct cw_search *search, size_t mark);

/* ---- table.c, linear.c: one constraint each; false when refused ------------------------------ */
enum cw_truth cw_table_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                             const struct cw_constraint *constraint);
bool cw_table_propagate(struct cw_search *search, const struct cw_constraint *constraint);
enum cw_truth cw_linear_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                              const struct cw_constraint *constraint);
bool cw_linear_propagate(struct cw_search *search, const struct cw_constraint *constraint);

/* ---- search.c -------------------------------------------------------------------------------- */
struct cw_search *cw_search_new(const struct cw_engine *engine,
                                const struct cw_selection *selection,
                                const struct cw_configure_context *context, struct cw_arena *arena);
/* All constraints, availability; false when the product has no configuration here and now. */
bool cw_search_root(struct cw_search *search);
/* Apply the picks except that of `without` (or CW_NONE) and propagate. */
bool cw_search_pick(struct cw_search *search, const struct cw_selection *selection,
                    uint32_t without);
bool cw_search_pick_one(struct cw_search *search, const struct cw_pick *pick);

enum cw_found { CW_FOUND_NONE, CW_FOUND, CW_FOUND_UNKNOWN };
/* Best values for the members within the running domains; on CW_FOUND they are in search->best. */
enum cw_found cw_search_best(struct cw_search *search, const uint32_t *members, size_t count,
                             uint64_t steps);
/* Best values for everything: fixes all domains (undo with a mark taken before). */
enum cw_found cw_search_all(struct cw_search *search, uint64_t steps);
/* Facts of fixed domains. */
void cw_search_facts(const struct cw_search *search, const struct cw_domain *domains,
                     struct cw_fact *facts);
/* Does the option's fixed domain depart from its default? */
bool cw_search_departs(const struct cw_search *search, uint32_t option,
                       const struct cw_domain *domain);

/* ---- component.c ----------------------------------------------------------------------------- */
/* Unfixed options connected to `option` by undecided constraints or price rules; product order. */
size_t cw_search_component(const struct cw_search *search, uint32_t option, uint32_t *ret_members);
