/*
 * Responsible for: variables that always move together, and taking all but one of each group out of
 * the constraints. Does not: look beyond clauses of two. The rules worker, and wherever a product
 * is compiled in place.
 */
#include <stdlib.h>
#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/draft.h"

/* ---- the implications of clauses of two variables with two values each ----------------------- */

/* A literal is 2 * variable + 1 for the larger of its two values, + 0 for the smaller. */
struct graph {
    uint32_t *first; /* edges of literal l: targets[first[l]] … targets[first[l + 1] - 1] */
    uint32_t *targets;
};

static bool two_valued(const struct cw_draft *draft, uint32_t var) {
    return cw_bits_count(cw_draft_domain(draft, var), cw_draft_words(draft, var)) == 2;
}

static uint32_t literal(const struct cw_draft *draft, struct cw_draft_lit lit) {
    uint32_t words = cw_draft_words(draft, lit.var);
    uint32_t smaller = cw_bits_next(cw_draft_domain(draft, lit.var), words, 0);
    return 2 * lit.var + !cw_set_has(lit.set, smaller);
}

static bool implies(const struct cw_draft *draft, const struct cw_draft_clause *clause) {
    return clause->count == 2 && two_valued(draft, clause->lits[0].var) &&
           two_valued(draft, clause->lits[1].var);
}

static struct graph implications(const struct cw_draft *draft) {
    uint32_t literals = 2 * draft->var_count;
    struct graph graph = {cw_arena_array(draft->arena, literals + 2, sizeof(uint32_t)), NULL};
    uint32_t *at = graph.first + 1, edges = 0;
    for (uint32_t i = 0; i < draft->clause_count; i++)
        if (implies(draft, &draft->clauses[i])) {
            at[(literal(draft, draft->clauses[i].lits[0]) ^ 1)]++;
            at[(literal(draft, draft->clauses[i].lits[1]) ^ 1)]++;
            edges += 2;
        }
    /* at[l] becomes where the next edge of l goes; once all are in, that is where l's end. */
    for (uint32_t l = 0, sum = 0; l <= literals; l++) {
        uint32_t own = at[l];
        at[l] = sum;
        sum += own;
    }
    graph.targets = cw_arena_array(draft->arena, edges, sizeof(uint32_t));
    for (uint32_t i = 0; i < draft->clause_count; i++)
        if (implies(draft, &draft->clauses[i])) {
            uint32_t a = literal(draft, draft->clauses[i].lits[0]);
            uint32_t b = literal(draft, draft->clauses[i].lits[1]);
            graph.targets[at[a ^ 1]++] = b;
            graph.targets[at[b ^ 1]++] = a;
        }
    return graph;
}

/* ---- strongly connected literals (Tarjan 1972, with an own stack) ---------------------------- */

struct tarjan {
    const struct graph *graph;
    uint32_t *number, *low, *next; /* number 0: not visited; next: edge to look at */
    uint32_t *path, path_count, *open, open_count;
    bool *is_open;
    uint32_t visited;
    uint32_t *component; /* per literal: its smallest literal */
};

static void enter(struct tarjan *t, uint32_t literal_) {
    t->number[literal_] = t->low[literal_] = ++t->visited;
    t->next[literal_] = t->graph->first[literal_];
    t->path[t->path_count++] = literal_;
    t->open[t->open_count++] = literal_;
    t->is_open[literal_] = true;
}

static void close_component(struct tarjan *t, uint32_t root) {
    uint32_t first = t->open_count, least = root;
    do {
        first--;
        if (t->open[first] < least)
            least = t->open[first];
    } while (t->open[first] != root);
    for (uint32_t i = first; i < t->open_count; i++) {
        t->component[t->open[i]] = least;
        t->is_open[t->open[i]] = false;
    }
    t->open_count = first;
}

static void leave(struct tarjan *t, uint32_t literal_) {
    t->path_count--;
    if (t->low[literal_] == t->number[literal_])
        close_component(t, literal_);
    if (t->path_count > 0) {
        uint32_t above = t->path[t->path_count - 1];
        if (t->low[literal_] < t->low[above])
            t->low[above] = t->low[literal_];
    }
}

static void visit(struct tarjan *t, uint32_t start) {
    enter(t, start);
    while (t->path_count > 0) {
        uint32_t here = t->path[t->path_count - 1];
        if (t->next[here] == t->graph->first[here + 1]) {
            leave(t, here);
            continue;
        }
        uint32_t to = t->graph->targets[t->next[here]++];
        if (t->number[to] == 0)
            enter(t, to);
        else if (t->is_open[to] && t->number[to] < t->low[here])
            t->low[here] = t->number[to];
    }
}

static uint32_t *components(struct cw_draft *draft) {
    struct graph graph = implications(draft);
    uint32_t literals = 2 * draft->var_count;
    uint32_t *arrays = cw_arena_array(draft->arena, (size_t)literals * 6, sizeof *arrays);
    struct tarjan t = {
        .graph = &graph,
        .number = arrays,
        .low = arrays + literals,
        .next = arrays + (size_t)2 * literals,
        .path = arrays + (size_t)3 * literals,
        .open = arrays + (size_t)4 * literals,
        .component = arrays + (size_t)5 * literals,
        .is_open = cw_arena_array(draft->arena, literals, sizeof(bool)),
    };
    for (uint32_t l = 0; l < literals; l++)
        if (t.number[l] == 0)
            visit(&t, l);
    return t.component;
}

/* ---- substitution ---------------------------------------------------------------------------- */

/* The set of the leader's values that go with a set of the follower's. */
static const uint64_t *leader_set(struct cw_draft *draft, const struct cw_draft_equals *equals,
                                  uint32_t var, const uint64_t *set) {
    uint32_t leader = equals->leaders[var], words = cw_draft_words(draft, leader);
    uint64_t *mapped = cw_arena_array(draft->arena, words, sizeof *mapped);
    const uint64_t *from = cw_draft_domain(draft, var), *to = cw_draft_domain(draft, leader);
    uint32_t own[2], its[2];
    own[0] = cw_bits_next(from, cw_draft_words(draft, var), 0);
    own[1] = cw_bits_next(from, cw_draft_words(draft, var), own[0] + 1);
    its[0] = cw_bits_next(to, words, 0);
    its[1] = cw_bits_next(to, words, its[0] + 1);
    for (uint32_t i = 0; i < 2; i++)
        if (cw_set_has(set, own[i]))
            cw_set_add(mapped, its[equals->swapped[var] ? 1 - i : i]);
    return mapped;
}

static int compare_lits(const void *a, const void *b) {
    uint32_t left = ((const struct cw_draft_lit *)a)->var;
    uint32_t right = ((const struct cw_draft_lit *)b)->var;
    return (left > right) - (left < right);
}

static void join_lits(struct cw_draft *draft, struct cw_draft_clause *clause) {
    uint32_t kept = 0;
    qsort(clause->lits, clause->count, sizeof *clause->lits, compare_lits);
    for (uint32_t i = 0; i < clause->count; i++) {
        struct cw_draft_lit lit = clause->lits[i];
        if (kept == 0 || clause->lits[kept - 1].var != lit.var) {
            clause->lits[kept++] = lit;
            continue;
        }
        uint32_t words = cw_draft_words(draft, lit.var);
        uint64_t *both = cw_arena_array(draft->arena, words, sizeof *both);
        for (uint32_t w = 0; w < words; w++)
            both[w] = lit.set[w] | clause->lits[kept - 1].set[w];
        clause->lits[kept - 1].set = both;
    }
    clause->count = kept;
}

static void substitute_clauses(struct cw_draft *draft, const struct cw_draft_equals *equals) {
    for (uint32_t i = 0; i < draft->clause_count; i++) {
        struct cw_draft_clause *clause = &draft->clauses[i];
        bool changed = false;
        for (uint32_t l = 0; l < clause->count; l++) {
            struct cw_draft_lit *lit = &clause->lits[l];
            if (equals->leaders[lit->var] == lit->var)
                continue;
            lit->set = leader_set(draft, equals, lit->var, lit->set);
            lit->var = equals->leaders[lit->var];
            changed = true;
        }
        if (changed)
            join_lits(draft, clause);
    }
}

/* Variables of tables and linear constraints lead: only clauses are rewritten. Two of them that are
 * equal stay tied by their implications, which name leaders once all is substituted. */
static bool *pinned_vars(const struct cw_draft *draft) {
    bool *pinned = cw_arena_array(draft->arena, draft->var_count, sizeof *pinned);
    for (uint32_t i = 0; i < draft->table_count; i++)
        for (uint32_t k = 0; k < draft->tables[i].arity; k++)
            pinned[draft->tables[i].vars[k]] = true;
    for (uint32_t i = 0; i < draft->linear_count; i++)
        for (uint32_t k = 0; k < draft->linears[i].count; k++)
            pinned[draft->linears[i].vars[k]] = true;
    return pinned;
}

void cw_draft_join_equals(struct cw_draft *draft, struct cw_draft_equals *ret) {
    const uint32_t *component = components(draft);
    const bool *pinned = pinned_vars(draft);
    uint32_t *heads = cw_arena_array(draft->arena, draft->var_count, sizeof *heads);
    ret->leaders = cw_arena_array(draft->arena, draft->var_count, sizeof *ret->leaders);
    ret->swapped = cw_arena_array(draft->arena, draft->var_count, sizeof *ret->swapped);
    for (uint32_t var = 0; var < draft->var_count; var++) {
        heads[var] = var;
        draft->impossible |= component[2 * var] == component[2 * var + 1];
    }
    /* The smallest literal of a component and of its mirror image are of one variable; it leads
     * unless a later one is pinned. */
    for (uint32_t var = 0; var < draft->var_count; var++) {
        uint32_t smallest = component[2 * var + 1] / 2;
        if (pinned[var] && !pinned[heads[smallest]])
            heads[smallest] = var;
    }
    for (uint32_t var = 0; var < draft->var_count; var++) {
        uint32_t head = heads[component[2 * var + 1] / 2];
        ret->leaders[var] = pinned[var] ? var : head;
        ret->swapped[var] =
            !pinned[var] && (component[2 * var + 1] & 1) != (component[2 * head + 1] & 1);
    }
    if (!draft->impossible)
        substitute_clauses(draft, ret);
}
