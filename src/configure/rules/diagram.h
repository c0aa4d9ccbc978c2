/*
 * A compiled model: a smooth, deterministic, decomposable decision diagram over finite domains
 * (multi-valued decision-DNNF; Koriche, Lagniez, Marquis, Thomas 2015), read straight from one flat
 * position-independent file. Questions are one or two linear passes; nothing is ever enumerated.
 *
 * The file: little-endian, every section 8-byte aligned, offsets from its start.
 *
 *   header   struct cw_diagram_header
 *   vars     u32 value_count per variable
 *   weights  u64 per value (multiplicities), those of a variable below 2^64 together; absent when
 *            all are 1
 *   nodes    struct cw_diagram_node; the last one is the root; children have smaller indexes
 *   branches struct cw_diagram_branch; those of one node lie together, in the order of the nodes
 *   leaves   struct cw_diagram_leaf; branches share slices whole: two never overlap in part
 *   children u32 node indexes; the same; ascending within a slice
 *   sets     u64 words
 *
 * A node decides one variable: its branches take disjoint sets of values. A branch holds its set
 * for the node's variable, then for every leaf any value of the leaf's set, then all its children;
 * these speak of disjoint variables, and every branch of a node speaks of the same ones. The root
 * has var CW_DIAGRAM_NO_VAR and one branch that speaks of every variable of the model, or none:
 * then the model has no configuration.
 */
#pragma once

#include "configure/rules/model.h"

#define CW_DIAGRAM_NO_VAR     UINT32_MAX
#define CW_DIAGRAM_MAGIC      "cwrules\n"
#define CW_DIAGRAM_VERSION    1u
#define CW_DIAGRAM_BYTE_ORDER 0x01020304u

struct cw_diagram_section {
    uint64_t offset;
    uint64_t count; /* entries */
};

struct cw_diagram_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order; /* 0x01020304 as written by the machine */
    uint64_t length;     /* of the whole file */
    uint8_t model[32];   /* cw_model_digest */
    uint8_t digest[32];  /* SHA-256 of the file with these bytes zero */
    struct cw_diagram_section vars, weights, nodes, branches, leaves, children, sets;
};

struct cw_diagram_node {
    uint32_t var;
    uint32_t first_branch, branch_count;
};

struct cw_diagram_branch {
    uint32_t set; /* first word in sets; of the node's variable; 0 for the root */
    uint32_t first_leaf, leaf_count;
    uint32_t first_child, child_count;
};

struct cw_diagram_leaf {
    uint32_t var, set;
};

/* ---- reading --------------------------------------------------------------------------------- */

struct cw_diagram;

/**
 * Check a file and make it askable.
 * @param data  borrowed, 8-byte aligned, must outlive the diagram and never change; may be mapped
 * @units   none
 * @owner   cw_diagram_free
 * @errors  CW_E_INPUT "rules.artefact_damaged" (bounds, order, empty or foreign sets, overlapping
 *          branches, a variable missing or twice, wrong digest or byte order),
 *          "rules.artefact_version"; CW_E_NOMEM
 * @cost    O(file), once
 * @source  the layout above
 */
enum cw_status cw_diagram_open(const void *data, size_t length, struct cw_diagram **ret_diagram,
                               struct cw_error *err) CW_MUST_USE;
void cw_diagram_free(struct cw_diagram *diagram);

const struct cw_diagram_header *cw_diagram_head(const struct cw_diagram *diagram);
uint32_t cw_diagram_var_count(const struct cw_diagram *diagram);
/* Words of a mask over all variables, laid out as in the model. */
uint32_t cw_diagram_word_count(const struct cw_diagram *diagram);
uint32_t cw_diagram_value_count(const struct cw_diagram *diagram);

/* ---- asking: every function is pure and may run in any thread; scratch comes from `arena` ------
 * `allowed` is a mask of word_count words: which values may be used (picks, overlays, all alike).
 */

/* Is there a configuration within `allowed`? */
bool cw_diagram_feasible(const struct cw_diagram *diagram, const uint64_t *allowed,
                         struct cw_arena *arena);

/*
 * Every value that some configuration has, where all *other* variables are within `allowed` and the
 * value itself is within `relaxed` (a superset of allowed; pass allowed twice for plain valid
 * domains). ret_possible: word_count words, written always. Returns whether `allowed` is feasible.
 * One upward and one downward pass (Hadzic, Jensen, Andersen 2007; Darwiche 2001).
 */
struct cw_diagram_scope {
    const uint64_t *allowed, *relaxed;
};
bool cw_diagram_domains(const struct cw_diagram *diagram, const struct cw_diagram_scope *scope,
                        struct cw_arena *arena, uint64_t *ret_possible);

/*
 * The same with costs: ret_least[value] is the least cost of a configuration with that value, as
 * above, or CW_DIAGRAM_NEVER. `costs` is per value (value_bases layout); the largest |cost| of
 * every variable, all added up, must stay below 2^61 (partial sums too must fit). Returns the least
 * cost within `allowed`, or CW_DIAGRAM_NEVER.
 */
#define CW_DIAGRAM_NEVER INT64_MAX
int64_t cw_diagram_least(const struct cw_diagram *diagram, const struct cw_diagram_scope *scope,
                         const int64_t *costs, struct cw_arena *arena, int64_t *ret_least);

/* The cheapest configuration within `allowed` (ties: smaller values in variable order, exactly: the
 * lexicographically first of the cheapest). Writes a value per variable; false when there is none.
 */
bool cw_diagram_cheapest(const struct cw_diagram *diagram, const uint64_t *allowed,
                         const int64_t *costs, struct cw_arena *arena, uint32_t *ret_values);

/* ---- counting -------------------------------------------------------------------------------- */

/* An exact non-negative integer of any size: 32-bit limbs, least first; no leading zero limb. */
struct cw_natural {
    uint32_t count;
    const uint32_t *limbs;
};
/* How many configurations within `allowed`, multiplicities counted. In the arena. */
struct cw_natural cw_diagram_count(const struct cw_diagram *diagram, const uint64_t *allowed,
                                   struct cw_arena *arena);
/* How many of them have each value: ret_counts[value]. */
void cw_diagram_counts(const struct cw_diagram *diagram, const uint64_t *allowed,
                       struct cw_arena *arena, struct cw_natural *ret_counts);
char *cw_natural_decimal(struct cw_natural number, struct cw_arena *arena);
/* a - b for a >= b; <0, 0, >0. */
struct cw_natural cw_natural_minus(struct cw_natural a, struct cw_natural b,
                                   struct cw_arena *arena);
int cw_natural_compare(struct cw_natural a, struct cw_natural b);

/**
 * Draw configurations uniformly among those within `allowed`, multiplicities counted: the same seed
 * gives the same ones on every machine.
 * @param seed       any number
 * @param count      how many; drawn independently (the same one may come twice)
 * @param ret_values count lines of a value per variable; written when true is returned
 * @units   none
 * @owner   nothing allocated outside the arena
 * @errors  returns false when there is none
 * @cost    one counting pass, then O(depth) a draw
 * @source  Sharma, Gupta, Roy, Meel 2018 (KUS); xoshiro256** seeded by splitmix64 (Blackman, Vigna)
 */
struct cw_diagram_draw {
    const uint64_t *allowed;
    uint64_t seed;
    uint32_t count;
};
bool cw_diagram_sample(const struct cw_diagram *diagram, const struct cw_diagram_draw *draw,
                       struct cw_arena *arena, uint32_t *ret_values);

/*
 * All configurations whose costs cannot be beaten: labels (a, b, c) such that no other is at most
 * as large in all three; at most `limit` are kept, spread over the front, and *ret_exact says
 * whether any was dropped. For goal questions: unmet wishes, price, days. In the arena, ordered by
 * (a, b, c).
 */
struct cw_diagram_label {
    int64_t costs[3];
    const uint32_t *values; /* a value per variable */
};
struct cw_diagram_front {
    const uint64_t *allowed;
    const int64_t *costs[3]; /* per value each */
    uint32_t limit;
};
size_t cw_diagram_pareto(const struct cw_diagram *diagram, const struct cw_diagram_front *front,
                         struct cw_arena *arena, struct cw_diagram_label **ret_labels,
                         bool *ret_exact);
