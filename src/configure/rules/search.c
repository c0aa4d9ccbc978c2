/*
 * Responsible for: the top-down compilation of one prepared model in one order: branch, propagate,
 * split, look up, join (Huang and Darwiche 2007; Bacchus, Dalmao, Pitassi 2003). Does not: choose
 * orders. The rules worker, and wherever a product is compiled in place.
 *
 * The depth of search is the number of variables, so frames are an array and not the C stack. All
 * that belongs to a frame lies on stacks that are cut back when it ends.
 */
#include "configure/rules/search.h"

#include <assert.h>
#include <stdlib.h>

#include "configure/rules/emit.h"
#include "configure/rules/order_graph.h"
#include "configure/rules/residual.h"

#define NO_NODE   UINT32_MAX       /* the component has no configuration */
#define NOT_KNOWN (UINT32_MAX - 1) /* it is being compiled */

/* A branch as far as it is known. */
struct arm {
    size_t set, leaves, children; /* where they start in the emitter's stacks */
    uint32_t leaf_count, child_count;
};

struct frame {
    struct cw_component component;
    uint32_t entry; /* in the cache */
    uint32_t var;
    /* groups of values that no constraint tells apart, as sets of the variable's words */
    size_t groups;
    uint32_t group_count, next_group;
    /* stacks as they were before the frame, but for its component and groups */
    size_t arms, leaves, children, sets;
    /* the branch at hand */
    bool in_branch;
    size_t mark; /* of the trail */
    size_t vars, constraints, parts, free_vars;
    uint32_t part_count, next_part;
};

struct search {
    const struct cw_prepared *prepared;
    const struct cw_problem *problem;
    const struct cw_order *order;
    const struct cw_search_limits *limits;
    struct cw_account account;
    struct cw_state *state;
    struct cw_residual residual;
    struct cw_emitter emitter;
    struct cw_intern cache;   /* keys of components */
    struct cw_u32_pool nodes; /* per entry of the cache */
    struct frame *frames;
    size_t depth, frame_capacity;
    struct arm *arms;
    size_t arm_count, arm_capacity;
    struct cw_diagram_part *parts; /* scratch of one node */
    size_t part_capacity;
    uint64_t *groups;
    size_t group_count, group_capacity;
    struct cw_u32_pool free_vars;
    uint32_t *class_of, *class_map; /* scratch per value */
    uint64_t work; /* constraints looked at when splitting; state->steps are added */
    bool stopped;
    enum cw_compile_outcome outcome;
};

/* ---- budgets --------------------------------------------------------------------------------- */

static void stop(struct search *s, enum cw_compile_outcome outcome) {
    s->stopped = true;
    s->outcome = outcome;
}

static void check_limits(struct search *s) {
    const struct cw_compile_budget *budget = s->limits->budget;
    uint64_t bytes = cw_diagram_writer_bytes(s->emitter.writer);
    uint64_t memory = s->account.used_bytes + bytes * 2; /* the writer's tables beside its data */
    if (budget->branches > 0 && cw_diagram_writer_branches(s->emitter.writer) > budget->branches)
        stop(s, CW_COMPILE_OUT_OF_BRANCHES);
    else if (budget->bytes > 0 && bytes > budget->bytes)
        stop(s, CW_COMPILE_OUT_OF_BYTES);
    else if (s->account.exceeded || (budget->memory_bytes > 0 && memory > budget->memory_bytes))
        stop(s, CW_COMPILE_OUT_OF_MEMORY);
    else if ((s->limits->work > 0 && s->work + s->state->steps > s->limits->work) ||
             (s->limits->deadline_ns > 0 && cw_monotonic_ns() > s->limits->deadline_ns))
        stop(s, CW_COMPILE_OUT_OF_TIME);
}

/* ---- groups of values ------------------------------------------------------------------------ */

static uint64_t *push_group(struct search *s, uint32_t words) {
    if (s->group_capacity - s->group_count < words)
        s->groups = cw_compile_pool_grow(&s->account, s->groups, &s->group_capacity,
                                         s->group_count + words, sizeof *s->groups);
    uint64_t *group = s->groups + s->group_count;
    memset(group, 0, words * sizeof *group);
    s->group_count += words;
    return group;
}

/* Every class is divided into the values inside the set and those outside. */
static uint32_t divide(struct search *s, const uint64_t *domain, uint32_t words,
                       const uint64_t *set, uint32_t classes) {
    for (uint32_t c = 0; c < classes * 2; c++)
        s->class_map[c] = UINT32_MAX;
    uint32_t count = 0;
    CW_BITS_EACH(x, domain, words) {
        uint32_t key = s->class_of[x] * 2 + cw_set_has(set, x);
        if (s->class_map[key] == UINT32_MAX)
            s->class_map[key] = count++;
        s->class_of[x] = s->class_map[key];
    }
    return count;
}

/* Tables and sums tell values apart unless proved otherwise; clauses only by their sets. */
static bool told_apart(const struct search *s, uint32_t var) {
    const struct cw_problem *p = s->problem;
    for (uint32_t i = p->in_tables_first[var]; i < p->in_tables_first[var + 1]; i++)
        if (!cw_state_table_entailed(s->state, p->in_tables[i]))
            return true;
    for (uint32_t i = p->in_linears_first[var]; i < p->in_linears_first[var + 1]; i++) {
        const struct cw_draft_linear *linear = &p->linears[p->in_linears[i]];
        struct cw_span all = cw_state_linear_span(s->state, p->in_linears[i]);
        if (all.least < linear->min || all.most > linear->max)
            return true;
    }
    return false;
}

static void push_each_value(struct search *s, struct frame *frame, const uint64_t *domain,
                            uint32_t words) {
    CW_BITS_EACH(x, domain, words) {
        cw_set_add(push_group(s, words), x);
        frame->group_count++;
    }
}

static void push_groups(struct search *s, struct frame *frame) {
    const struct cw_problem *p = s->problem;
    uint32_t var = frame->var, words = p->words[var], classes = 1;
    const uint64_t *domain = cw_state_domain(s->state, var);
    frame->groups = s->group_count;
    if (cw_bits_count(domain, words) <= 2 || told_apart(s, var)) {
        push_each_value(s, frame, domain, words);
        return;
    }
    CW_BITS_EACH(x, domain, words) {
        s->class_of[x] = 0;
    }
    for (uint32_t i = p->in_clauses_first[var]; i < p->in_clauses_first[var + 1]; i++)
        if (s->state->clauses[p->in_clauses[i].var] >> 32 == 0)
            classes = divide(s, domain, words, p->sets + p->in_clauses[i].set, classes);
    for (uint32_t c = 0; c < classes; c++)
        push_group(s, words);
    CW_BITS_EACH(x, domain, words) {
        cw_set_add(s->groups + frame->groups + (size_t)s->class_of[x] * words, x);
    }
    frame->group_count = classes;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* How many constraints still speak of a variable. */
static uint32_t live_count(const struct search *s, uint32_t var) {
    const struct cw_problem *p = s->problem;
    uint32_t count = p->in_tables_first[var + 1] - p->in_tables_first[var] +
                     p->in_linears_first[var + 1] - p->in_linears_first[var];
    for (uint32_t i = p->in_clauses_first[var]; i < p->in_clauses_first[var + 1]; i++)
        count += s->state->clauses[p->in_clauses[i].var] >> 32 == 0;
    return count;
}

/* The first in the order; among those of one bag what is most spoken of. */
static uint32_t choose(const struct search *s, const struct cw_component *component) {
    uint32_t best = UINT32_MAX, best_rank = UINT32_MAX, best_count = 0;
    for (uint32_t i = 0; i < component->var_count; i++) {
        uint32_t var = s->residual.vars.at[component->vars + i], rank = s->order->ranks[var];
        if (best != UINT32_MAX && rank > best_rank)
            continue;
        uint32_t count = live_count(s, var);
        if (best == UINT32_MAX || rank < best_rank || count > best_count) {
            best = var;
            best_rank = rank;
            best_count = count;
        }
    }
    return best;
}

static void push_frame(struct search *s, const struct cw_component *component, uint32_t entry) {
    if (s->depth == s->frame_capacity)
        s->frames = cw_compile_pool_grow(&s->account, s->frames, &s->frame_capacity, s->depth + 1,
                                         sizeof *s->frames);
    struct frame *frame = &s->frames[s->depth++];
    *frame = (struct frame){
        .component = *component,
        .entry = entry,
        .var = choose(s, component),
        .arms = s->arm_count,
        .leaves = s->emitter.leaf_count,
        .children = s->emitter.children.count,
        .sets = s->emitter.set_count,
    };
    push_groups(s, frame);
}

static void record(struct search *s, size_t set, size_t leaves, size_t children) {
    if (s->arm_count == s->arm_capacity)
        s->arms = cw_compile_pool_grow(&s->account, s->arms, &s->arm_capacity, s->arm_count + 1,
                                       sizeof *s->arms);
    s->arms[s->arm_count++] =
        (struct arm){set, leaves, children, (uint32_t)(s->emitter.leaf_count - leaves),
                     (uint32_t)(s->emitter.children.count - children)};
}

/* The frame's branches become a node. */
static uint32_t write_node(struct search *s, const struct frame *frame) {
    size_t count = s->arm_count - frame->arms;
    if (count == 0)
        return NO_NODE;
    if (s->part_capacity < count)
        s->parts =
            cw_compile_pool_grow(&s->account, s->parts, &s->part_capacity, count, sizeof *s->parts);
    for (size_t i = 0; i < count; i++) {
        const struct arm *arm = &s->arms[frame->arms + i];
        s->parts[i] = (struct cw_diagram_part){
            .set = s->emitter.sets + arm->set,
            .leaves = s->emitter.leaves + arm->leaves,
            .leaf_count = arm->leaf_count,
            .children = arm->child_count ? s->emitter.children.at + arm->children : NULL,
            .child_count = arm->child_count,
        };
    }
    return cw_diagram_writer_node(s->emitter.writer, s->prepared->origin.vars[frame->var], s->parts,
                                  (uint32_t)count);
}

/* ---- branches -------------------------------------------------------------------------------- */

/* Narrow to the next group and see what is left; false: a contradiction. */
static bool begin_branch(struct search *s, struct frame *frame) {
    uint32_t words = s->problem->words[frame->var];
    const uint64_t *group = s->groups + frame->groups + (size_t)frame->next_group++ * words;
    frame->mark = cw_state_mark(s->state);
    frame->vars = s->residual.vars.count;
    frame->constraints = s->residual.constraints.count;
    frame->parts = s->residual.part_count;
    frame->free_vars = s->free_vars.count;
    if (!cw_state_keep_only(s->state, frame->var, group) || !cw_state_propagate(s->state)) {
        cw_state_undo(s->state, frame->mark);
        return false;
    }
    struct cw_component whole = frame->component;
    s->work += whole.constraint_count;
    frame->part_count = cw_residual_split(&s->residual, &whole, &s->free_vars);
    frame->next_part = 0;
    frame->in_branch = true;
    return true;
}

/* Back to before the branch; what it has found stays with the emitter if `keep`. */
static void end_branch(struct search *s, struct frame *frame) {
    cw_state_undo(s->state, frame->mark);
    s->residual.vars.count = frame->vars;
    s->residual.constraints.count = frame->constraints;
    s->residual.part_count = frame->parts;
    s->free_vars.count = frame->free_vars;
    frame->in_branch = false;
}

/* Where the children of the branch at hand start: after those of the branches recorded. */
static size_t first_child(const struct search *s, const struct frame *frame) {
    if (s->arm_count == frame->arms)
        return frame->children;
    const struct arm *last = &s->arms[s->arm_count - 1];
    return last->children + last->child_count;
}

static void fail_branch(struct search *s, struct frame *frame) {
    s->emitter.children.count = first_child(s, frame);
    end_branch(s, frame);
}

/* Every part has its node: record the branch with its free variables as leaves. */
static void complete_branch(struct search *s, struct frame *frame) {
    size_t leaves = s->emitter.leaf_count, children = first_child(s, frame);
    size_t set = cw_emit_decision(&s->emitter, frame->var, cw_state_domain(s->state, frame->var));
    bool decided = false;
    for (size_t i = frame->free_vars; i < s->free_vars.count; i++) {
        uint32_t var = s->free_vars.at[i];
        if (var == frame->var)
            decided = true;
        else
            cw_emit_leaf(&s->emitter, var, cw_state_domain(s->state, var));
    }
    assert(decided); /* a group is of values that no constraint tells apart */
    cw_emit_sort(&s->emitter, leaves);
    record(s, set, leaves, children);
    end_branch(s, frame);
}

static void end_frame(struct search *s, struct frame *frame) {
    s->nodes.at[frame->entry] = write_node(s, frame);
    s->arm_count = frame->arms;
    s->emitter.leaf_count = frame->leaves;
    s->emitter.children.count = frame->children;
    s->emitter.set_count = frame->sets;
    s->group_count = frame->groups;
    s->depth--;
}

/* The component's place in the cache; a new one is not known yet. */
static uint32_t look_up(struct search *s, const struct cw_component *component) {
    bool first;
    cw_residual_key(&s->residual, component);
    uint32_t entry =
        cw_intern_add(&s->cache, s->residual.key.at, (uint32_t)s->residual.key.count, &first);
    if (first)
        cw_u32_push(&s->account, &s->nodes, NOT_KNOWN);
    return entry;
}

/* One part further: known, or a frame of its own. */
static void next_part(struct search *s, struct frame *frame) {
    struct cw_component part = s->residual.parts[frame->parts + frame->next_part];
    uint32_t entry = look_up(s, &part);
    uint32_t node = s->nodes.at[entry];
    if (node == NOT_KNOWN) {
        push_frame(s, &part, entry); /* it ends known, and we come back here */
    } else if (node == NO_NODE) {
        fail_branch(s, frame);
    } else {
        cw_u32_push(&s->account, &s->emitter.children, node);
        frame->next_part++;
    }
}

static void step(struct search *s) {
    struct frame *frame = &s->frames[s->depth - 1];
    if (frame->in_branch && frame->next_part < frame->part_count) {
        next_part(s, frame);
    } else if (frame->in_branch) {
        complete_branch(s, frame);
    } else if (frame->next_group < frame->group_count) {
        check_limits(s);
        if (!s->stopped)
            begin_branch(s, frame);
    } else {
        end_frame(s, frame);
    }
}

/* ---- the root -------------------------------------------------------------------------------- */

static struct cw_component everything(struct search *s) {
    struct cw_component all = {0};
    const struct cw_problem *p = s->problem;
    for (uint32_t var = 0; var < p->var_count; var++)
        cw_u32_push(&s->account, &s->residual.vars, var);
    all.var_count = p->var_count;
    all.constraint_count = p->clause_count + p->table_count + p->linear_count;
    for (uint32_t i = 0; i < all.constraint_count; i++)
        cw_u32_push(&s->account, &s->residual.constraints, i);
    return all;
}

/* The node of one part of the root; NO_NODE: none, or stopped. */
static uint32_t solve(struct search *s, size_t part) {
    struct cw_component component = s->residual.parts[part];
    uint32_t entry = look_up(s, &component);
    if (s->nodes.at[entry] == NOT_KNOWN)
        push_frame(s, &component, entry);
    while (s->depth > 0 && !s->stopped)
        step(s);
    return s->stopped ? NO_NODE : s->nodes.at[entry];
}

/* Variables the problem does not have, and those it has that nothing speaks of any more. */
static void emit_root_leaves(struct search *s) {
    const struct cw_prepared *prepared = s->prepared;
    const struct cw_model *model = prepared->model;
    for (uint32_t var = 0; var < model->var_count; var++)
        if (!prepared->searched[var] && prepared->leaders[var] == var)
            cw_emit_free(&s->emitter, var, prepared->domains + model->word_bases[var]);
    for (size_t i = 0; i < s->free_vars.count; i++)
        cw_emit_leaf(&s->emitter, s->free_vars.at[i],
                     cw_state_domain(s->state, s->free_vars.at[i]));
    cw_emit_sort(&s->emitter, 0);
}

/* False: no configuration, or stopped. */
static bool solve_root(struct search *s) {
    if (!cw_state_start(s->state))
        return false;
    struct cw_component all = everything(s);
    uint32_t parts = cw_residual_split(&s->residual, &all, &s->free_vars);
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t node = solve(s, i);
        if (node == NO_NODE)
            return false;
        cw_u32_push(&s->account, &s->emitter.children, node);
    }
    emit_root_leaves(s);
    return true;
}

/* `root` NULL: no configuration. */
static void finish(struct cw_diagram_writer *writer, const struct cw_diagram_part *root,
                   struct cw_attempt *ret) {
    cw_diagram_writer_finish(writer, root, &ret->file);
    ret->outcome = CW_COMPILED;
    ret->bytes = ret->file.length;
    const struct cw_diagram_header *head = (const void *)ret->file.data;
    ret->node_count = (uint32_t)head->nodes.count;
    ret->branch_count = head->branches.count;
}

void cw_search_void(const struct cw_model *model, struct cw_attempt *ret) {
    struct cw_diagram_writer *writer = cw_diagram_writer_new(model);
    *ret = (struct cw_attempt){0};
    finish(writer, NULL, ret);
    cw_diagram_writer_free(writer);
}

static void search_init(struct search *s) {
    const struct cw_problem *p = s->problem;
    uint32_t most = 1;
    s->account.limit_bytes = s->limits->budget->memory_bytes;
    s->state = cw_state_new(p, &s->account);
    cw_residual_init(&s->residual, s->state, &s->account);
    cw_emitter_init(&s->emitter, s->prepared, &s->account);
    cw_intern_init(&s->cache, &s->account);
    for (uint32_t var = 0; var < p->var_count; var++)
        most = p->value_counts[var] > most ? p->value_counts[var] : most;
    s->class_of = cw_compile_pool_zeroed(&s->account, most, sizeof *s->class_of);
    s->class_map = cw_compile_pool_zeroed(&s->account, (size_t)most * 2, sizeof *s->class_map);
}

static void search_deinit(struct search *s) {
    cw_state_free(s->state);
    cw_residual_deinit(&s->residual);
    cw_emitter_deinit(&s->emitter);
    cw_intern_deinit(&s->cache);
    cw_u32_free(&s->account, &s->nodes);
    cw_u32_free(&s->account, &s->free_vars);
    free(s->frames);
    free(s->arms);
    free(s->parts);
    free(s->groups);
    free(s->class_of);
    free(s->class_map);
}

/* Nodes that nothing reaches are gone from the file, so this is not what check_limits saw. */
static void check_file(const struct cw_compile_budget *budget, struct cw_attempt *ret) {
    if (budget->branches > 0 && ret->branch_count > budget->branches)
        ret->outcome = CW_COMPILE_OUT_OF_BRANCHES;
    else if (budget->bytes > 0 && ret->bytes > budget->bytes)
        ret->outcome = CW_COMPILE_OUT_OF_BYTES;
    if (ret->outcome != CW_COMPILED)
        cw_buf_deinit(&ret->file);
}

void cw_search(const struct cw_prepared *prepared, const struct cw_order *order,
               const struct cw_search_limits *limits, struct cw_attempt *ret) {
    struct search s = {
        .prepared = prepared, .problem = prepared->problem, .order = order, .limits = limits};
    *ret = (struct cw_attempt){0};
    search_init(&s);
    bool possible = solve_root(&s);
    struct cw_diagram_part root = {
        .leaves = s.emitter.leaves,
        .leaf_count = (uint32_t)s.emitter.leaf_count,
        .children = s.emitter.children.at,
        .child_count = (uint32_t)s.emitter.children.count,
    };
    if (s.stopped) {
        ret->outcome = s.outcome;
    } else {
        finish(s.emitter.writer, possible ? &root : NULL, ret);
        check_file(limits->budget, ret);
    }
    ret->work = s.work + s.state->steps;
    search_deinit(&s);
}
