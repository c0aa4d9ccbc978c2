/*
 * Responsible for: the passes of a click: two costs at once on the way up, one on the way down.
 * Does not: choose between equally cheap configurations (diagram_choose.c). Any process, any
 * thread.
 *
 * These are the passes of diagram_least.c without their cases. A part that cannot be had costs
 * `bad`, a power of two above four times any real cost. So what a branch costs tells how many of
 * its parts are bad, and what it costs without one of them is a subtraction: below bad / 2 exactly
 * when all the others can be had. A pass begins with the results of another one, first of all of
 * the whole model's, and works out again what lies above the variables that differ.
 */
#include "configure/rules/diagram_quick.h"

#include <string.h>

#include "configure/rules/diagram_big.h"

__extension__ typedef unsigned __int128 wide;

#define CHEAPEST_FIRST 3 /* atoms of a variable that are looked for, each among all of them */
#define EXACT_DOUBLE   9007199254740992.0 /* 2^53: whole numbers up to here have a double */

/* Costs of an atom, a slice or a node: preferred, cheapest, dearest (negative). */
struct sums {
    double cost, low, high;
};

#define ABOVE_BYTES (1 << 20) /* for remembering which nodes are above which variables */

/* What is known of everything below the nodes. */
struct parts {
    struct sums *atoms, *slices;
    uint64_t *atom_ways;   /* how many choices, multiplicities counted */
    uint32_t *atom_values; /* the smallest with the least cost */
};

struct cw_quick_pass {
    const struct cw_quick *quick;
    const uint64_t *allowed;
    struct parts parts;
    struct sums *nodes; /* those that cannot be had cost exactly `bad` */
    double *arms;       /* costs */
    uint64_t *stale;    /* set of nodes: all others are as in the whole model */
};

struct cw_quick {
    const struct cw_diagram *diagram;
    const double *costs, *prices; /* per value */
    double bad;
    struct cw_quick_pass base;   /* of the whole model */
    const wide *node_ways;       /* in the whole model */
    const uint32_t *first_atoms; /* per variable, and one past the end */
    /* per atom, and one past the end: where in atom_slices the slices are that have it */
    const uint32_t *first_slices, *atom_slices;
    uint32_t node_words;   /* of a set of nodes */
    const uint64_t *above; /* per variable such a set: the nodes above it; NULL: not remembered */
};

static struct sums plus(struct sums a, struct sums b) {
    return (struct sums){a.cost + b.cost, a.low + b.low, a.high + b.high};
}

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void weigh_atom(const struct cw_quick *quick, uint32_t number, const uint64_t *allowed,
                       const struct parts *ret) {
    const struct cw_diagram_atom *atom = &quick->diagram->atoms[number];
    struct sums sums = {quick->bad, quick->bad, quick->bad};
    const uint64_t *weights = quick->diagram->weights;
    uint64_t ways = 0;
    uint32_t first = 0;
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(quick->diagram, atom, allowed, w);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = 64 * w + (uint32_t)__builtin_ctzll(bits);
            ways += weights ? weights[atom->value + value] : 1;
            double cost = quick->costs[atom->value + value];
            double price = quick->prices[atom->value + value];
            first = cost < sums.cost ? value : first;
            sums = (struct sums){smaller(cost, sums.cost), smaller(price, sums.low),
                                 smaller(-price, sums.high)};
        }
    }
    ret->atoms[number] = sums;
    ret->atom_ways[number] = ways;
    ret->atom_values[number] = first;
}

static void weigh_slice(const struct cw_quick *quick, uint32_t slice, const struct parts *ret) {
    const struct cw_diagram *diagram = quick->diagram;
    const uint32_t *atom = diagram->leaf_atoms + diagram->slices[slice].first;
    const uint32_t *end = atom + diagram->slices[slice].count;
    struct sums sums = {0};
    for (; atom < end; atom++)
        sums = plus(sums, ret->atoms[*atom]);
    ret->slices[slice] = sums;
}

/* ---- preparing ------------------------------------------------------------------------------- */

static double *in_doubles(const int64_t *numbers, uint32_t count, struct cw_arena *arena) {
    double *doubles = cw_arena_array(arena, (size_t)count + 1, sizeof *doubles);
    for (uint32_t i = 0; i < count; i++)
        doubles[i] = (double)numbers[i];
    return doubles;
}

/* The largest |amount| of every variable, all added up. */
static double most(const struct cw_diagram *diagram, const int64_t *amounts) {
    double sum = 0;
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        double largest = 0;
        for (uint32_t i = diagram->value_bases[var]; i < diagram->value_bases[var + 1]; i++) {
            double amount = (double)amounts[i];
            amount = amount < 0 ? -amount : amount;
            largest = amount > largest ? amount : largest;
        }
        sum += largest;
    }
    return sum;
}

/* 0: some sum might be no exact number. A branch has at most a bad part per variable; what is
 * outside of it costs at most 2 bad. */
static double bad_for(const struct cw_diagram *diagram, double largest) {
    double bad = 1;
    while (bad < 4 * largest + 4 && bad < EXACT_DOUBLE)
        bad *= 2;
    return bad * (diagram->var_count + 4.0) < EXACT_DOUBLE ? bad : 0;
}

/* Are all ways to choose a value of each variable, and so all counts, below 2^127? */
static bool counts_fit(const struct cw_diagram *diagram) {
    double ways = 1;
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        double sum = 0;
        for (uint32_t i = diagram->value_bases[var]; i < diagram->value_bases[var + 1]; i++)
            sum += diagram->weights ? (double)diagram->weights[i] : 1;
        ways *= sum;
    }
    return ways < 0x1p126;
}

static const uint64_t *full_mask(const struct cw_diagram *diagram, struct cw_arena *arena) {
    uint64_t *mask = cw_arena_array(arena, (size_t)diagram->word_count + 1, sizeof *mask);
    for (uint32_t var = 0; var < diagram->var_count; var++)
        for (uint32_t x = 0; x < diagram->value_counts[var]; x++)
            cw_set_add(mask + diagram->word_bases[var], x);
    return mask;
}

/* Atoms are ordered by variable; atom 0 has none. */
static const uint32_t *first_atoms(const struct cw_diagram *diagram, struct cw_arena *arena) {
    uint32_t *firsts = cw_arena_array(arena, (size_t)diagram->var_count + 1, sizeof *firsts);
    uint32_t atom = 1;
    for (uint32_t var = 0; var <= diagram->var_count; var++) {
        while (atom < diagram->atom_count && diagram->atoms[atom].var < var)
            atom++;
        firsts[var] = atom;
    }
    return firsts;
}

static void list_slices(struct cw_quick *quick, struct cw_arena *arena) {
    const struct cw_diagram *diagram = quick->diagram;
    size_t leaves = 0;
    uint32_t *firsts = cw_arena_array(arena, (size_t)diagram->atom_count + 2, sizeof *firsts);
    for (uint32_t s = 0; s < diagram->slice_count; s++)
        for (uint32_t i = 0; i < diagram->slices[s].count; i++, leaves++)
            firsts[diagram->leaf_atoms[diagram->slices[s].first + i] + 2]++;
    for (uint32_t a = 2; a < diagram->atom_count + 2; a++)
        firsts[a] += firsts[a - 1];
    uint32_t *slices = cw_arena_array(arena, leaves + 1, sizeof *slices);
    for (uint32_t s = 0; s < diagram->slice_count; s++)
        for (uint32_t i = 0; i < diagram->slices[s].count; i++)
            slices[firsts[diagram->leaf_atoms[diagram->slices[s].first + i] + 1]++] = s;
    quick->first_slices = firsts;
    quick->atom_slices = slices;
}

/* Every branch of a node speaks of the same variables (diagram_check_scopes), so the first tells.
 */
static void add_scope(const struct cw_diagram *diagram, uint32_t node, uint64_t *scopes,
                      size_t words) {
    const struct cw_diagram_arm *arm = &diagram->arms[diagram->first_arms[node]];
    const struct cw_diagram_slice *slice = &diagram->slices[arm->slice];
    uint64_t *scope = scopes + node * words;
    if (diagram->first_arms[node] == diagram->first_arms[node + 1])
        return;
    if (arm->atom != 0)
        cw_set_add(scope, diagram->atoms[arm->atom].var);
    for (uint32_t i = 0; i < slice->count; i++)
        cw_set_add(scope, diagram->atoms[diagram->leaf_atoms[slice->first + i]].var);
    for (uint32_t i = 0; i < arm->child_count; i++)
        for (size_t w = 0; w < words; w++)
            scope[w] |= scopes[diagram->children[arm->first_child + i] * words + w];
}

/* Which nodes are above each variable. */
static const uint64_t *find_above(const struct cw_diagram *diagram, uint32_t node_words,
                                  struct cw_arena *arena) {
    size_t words = (size_t)diagram->var_count / 64 + 1;
    if ((size_t)diagram->node_count * words > ABOVE_BYTES / sizeof(uint64_t) ||
        (size_t)diagram->var_count * node_words > ABOVE_BYTES / sizeof(uint64_t))
        return NULL;
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new(); /* scopes are needed here alone */
    uint64_t *scopes =
        cw_arena_array(own ? own : arena, diagram->node_count * words, sizeof *scopes);
    uint64_t *above =
        cw_arena_array(arena, (size_t)diagram->var_count * node_words + 1, sizeof *above);
    for (uint32_t node = 0; node < diagram->node_count; node++) {
        add_scope(diagram, node, scopes, words);
        for (uint32_t var = 0; var < diagram->var_count; var++)
            if (cw_set_has(scopes + node * words, var))
                cw_set_add(above + (size_t)var * node_words, node);
    }
    return above;
}

/* Nothing of it is set yet. */
static void new_pass(const struct cw_quick *quick, const uint64_t *allowed, struct cw_arena *arena,
                     struct cw_quick_pass *ret) {
    const struct cw_diagram *diagram = quick->diagram;
    struct parts parts;
    parts.atoms = cw_arena_unset(arena, (size_t)diagram->atom_count + diagram->slice_count,
                                 sizeof *parts.atoms);
    parts.slices = parts.atoms + diagram->atom_count;
    parts.atom_ways = cw_arena_unset(arena, diagram->atom_count, sizeof *parts.atom_ways);
    parts.atom_values = cw_arena_unset(arena, diagram->atom_count, sizeof *parts.atom_values);
    *ret = (struct cw_quick_pass){.quick = quick, .allowed = allowed, .parts = parts};
    ret->nodes = cw_arena_unset(arena, diagram->node_count, sizeof *ret->nodes);
    ret->arms = cw_arena_unset(arena, (size_t)diagram->branch_count + 1, sizeof *ret->arms);
    ret->stale = cw_arena_unset(arena, quick->node_words, sizeof *ret->stale);
}

/* ---- upwards --------------------------------------------------------------------------------- */

static struct sums weigh_arm(const struct cw_quick_pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->quick->diagram->children + arm->first_child;
    struct sums sums = plus(pass->parts.atoms[arm->atom], pass->parts.slices[arm->slice]);
    for (uint32_t i = 0; i < arm->child_count; i++)
        sums = plus(sums, pass->nodes[children[i]]);
    return sums;
}

static void weigh_node(struct cw_quick_pass *pass, uint32_t node) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    double bad = pass->quick->bad;
    struct sums least = {bad, bad, bad};
    for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
        struct sums sums = weigh_arm(pass, &diagram->arms[i]);
        pass->arms[i] = sums.cost;
        if (sums.cost < bad / 2)
            least = (struct sums){smaller(sums.cost, least.cost), smaller(sums.low, least.low),
                                  smaller(sums.high, least.high)};
    }
    pass->nodes[node] = least;
}

static void weigh_base(struct cw_quick *quick, struct cw_arena *arena) {
    const struct cw_diagram *diagram = quick->diagram;
    struct cw_quick_pass *base = &quick->base;
    new_pass(quick, full_mask(diagram, arena), arena, base);
    memset(base->stale, 0, quick->node_words * sizeof *base->stale);
    base->parts.atoms[0] = (struct sums){0};
    base->parts.atom_values[0] = 0;
    base->parts.atom_ways[0] = 1;
    for (uint32_t i = 1; i < diagram->atom_count; i++)
        weigh_atom(quick, i, base->allowed, &base->parts);
    for (uint32_t i = 0; i < diagram->slice_count; i++)
        weigh_slice(quick, i, &base->parts);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        weigh_node(base, node);
}

static bool differs(const struct cw_diagram *diagram, uint32_t var, const uint64_t *a,
                    const uint64_t *b) {
    uint64_t differ = 0;
    for (uint32_t w = diagram->word_bases[var]; w < diagram->word_bases[var + 1]; w++)
        differ |= a[w] ^ b[w];
    return differ != 0;
}

/* Add the nodes above a variable. */
static void add_above(const struct cw_quick *quick, uint32_t var, uint64_t *nodes) {
    for (uint32_t w = 0; w < quick->node_words; w++)
        nodes[w] |= quick->above ? quick->above[(size_t)var * quick->node_words + w] : UINT64_MAX;
}

/* The atoms of variables that are not as in the other pass, the slices that have such atoms; and
 * the nodes above. */
static void weigh_parts(struct cw_quick_pass *pass, const struct cw_quick_pass *from,
                        struct cw_arena *arena, uint64_t *nodes) {
    const struct cw_quick *quick = pass->quick;
    const struct cw_diagram *diagram = quick->diagram;
    uint8_t *stale = cw_arena_alloc(arena, diagram->slice_count);
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        if (!differs(diagram, var, pass->allowed, from->allowed))
            continue;
        uint32_t end = quick->first_atoms[var + 1];
        for (uint32_t atom = quick->first_atoms[var]; atom < end; atom++) {
            weigh_atom(quick, atom, pass->allowed, &pass->parts);
            for (uint32_t i = quick->first_slices[atom]; i < quick->first_slices[atom + 1]; i++)
                stale[quick->atom_slices[i]] = 1;
        }
        add_above(quick, var, nodes);
    }
    for (uint32_t slice = 0; slice < diagram->slice_count; slice++)
        if (stale[slice])
            weigh_slice(quick, slice, &pass->parts);
}

static void copy_pass(struct cw_quick_pass *pass, const struct cw_quick_pass *from) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    memcpy(pass->parts.atoms, from->parts.atoms,
           ((size_t)diagram->atom_count + diagram->slice_count) * sizeof *pass->parts.atoms);
    memcpy(pass->parts.atom_values, from->parts.atom_values,
           diagram->atom_count * sizeof *pass->parts.atom_values);
    memcpy(pass->parts.atom_ways, from->parts.atom_ways,
           diagram->atom_count * sizeof *pass->parts.atom_ways);
    memcpy(pass->nodes, from->nodes, diagram->node_count * sizeof *pass->nodes);
    memcpy(pass->arms, from->arms, diagram->branch_count * sizeof *pass->arms);
}

const struct cw_quick_pass *cw_quick_again(const struct cw_quick_pass *from,
                                           const uint64_t *allowed, struct cw_arena *arena) {
    const struct cw_quick *quick = from->quick;
    struct cw_quick_pass *pass = cw_arena_alloc(arena, sizeof *pass);
    uint64_t *nodes = cw_arena_array(arena, quick->node_words, sizeof *nodes);
    new_pass(quick, allowed, arena, pass);
    copy_pass(pass, from);
    weigh_parts(pass, from, arena, nodes);
    for (uint32_t node = 0; node < quick->diagram->node_count; node++)
        if (cw_set_has(nodes, node))
            weigh_node(pass, node);
    for (uint32_t w = 0; w < quick->node_words; w++)
        pass->stale[w] = from->stale[w] | nodes[w];
    return pass;
}

const struct cw_quick_pass *cw_quick_up(const struct cw_quick *quick, const uint64_t *allowed,
                                        struct cw_arena *arena) {
    return cw_quick_again(&quick->base, allowed, arena);
}

/* ---- what the way up tells ------------------------------------------------------------------- */

bool cw_quick_feasible(const struct cw_quick_pass *pass) {
    return pass->nodes[cw_diagram_root(pass->quick->diagram)].cost < pass->quick->bad / 2;
}

void cw_quick_range(const struct cw_quick_pass *pass, int64_t *ret_min, int64_t *ret_max) {
    const struct sums *root = &pass->nodes[cw_diagram_root(pass->quick->diagram)];
    *ret_min = (int64_t)root->low;
    *ret_max = -(int64_t)root->high;
}

void cw_quick_cheapest(const struct cw_quick_pass *pass, struct cw_arena *arena,
                       uint32_t *ret_values) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    uint8_t *best = cw_arena_alloc(arena, diagram->branch_count);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++)
            best[i] = pass->arms[i] == pass->nodes[node].cost &&
                      pass->nodes[node].cost < pass->quick->bad / 2;
    const struct cw_diagram_choice choice = {diagram, pass->parts.atom_values, best};
    cw_diagram_choose(&choice, arena, ret_values);
}

static wide slice_ways(const struct cw_diagram *diagram, uint32_t slice, const uint64_t *ways) {
    const uint32_t *atom = diagram->leaf_atoms + diagram->slices[slice].first;
    const uint32_t *end = atom + diagram->slices[slice].count;
    wide product = 1;
    for (; atom < end; atom++)
        product *= ways[*atom];
    return product;
}

/* `slices`: 0 where not worked out yet. */
static wide node_ways(const struct cw_quick_pass *pass, uint32_t node, const wide *nodes,
                      wide *slices) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    const uint64_t *atoms = pass->parts.atom_ways;
    wide sum = 0;
    for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
        const struct cw_diagram_arm *arm = &diagram->arms[i];
        if (pass->arms[i] >= pass->quick->bad / 2)
            continue;
        if (slices[arm->slice] == 0)
            slices[arm->slice] = slice_ways(diagram, arm->slice, atoms);
        wide ways = slices[arm->slice] * atoms[arm->atom];
        for (uint32_t c = 0; c < arm->child_count; c++)
            ways *= nodes[diagram->children[arm->first_child + c]];
        sum += ways;
    }
    return sum;
}

struct cw_natural cw_quick_count(const struct cw_quick_pass *pass, struct cw_arena *arena) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    wide *nodes =
        cw_arena_array(arena, (size_t)diagram->node_count + diagram->slice_count, sizeof *nodes);
    memcpy(nodes, pass->quick->node_ways, diagram->node_count * sizeof *nodes);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        if (cw_set_has(pass->stale, node))
            nodes[node] = node_ways(pass, node, nodes, nodes + diagram->node_count);
    wide all = nodes[cw_diagram_root(diagram)];
    uint64_t limbs[] = {(uint64_t)all, (uint64_t)(all >> 64)};
    return cw_big_natural(&(struct cw_big){limbs, 2}, arena);
}

static const wide *count_base(const struct cw_quick_pass *base, struct cw_arena *arena) {
    const struct cw_diagram *diagram = base->quick->diagram;
    wide *nodes =
        cw_arena_array(arena, (size_t)diagram->node_count + diagram->slice_count, sizeof *nodes);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        nodes[node] = node_ways(base, node, nodes, nodes + diagram->node_count);
    return nodes;
}

const struct cw_quick *cw_quick_new(const struct cw_diagram *diagram, const int64_t *costs,
                                    const int64_t *prices, struct cw_arena *arena) {
    double most_cost = most(diagram, costs), most_price = most(diagram, prices);
    double bad = bad_for(diagram, most_cost > most_price ? most_cost : most_price);
    if (bad == 0 || !counts_fit(diagram))
        return NULL;
    struct cw_quick *quick = cw_arena_alloc(arena, sizeof *quick);
    quick->diagram = diagram;
    quick->costs = in_doubles(costs, diagram->value_count, arena);
    quick->prices = in_doubles(prices, diagram->value_count, arena);
    quick->bad = bad;
    quick->first_atoms = first_atoms(diagram, arena);
    quick->node_words = diagram->node_count / 64 + 1;
    quick->above = find_above(diagram, quick->node_words, arena);
    list_slices(quick, arena);
    weigh_base(quick, arena);
    quick->node_ways = count_base(&quick->base, arena);
    return quick;
}

/* ---- downwards ------------------------------------------------------------------------------- */

/* The least cost of whole configurations through an atom or a slice, its own included, and of
 * everything outside of a node. */
struct wholes {
    double *atoms, *slices, *rests;
};

static void lower(double *least, double cost) {
    *least = smaller(cost, *least);
}

/* Through one node. Only what is in `wanted` is told; NULL: all nodes are. */
static void go_through(const struct cw_quick_pass *pass, uint32_t node, const uint64_t *wanted,
                       const struct wholes *wholes) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    double bad = pass->quick->bad, rest = wholes->rests[node];
    if (rest >= bad / 2)
        return;
    for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
        const struct cw_diagram_arm *arm = &diagram->arms[i];
        const uint32_t *children = diagram->children + arm->first_child;
        double whole = rest + pass->arms[i];
        if (whole >= bad + bad / 2) /* two parts are bad: each is for all the others */
            continue;
        lower(&wholes->atoms[arm->atom], whole);
        lower(&wholes->slices[arm->slice], whole);
        for (uint32_t c = 0; c < arm->child_count; c++)
            if (!wanted || cw_set_has(wanted, children[c]))
                lower(&wholes->rests[children[c]], whole - pass->nodes[children[c]].cost);
    }
}

static void go_down(const struct cw_quick_pass *pass, const uint64_t *wanted,
                    const struct wholes *wholes) {
    const struct cw_diagram *diagram = pass->quick->diagram;
    wholes->rests[cw_diagram_root(diagram)] = 0;
    for (uint32_t node = diagram->node_count; node-- > 0;)
        if (!wanted || cw_set_has(wanted, node))
            go_through(pass, node, wanted, wholes);
}

/* What the slices tell of their atoms. */
static void open_slices(const struct cw_diagram *diagram, const struct wholes *wholes) {
    for (uint32_t slice = 1; slice < diagram->slice_count; slice++) {
        const uint32_t *atom = diagram->leaf_atoms + diagram->slices[slice].first;
        const uint32_t *end = atom + diagram->slices[slice].count;
        for (; atom < end; atom++)
            lower(&wholes->atoms[*atom], wholes->slices[slice]);
    }
}

/* The same for a few atoms. */
static void ask_slices(const struct cw_quick *quick, uint32_t first, uint32_t end,
                       const struct wholes *wholes) {
    for (uint32_t atom = first; atom < end; atom++)
        for (uint32_t i = quick->first_slices[atom]; i < quick->first_slices[atom + 1]; i++)
            lower(&wholes->atoms[atom], wholes->slices[quick->atom_slices[i]]);
}

/* The least costs of a variable's values: all that the cheapest atom has have theirs from it, then
 * those of the next that are not in it, and so on. `rests` are of the atoms, without their own. */
struct sharing {
    const struct cw_quick *quick;
    const uint64_t *relaxed;
    int64_t *least;
    uint64_t *possible;
};

/* Returns whether values are left that no atom has given a cost. */
static bool share_out(const struct sharing *sharing, uint32_t number, double rest) {
    const struct cw_diagram *diagram = sharing->quick->diagram;
    const struct cw_diagram_atom *atom = &diagram->atoms[number];
    uint64_t left = 0;
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t *possible = sharing->possible + atom->word + w;
        uint64_t open = sharing->relaxed[atom->word + w] & ~*possible;
        uint64_t bits = diagram->sets[atom->set + w] & open;
        const double *costs = sharing->quick->costs + atom->value + 64 * w;
        int64_t *least = sharing->least + atom->value + 64 * w;
        *possible |= bits;
        left |= open & ~bits;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = (uint32_t)__builtin_ctzll(bits);
            least[value] = (int64_t)(rest + costs[value]);
        }
    }
    return left != 0;
}

/* One atom after the other, in whatever order. */
static void offer(const struct sharing *sharing, uint32_t number, double rest) {
    const struct cw_diagram *diagram = sharing->quick->diagram;
    const struct cw_diagram_atom *atom = &diagram->atoms[number];
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(diagram, atom, sharing->relaxed, w);
        const double *costs = sharing->quick->costs + atom->value + 64 * w;
        int64_t *least = sharing->least + atom->value + 64 * w;
        sharing->possible[atom->word + w] |= bits;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = (uint32_t)__builtin_ctzll(bits);
            int64_t cost = (int64_t)(rest + costs[value]);
            least[value] = cost < least[value] ? cost : least[value];
        }
    }
}

/* The atoms first … end - 1 of a variable: the cheapest few by ascending rests, which leave nothing
 * to most of the others; then those. Atoms that are done get a rest that tells so. */
static void share_all(const struct sharing *sharing, uint32_t first, uint32_t end, double *rests) {
    double none = 2 * sharing->quick->bad;
    for (int round = 0; round < CHEAPEST_FIRST; round++) {
        uint32_t next = first;
        for (uint32_t atom = first + 1; atom < end; atom++)
            next = rests[atom] < rests[next] ? atom : next;
        if (rests[next] >= sharing->quick->bad / 2 || !share_out(sharing, next, rests[next]))
            return;
        rests[next] = none;
    }
    for (uint32_t atom = first; atom < end; atom++)
        if (rests[atom] < sharing->quick->bad / 2)
            offer(sharing, atom, rests[atom]);
}

static struct wholes new_wholes(const struct cw_quick *quick, struct cw_arena *arena) {
    const struct cw_diagram *diagram = quick->diagram;
    size_t count = (size_t)diagram->atom_count + diagram->slice_count + diagram->node_count;
    struct wholes wholes = {.atoms = cw_arena_unset(arena, count, sizeof *wholes.atoms)};
    wholes.slices = wholes.atoms + diagram->atom_count;
    wholes.rests = wholes.slices + diagram->slice_count;
    for (size_t i = 0; i < count; i++)
        wholes.atoms[i] = 2 * quick->bad;
    return wholes;
}

static void share_var(const struct sharing *sharing, const struct cw_quick_pass *pass,
                      const struct wholes *wholes, uint32_t var) {
    const struct cw_quick *quick = pass->quick;
    const struct cw_diagram *diagram = quick->diagram;
    uint32_t first = quick->first_atoms[var], end = quick->first_atoms[var + 1];
    for (uint32_t i = diagram->value_bases[var]; i < diagram->value_bases[var + 1]; i++)
        sharing->least[i] = CW_DIAGRAM_NEVER;
    for (uint32_t atom = first; atom < end; atom++)
        wholes->atoms[atom] -= pass->parts.atoms[atom].cost;
    if (first < end)
        share_all(sharing, first, end, wholes->atoms);
}

void cw_quick_least(const struct cw_quick_pass *pass, const uint64_t *relaxed,
                    struct cw_arena *arena, int64_t *ret_least, uint64_t *ret_possible) {
    const struct cw_quick *quick = pass->quick;
    const struct sharing sharing = {quick, relaxed, ret_least, ret_possible};
    struct wholes wholes = new_wholes(quick, arena);
    go_down(pass, NULL, &wholes);
    open_slices(quick->diagram, &wholes);
    for (uint32_t var = 0; var < quick->diagram->var_count; var++)
        share_var(&sharing, pass, &wholes, var);
}

void cw_quick_least_of(const struct cw_quick_pass *pass, const struct cw_quick_part *part,
                       struct cw_arena *arena, int64_t *ret_least, uint64_t *ret_possible) {
    const struct cw_quick *quick = pass->quick;
    const struct sharing sharing = {quick, part->relaxed, ret_least, ret_possible};
    struct wholes wholes = new_wholes(quick, arena);
    uint64_t *wanted = cw_arena_array(arena, quick->node_words, sizeof *wanted);
    for (uint32_t var = part->first_var; var < part->end_var; var++)
        add_above(quick, var, wanted);
    go_down(pass, wanted, &wholes);
    ask_slices(quick, quick->first_atoms[part->first_var], quick->first_atoms[part->end_var],
               &wholes);
    for (uint32_t var = part->first_var; var < part->end_var; var++)
        share_var(&sharing, pass, &wholes, var);
}
