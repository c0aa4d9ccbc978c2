/*
 * Responsible for: how many configurations two versions have in common: one model in which both
 * versions' rules speak of the same variables, compiled and counted. Does not: look at designs or
 * orders (app). Command line and publishing threads.
 *
 * A variable of the joint model stands for one of each version, or of one alone; each of its values
 * is a value of every version that has it. A version's constraint over its own variables is pulled
 * back along these maps, so nothing of lowering is done twice.
 */
#include <string.h>

#include "configure/diagnose.h"
#include "configure/engine.h"
#include "configure/rules/compile.h"
#include "configure/rules/worker.h"
#include "configure/value.h"
#include "cordwain/limits.h"

enum { BEFORE, AFTER, SIDES };

/* One value of a joint variable: what it is in each version, and how many configurations it is. */
struct pair {
    uint32_t values[SIDES]; /* CW_NONE: that version has no such variable */
    uint64_t count;
};

/* Where a version's variable is in the joint model. */
struct place {
    uint32_t var, count;
    const uint32_t *values; /* per joint value: the version's */
};

struct joining {
    const struct cw_engine *engines[SIDES];
    const struct cw_product *products[SIDES];
    const struct cw_lowered *lowered[SIDES];
    struct cw_arena *arena;
    struct cw_model *model;
    struct place *places[SIDES]; /* per variable */
    struct pair *pairs;          /* of the variable being made */
    size_t pair_count, pair_capacity;
    bool nothing; /* a variable has no common value */
};

/* ---- variables ------------------------------------------------------------------------------- */

static void add_pair(struct joining *j, uint32_t before, uint32_t after, uint64_t count) {
    j->pairs =
        cw_arena_grow(j->arena, j->pairs, j->pair_count, &j->pair_capacity, sizeof *j->pairs);
    j->pairs[j->pair_count++] = (struct pair){{before, after}, count};
}

/* The same pair with the sides in their places; the other has none. */
static void add_alone(struct joining *j, int side, uint32_t value, uint64_t count) {
    add_pair(j, side == BEFORE ? value : CW_NONE, side == AFTER ? value : CW_NONE, count);
}

/* The pairs gathered so far become a variable that stands for these of the versions. */
static void close_var(struct joining *j, uint32_t before, uint32_t after) {
    uint32_t vars[SIDES] = {before, after}, count = (uint32_t)j->pair_count;
    if (count == 0) {
        j->nothing = true;
        return;
    }
    uint32_t var = cw_model_add_var(j->model, count);
    for (uint32_t i = 0; i < count; i++) {
        if (j->pairs[i].count > 1) {
            cw_model_set_multiplicity(j->model, var, i, j->pairs[i].count);
        }
    }
    for (int side = 0; side < SIDES; side++) {
        if (vars[side] == CW_NONE) {
            continue;
        }
        uint32_t *values = cw_arena_array(j->arena, count, sizeof *values);
        for (uint32_t i = 0; i < count; i++) {
            values[i] = j->pairs[i].values[side];
        }
        j->places[side][vars[side]] = (struct place){var, count, values};
    }
    j->pair_count = 0;
}

/* ---- options both have ----------------------------------------------------------------------- */

static uint32_t find_choice(const struct cw_option *option, const char *id) {
    for (uint32_t c = 0; c < option->choice_count; c++) {
        if (strcmp(option->choices[c].id, id) == 0) {
            return c;
        }
    }
    return CW_NONE;
}

/* Numbers of `grid` in [low, high) that the other option has too. */
static uint64_t common_steps(const struct cw_option *grid, const struct cw_option *other,
                             int64_t low, int64_t high) {
    __extension__ typedef __int128 wide;
    wide step = grid->number_step, first = grid->number_min;
    if (first < low) {
        first += ((wide)low - first + step - 1) / step * step;
    }
    wide period = step;
    for (; period % other->number_step != 0; period += step) { /* their least common multiple */
    }
    wide tried = 0;
    for (; tried < period && (first - other->number_min) % other->number_step != 0; tried += step) {
        first += step;
    }
    return tried >= period || first >= high ? 0 : (uint64_t)(((wide)high - 1 - first) / period) + 1;
}

static void pair_numbers(struct joining *j, const uint32_t options[SIDES]) {
    const struct cw_lowered_option *a = &j->lowered[BEFORE]->options[options[BEFORE]],
                                   *b = &j->lowered[AFTER]->options[options[AFTER]];
    const struct cw_option *before = &j->products[BEFORE]->options[options[BEFORE]],
                           *after = &j->products[AFTER]->options[options[AFTER]];
    uint32_t x = 0, y = 0;
    while (x < a->class_count && y < b->class_count) {
        int64_t low = a->class_first[x] > b->class_first[y] ? a->class_first[x] : b->class_first[y];
        int64_t high = a->class_first[x + 1] < b->class_first[y + 1] ? a->class_first[x + 1]
                                                                     : b->class_first[y + 1];
        uint64_t count = low < high ? common_steps(before, after, low, high) : 0;
        if (count > 0) {
            add_pair(j, x, y, count);
        }
        if (a->class_first[x + 1] <= b->class_first[y + 1]) {
            x++;
        } else {
            y++;
        }
    }
}

static void pair_values(struct joining *j, const uint32_t options[SIDES]) {
    const struct cw_option *before = &j->products[BEFORE]->options[options[BEFORE]],
                           *after = &j->products[AFTER]->options[options[AFTER]];
    if (before->kind == CW_OPTION_NUMBER) {
        pair_numbers(j, options);
        return;
    }
    if (before->kind != CW_OPTION_CHOICE) { /* flag, text */
        add_pair(j, 0, 0, 1);
        add_pair(j, 1, 1, 1);
        return;
    }
    for (uint32_t c = 0; c < before->choice_count; c++) {
        uint32_t same = find_choice(after, before->choices[c].id);
        if (same != CW_NONE) {
            add_pair(j, c, same, 1);
        }
    }
}

/* One flag of both, or of one alone that has to be `held`. */
static void join_flag(struct joining *j, uint32_t before, uint32_t after, uint32_t held) {
    if (before != CW_NONE && after != CW_NONE) {
        add_pair(j, 0, 0, 1);
        add_pair(j, 1, 1, 1);
        close_var(j, before, after);
    } else if (before != CW_NONE || after != CW_NONE) {
        add_alone(j, before != CW_NONE ? BEFORE : AFTER, held, 1);
        close_var(j, before, after);
    }
}

/* A member only one version knows is out of the set in the other. */
static void join_multi(struct joining *j, const uint32_t options[SIDES]) {
    const struct cw_lowered_option *a = &j->lowered[BEFORE]->options[options[BEFORE]],
                                   *b = &j->lowered[AFTER]->options[options[AFTER]];
    const struct cw_option *before = &j->products[BEFORE]->options[options[BEFORE]],
                           *after = &j->products[AFTER]->options[options[AFTER]];
    for (uint32_t c = 0; c < before->choice_count; c++) {
        uint32_t same = find_choice(after, before->choices[c].id);
        join_flag(j, a->var + c, same == CW_NONE ? CW_NONE : b->var + same, 0);
    }
    for (uint32_t c = 0; c < after->choice_count; c++) {
        if (find_choice(before, after->choices[c].id) == CW_NONE) {
            join_flag(j, CW_NONE, b->var + c, 0);
        }
    }
    join_flag(j, a->active_var, b->active_var, 1);
}

static void join_shared(struct joining *j, uint32_t before, uint32_t after) {
    const uint32_t options[SIDES] = {before, after};
    const struct cw_lowered_option *a = &j->lowered[BEFORE]->options[before],
                                   *b = &j->lowered[AFTER]->options[after];
    if (j->products[BEFORE]->options[before].kind == CW_OPTION_MULTI) {
        join_multi(j, options);
        return;
    }
    pair_values(j, options);
    if (a->inactive != CW_NONE && b->inactive != CW_NONE) {
        add_pair(j, a->inactive, b->inactive, 1);
    }
    close_var(j, a->var, b->var);
}

/* ---- options only one has: at their defaults ------------------------------------------------- */

static uint32_t default_value(const struct cw_option *option,
                              const struct cw_lowered_option *lowered) {
    uint32_t class = 0;
    switch (option->kind) {
    case CW_OPTION_TEXT:
        return *option->default_text != '\0';
    case CW_OPTION_NUMBER:
        while (class + 1 < lowered->class_count &&
               lowered->class_first[class + 1] <= option->default_number) {
            class ++;
        }
        return class;
    default:
        return option->default_choice;
    }
}

static void close_alone(struct joining *j, int side, uint32_t var) {
    close_var(j, side == BEFORE ? var : CW_NONE, side == AFTER ? var : CW_NONE);
}

static void hold_multi(struct joining *j, int side, uint32_t option) {
    const struct cw_option *o = &j->products[side]->options[option];
    const struct cw_lowered_option *lowered = &j->lowered[side]->options[option];
    bool may_leave = lowered->active_var != CW_NONE;
    if (may_leave) {
        add_alone(j, side, 0, 1);
        add_alone(j, side, 1, 1);
        close_alone(j, side, lowered->active_var);
    }
    for (uint32_t c = 0; c < o->choice_count; c++) {
        uint32_t held = (uint32_t)(o->default_multi >> c & 1);
        add_alone(j, side, held, 1);
        if (held && may_leave) {
            add_alone(j, side, 0, 1);
        }
        close_alone(j, side, lowered->var + c);
        if (held && may_leave) { /* active: in the set. Joint value 0 of the member is "in" */
            uint32_t scope[2] = {j->places[side][lowered->active_var].var,
                                 j->places[side][lowered->var + c].var};
            uint64_t sets[2] = {1, 1};
            cw_model_add_clause(j->model, 0, scope, 2, sets);
        }
    }
}

static void hold(struct joining *j, int side, uint32_t option) {
    const struct cw_option *o = &j->products[side]->options[option];
    const struct cw_lowered_option *lowered = &j->lowered[side]->options[option];
    if (o->kind == CW_OPTION_MULTI) {
        hold_multi(j, side, option);
        return;
    }
    if (o->derive) { /* follows from the others */
        for (uint32_t c = 0; c < o->choice_count; c++) {
            add_alone(j, side, c, 1);
        }
    } else {
        add_alone(j, side, default_value(o, lowered), 1);
    }
    if (lowered->inactive != CW_NONE) {
        add_alone(j, side, lowered->inactive, 1);
    }
    close_alone(j, side, lowered->var);
}

/* Flags of price rules and the lowering's own: they follow from the others. */
static void add_helpers(struct joining *j, int side) {
    const struct cw_model *model = j->lowered[side]->model;
    for (uint32_t var = 0; var < model->var_count; var++) {
        if (j->lowered[side]->var_options[var] != CW_NONE) {
            continue;
        }
        for (uint32_t value = 0; value < model->value_counts[var]; value++) {
            add_alone(j, side, value, model->multiplicities[model->value_bases[var] + value]);
        }
        close_alone(j, side, var);
    }
}

static void add_variables(struct joining *j) {
    const struct cw_product *before = j->products[BEFORE], *after = j->products[AFTER];
    for (uint32_t o = 0; o < before->option_count; o++) {
        uint32_t same = cw_option_find(after, before->options[o].id);
        if (same != CW_NONE && after->options[same].kind == before->options[o].kind) {
            join_shared(j, o, same);
        } else {
            hold(j, BEFORE, o);
        }
    }
    for (uint32_t o = 0; o < after->option_count; o++) {
        uint32_t same = cw_option_find(before, after->options[o].id);
        if (same == CW_NONE || before->options[same].kind != after->options[o].kind) {
            hold(j, AFTER, o);
        }
    }
    add_helpers(j, BEFORE);
    add_helpers(j, AFTER);
}

/* ---- constraints ----------------------------------------------------------------------------- */

/* A constraint of one version, in joint variables. */
struct pulling {
    struct joining *j;
    int side;
    const struct cw_model_constraint *constraint;
    struct cw_arena *scratch;
    uint32_t *scope;
    uint32_t line_words;
};

static const struct place *place_of(const struct pulling *p, uint32_t i) {
    return &p->j->places[p->side][p->constraint->scope[i]];
}

static uint64_t *pull_lines(const struct pulling *p, uint32_t lines) {
    const struct cw_model *model = p->j->lowered[p->side]->model;
    uint64_t *sets = cw_arena_array(p->scratch, (size_t)lines * p->line_words + 1, sizeof *sets),
             *set = sets;
    const uint64_t *line = p->constraint->sets;
    for (uint32_t r = 0; r < lines; r++, line += p->constraint->line_words) {
        const uint64_t *from = line;
        for (uint32_t i = 0; i < p->constraint->scope_count; i++) {
            const struct place *place = place_of(p, i);
            for (uint32_t value = 0; value < place->count; value++) {
                if (cw_set_has(from, place->values[value])) {
                    cw_set_add(set, value);
                }
            }
            from += cw_set_words(model->value_counts[p->constraint->scope[i]]);
            set += cw_set_words(place->count);
        }
    }
    return sets;
}

static int64_t *pull_weights(const struct pulling *p) {
    const struct cw_model *model = p->j->lowered[p->side]->model;
    const int64_t *from = p->constraint->weights;
    size_t total = 1;
    for (uint32_t i = 0; i < p->constraint->scope_count; i++) {
        total += place_of(p, i)->count;
    }
    int64_t *weights = cw_arena_array(p->scratch, total, sizeof *weights), *to = weights;
    for (uint32_t i = 0; i < p->constraint->scope_count; i++) {
        const struct place *place = place_of(p, i);
        for (uint32_t value = 0; value < place->count; value++) {
            *to++ = from[place->values[value]];
        }
        from += model->value_counts[p->constraint->scope[i]];
    }
    return weights;
}

static void pull(struct pulling *p) {
    const struct cw_model_constraint *c = p->constraint;
    p->scope = cw_arena_array(p->scratch, (size_t)c->scope_count + 1, sizeof *p->scope);
    for (uint32_t i = 0; i < c->scope_count; i++) {
        p->scope[i] = place_of(p, i)->var;
        p->line_words += cw_set_words(place_of(p, i)->count);
    }
    switch (c->kind) {
    case CW_MODEL_CLAUSE:
        cw_model_add_clause(p->j->model, 0, p->scope, c->scope_count, pull_lines(p, 1));
        break;
    case CW_MODEL_TABLE:
        cw_model_add_table(p->j->model, 0,
                           &(struct cw_model_table){p->scope, c->scope_count,
                                                    pull_lines(p, c->row_count), c->row_count,
                                                    c->allowed});
        break;
    case CW_MODEL_LINEAR:
        cw_model_add_linear(
            p->j->model, 0,
            &(struct cw_model_linear){p->scope, c->scope_count, pull_weights(p), c->min, c->max});
        break;
    }
}

static void add_constraints(struct joining *j, int side) {
    const struct cw_model *model = j->lowered[side]->model;
    for (uint32_t i = 0; i < model->constraint_count; i++) {
        CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
        struct pulling pulling = {j, side, &model->constraints[i], scratch, NULL, 0};
        pull(&pulling);
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

static enum cw_status compile(const struct cw_diagnose_change *change, struct joining *j,
                              struct cw_compile_result *ret, struct cw_error *err) {
    struct cw_compile_budget budget = {change->budget_ms, CW_RULES_RETRY_BRANCHES,
                                       CW_RULES_RETRY_BYTES, CW_RULES_MEMORY_BYTES};
    return change->worker ? cw_rules_compile(change->worker, j->model, &budget, j->arena, ret, err)
                          : cw_model_compile(j->model, &budget, j->arena, ret, err);
}

/* In *ret_count, while *ret_known. */
static enum cw_status count_common(const struct cw_diagnose_change *change, struct joining *j,
                                   bool *ret_known, struct cw_natural *ret_count,
                                   struct cw_error *err) {
    *ret_known = true;
    *ret_count = (struct cw_natural){0, NULL};
    if (j->nothing) {
        return CW_OK;
    }
    struct cw_compile_result result;
    enum cw_status status = compile(change, j, &result, err);
    if (status != CW_OK || result.outcome != CW_COMPILED) {
        *ret_known = false;
        return status;
    }
    struct cw_diagram *diagram;
    status = cw_diagram_open(result.artefact.data, result.artefact.length, &diagram, err);
    if (status == CW_OK) {
        *ret_count = cw_diagram_count(diagram, cw_model_full_mask(j->model, j->arena), j->arena);
        cw_diagram_free(diagram);
    }
    return status;
}

static struct cw_natural count_all(const struct joining *j, int side) {
    const struct cw_engine *engine = j->engines[side];
    return cw_diagram_count(engine->diagram, cw_model_full_mask(j->lowered[side]->model, j->arena),
                            j->arena);
}

enum cw_status cw_diagnose_change(const struct cw_diagnose_change *change, struct cw_arena *arena,
                                  struct cw_diagnosis_change *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct joining j = {.engines = {change->before, change->after}, .arena = scratch};
    j.model = cw_model_new(scratch);
    for (int side = 0; side < SIDES; side++) {
        j.products[side] = j.engines[side]->product;
        j.lowered[side] = j.engines[side]->lowered;
        uint32_t vars = j.lowered[side]->model->var_count;
        j.places[side] = cw_arena_array(scratch, (size_t)vars + 1, sizeof *j.places[side]);
    }
    add_variables(&j);
    if (!j.nothing) {
        add_constraints(&j, BEFORE);
        add_constraints(&j, AFTER);
    }
    struct cw_diagnosis_change answer = {0};
    struct cw_natural common;
    bool known;
    enum cw_status status = count_common(change, &j, &known, &common, err);
    if (status != CW_OK) {
        return status;
    }
    if (known) {
        answer.common = cw_natural_decimal(common, arena);
    }
    const char **totals[SIDES] = {&answer.before, &answer.after},
               **rests[SIDES] = {&answer.vanish, &answer.appear};
    for (int side = 0; side < SIDES; side++) {
        if (!j.engines[side]->diagram) {
            continue;
        }
        struct cw_natural total = count_all(&j, side);
        *totals[side] = cw_natural_decimal(total, arena);
        if (known) {
            *rests[side] = cw_natural_decimal(cw_natural_minus(total, common, scratch), arena);
        }
    }
    *ret = answer;
    return CW_OK;
}
