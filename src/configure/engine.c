/*
 * Engine: turns a product's options and rules into constraints over domains, once per product
 * version. It does not ask anything. Immutable after construction; server process, any thread.
 */
#include "configure/engine.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

struct builder {
    struct cw_engine *engine;
    struct cw_arena *arena;
    struct cw_constraint *items;
    size_t count, capacity;
};

static void full_domain(const struct cw_option *option, struct cw_domain *domain) {
    domain->activity = option->active_if ? CW_MAY_ACTIVE | CW_MAY_INACTIVE : CW_MAY_ACTIVE;
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        for (size_t c = 0; c < option->choice_count; c++)
            domain->bits[c / 64] |= UINT64_C(1) << (c % 64);
        break;
    case CW_OPTION_FLAG:
        domain->bits[0] = 3;
        break;
    case CW_OPTION_TEXT:
        domain->bits[0] = option->required ? 2 : 3;
        break;
    case CW_OPTION_MULTI:
        domain->set.may =
            option->choice_count >= 64 ? UINT64_MAX : (UINT64_C(1) << option->choice_count) - 1;
        break;
    case CW_OPTION_NUMBER:
        domain->range.hi = (option->number_max - option->number_min) / option->number_step;
        break;
    }
}

/* ---- scopes ---------------------------------------------------------------------------------- */

static void mark_cond(const struct cw_cond *cond, bool *in_scope) {
    if (cond->kind == CW_COND_ALL || cond->kind == CW_COND_ANY || cond->kind == CW_COND_NOT)
        for (size_t i = 0; i < cond->count; i++)
            mark_cond(&cond->items[i], in_scope);
    else
        in_scope[cond->option] = true;
}

static uint32_t *scope_list(struct builder *builder, const bool *in_scope, size_t *ret_count) {
    uint32_t *scope =
        cw_arena_array(builder->arena, builder->engine->option_count + 1, sizeof *scope);
    size_t count = 0;
    for (uint32_t o = 0; o < builder->engine->option_count; o++)
        if (in_scope[o])
            scope[count++] = o;
    *ret_count = count;
    return scope;
}

static void set_scope(struct builder *builder, struct cw_constraint *constraint) {
    bool in_scope[CW_SEARCH_OPTIONS] = {false};
    for (size_t i = 0; i < constraint->cond_count; i++)
        mark_cond(&constraint->conds[i], in_scope);
    for (size_t i = 0; constraint->table && i < constraint->table->option_count; i++)
        in_scope[constraint->table->options[i]] = true;
    for (size_t i = 0; i < constraint->weight_count; i++)
        in_scope[constraint->weights[i].option] = true;
    if (constraint->kind == CW_CON_ONLY_IF)
        in_scope[constraint->option] = true;
    constraint->scope = scope_list(builder, in_scope, &constraint->scope_count);
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void add(struct builder *builder, struct cw_constraint constraint) {
    set_scope(builder, &constraint);
    if (builder->count == builder->capacity) {
        size_t capacity = builder->capacity ? 2 * builder->capacity : 64;
        struct cw_constraint *grown = cw_arena_array(builder->arena, capacity, sizeof *grown);
        if (builder->count)
            memcpy(grown, builder->items, builder->count * sizeof *grown);
        builder->items = grown;
        builder->capacity = capacity;
    }
    builder->items[builder->count++] = constraint;
}

static struct cw_cond *new_conds(struct builder *builder, size_t count) {
    return cw_arena_array(builder->arena, count, sizeof(struct cw_cond));
}

static struct cw_cond negation(struct builder *builder, struct cw_cond cond) {
    struct cw_cond *item = new_conds(builder, 1);
    *item = cond;
    return (struct cw_cond){.kind = CW_COND_NOT, .option = CW_NONE, .count = 1, .items = item};
}

static struct cw_cond listed(enum cw_cond_kind kind, const struct cw_cond *items, size_t count) {
    return (struct cw_cond){.kind = kind, .option = CW_NONE, .count = count, .items = items};
}

/* A clause "some of items": the shape of onlyIf, requiredIf and requires. */
static void add_clause(struct builder *builder, struct cw_constraint constraint,
                       const struct cw_cond *items, size_t count) {
    struct cw_cond *cond = new_conds(builder, 1);
    *cond = listed(CW_COND_ANY, items, count);
    constraint.kind = CW_CON_COND;
    constraint.conds = cond;
    constraint.cond_count = 1;
    add(builder, constraint);
}

static void add_only_if(struct builder *builder, uint32_t option, uint32_t choice) {
    const struct cw_option *o = &builder->engine->product->options[option];
    add(builder, (struct cw_constraint){.kind = CW_CON_ONLY_IF,
                                        .origin = CW_FROM_ONLY_IF,
                                        .rule = CW_NONE,
                                        .option = option,
                                        .choice = choice,
                                        .cond_count = 1,
                                        .conds = o->choices[choice].only_if});
}

static void add_option(struct builder *builder, uint32_t option) {
    const struct cw_option *o = &builder->engine->product->options[option];
    struct cw_cond active = {.kind = CW_COND_ACTIVE, .option = option};
    if (o->active_if) {
        struct cw_cond *sides = new_conds(builder, 2);
        sides[0] = active;
        sides[1] = *o->active_if;
        add(builder, (struct cw_constraint){.kind = CW_CON_IFF,
                                            .origin = CW_FROM_ACTIVE_IF,
                                            .rule = CW_NONE,
                                            .option = option,
                                            .choice = CW_NONE,
                                            .cond_count = 2,
                                            .conds = sides});
    }
    if (o->required_if && (o->kind == CW_OPTION_TEXT || o->kind == CW_OPTION_MULTI)) {
        struct cw_cond *items = new_conds(builder, 3);
        items[0] = negation(builder, *o->required_if);
        items[1] = negation(builder, active);
        items[2] = (struct cw_cond){.kind = CW_COND_PRESENT, .option = option};
        add_clause(builder,
                   (struct cw_constraint){.origin = CW_FROM_REQUIRED_IF,
                                          .rule = CW_NONE,
                                          .option = option,
                                          .choice = CW_NONE},
                   items, 3);
    }
    for (uint32_t c = 0; c < o->choice_count; c++)
        if (o->choices[c].only_if)
            add_only_if(builder, option, c);
}

/* ---- sums ------------------------------------------------------------------------------------ */

static int64_t *attribute_weights(struct builder *builder, const struct cw_option *option,
                                  const char *attribute) {
    int64_t *weights = cw_arena_array(builder->arena, CW_MAX_CHOICES, sizeof *weights);
    for (size_t c = 0; c < option->choice_count; c++)
        weights[c] = cw_choice_attribute(&option->choices[c], attribute);
    return weights;
}

static bool has_attributes(const struct cw_option *option) {
    return option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_MULTI;
}

static void add_sum(struct builder *builder, const struct cw_rule *rule,
                    struct cw_constraint constraint) {
    const struct cw_product *product = builder->engine->product;
    struct cw_weight *weights =
        cw_arena_array(builder->arena, rule->option_count + 1, sizeof *weights);
    for (size_t i = 0; i < rule->option_count; i++) {
        const struct cw_option *option = &product->options[rule->options[i]];
        if (has_attributes(option))
            weights[constraint.weight_count++] =
                (struct cw_weight){.option = rule->options[i],
                                   .choices = attribute_weights(builder, option, rule->attribute)};
    }
    constraint.kind = CW_CON_LINEAR;
    constraint.weights = weights;
    constraint.op = rule->op;
    constraint.bound = rule->value;
    add(builder, constraint);
}

/* left op right becomes left - right op 0; both sides on one option become one weight, so that each
 * choice is compared with itself. */
static void add_term(struct builder *builder, const struct cw_term *term, int64_t sign,
                     struct cw_weight *weights, struct cw_constraint *constraint) {
    if (term->option == CW_NONE) {
        *(sign < 0 ? &constraint->bound : &constraint->bound_minus) = term->constant;
        return;
    }
    const struct cw_option *option = &builder->engine->product->options[term->option];
    struct cw_weight weight = {.option = term->option};
    if (term->attribute) {
        if (!has_attributes(option))
            return;
        int64_t *choices = attribute_weights(builder, option, term->attribute);
        for (size_t c = 0; c < option->choice_count; c++)
            choices[c] *= sign;
        if (constraint->weight_count == 1 && weights[0].option == term->option &&
            weights[0].choices) {
            for (size_t c = 0; c < option->choice_count; c++)
                choices[c] += weights[0].choices[c];
            weights[0].choices = choices;
            return;
        }
        weight.choices = choices;
    } else {
        weight.coefficient = sign;
    }
    weights[constraint->weight_count++] = weight;
}

static void add_compare(struct builder *builder, const struct cw_rule *rule,
                        struct cw_constraint constraint) {
    struct cw_weight *weights = cw_arena_array(builder->arena, 2, sizeof *weights);
    constraint.kind = CW_CON_LINEAR;
    constraint.op = rule->op;
    add_term(builder, &rule->left, 1, weights, &constraint);
    add_term(builder, &rule->right, -1, weights, &constraint);
    constraint.weights = weights;
    add(builder, constraint);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void add_conditional(struct builder *builder, const struct cw_rule *rule,
                            struct cw_constraint constraint) {
    struct cw_cond *cond;
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
        cond = new_conds(builder, 2);
        cond[0] = negation(builder, rule->conds[0]);
        cond[1] = rule->conds[1];
        add_clause(builder, constraint, cond, 2);
        return;
    case CW_RULE_EXCLUDES:
        cond = new_conds(builder, 1);
        *cond = negation(builder, listed(CW_COND_ALL, rule->conds, rule->cond_count));
        break;
    default: /* FORMULA */
        cond = new_conds(builder, 1);
        *cond = rule->conds[0];
        break;
    }
    constraint.kind = CW_CON_COND;
    constraint.conds = cond;
    constraint.cond_count = 1;
    add(builder, constraint);
}

static void add_counted(struct builder *builder, const struct cw_rule *rule,
                        struct cw_constraint constraint) {
    bool any = rule->kind == CW_RULE_CARDINALITY;
    constraint.kind = rule->kind == CW_RULE_IFF ? CW_CON_IFF : CW_CON_COUNT;
    constraint.conds = rule->conds;
    constraint.cond_count = rule->cond_count;
    constraint.min = any ? rule->min : 0;
    constraint.max = any ? rule->max : 1;
    add(builder, constraint);
}

static void add_rule(struct builder *builder, uint32_t index) {
    const struct cw_rule *rule = &builder->engine->product->rules[index];
    struct cw_constraint constraint = {
        .origin = CW_FROM_RULE, .rule = index, .option = CW_NONE, .choice = CW_NONE};
    switch (rule->kind) {
    case CW_RULE_IFF:
    case CW_RULE_AT_MOST_ONE:
    case CW_RULE_CARDINALITY:
        add_counted(builder, rule, constraint);
        break;
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        constraint.kind = rule->kind == CW_RULE_ALLOWED ? CW_CON_ALLOWED : CW_CON_FORBIDDEN;
        constraint.table = rule;
        add(builder, constraint);
        break;
    case CW_RULE_COMPARE:
        add_compare(builder, rule, constraint);
        break;
    case CW_RULE_SUM:
        add_sum(builder, rule, constraint);
        break;
    default:
        add_conditional(builder, rule, constraint);
    }
}

/* ---- indexes --------------------------------------------------------------------------------- */

/* The condition of a choice's onlyIf may speak of the choice's own option; then it wakes as well.
 */
static bool is_woken_by(const struct cw_constraint *constraint, uint32_t option) {
    if (constraint->kind != CW_CON_ONLY_IF || constraint->option != option)
        return true;
    bool in_cond[CW_SEARCH_OPTIONS] = {false};
    mark_cond(constraint->conds, in_cond);
    return in_cond[option];
}

static struct cw_watch list_watch(struct builder *builder, uint32_t option, bool waking) {
    struct cw_watch watch = {0};
    uint32_t *list = NULL;
    for (int fill = 0; fill < 2; fill++) {
        if (fill)
            list = cw_arena_array(builder->arena, watch.count + 1, sizeof *list);
        watch.count = 0;
        for (uint32_t c = 0; c < builder->count; c++) {
            const struct cw_constraint *constraint = &builder->items[c];
            if (!cw_constraint_speaks_of(constraint, option) ||
                (waking && !is_woken_by(constraint, option)))
                continue;
            if (fill)
                list[watch.count] = c;
            watch.count++;
        }
    }
    watch.constraints = list;
    return watch;
}

static const uint32_t *list_only_ifs(struct builder *builder, uint32_t option) {
    uint32_t *list = NULL;
    for (uint32_t c = 0; c < builder->count; c++) {
        const struct cw_constraint *constraint = &builder->items[c];
        if (constraint->kind != CW_CON_ONLY_IF || constraint->option != option)
            continue;
        if (!list) {
            list = cw_arena_array(builder->arena, CW_MAX_CHOICES, sizeof *list);
            for (size_t i = 0; i < CW_MAX_CHOICES; i++)
                list[i] = CW_NONE;
        }
        list[constraint->choice] = c;
    }
    return list;
}

static void build_watches(struct builder *builder) {
    struct cw_engine *engine = builder->engine;
    size_t count = engine->option_count + 1;
    struct cw_watch *watches = cw_arena_array(builder->arena, count, sizeof *watches);
    struct cw_watch *wakes = cw_arena_array(builder->arena, count, sizeof *wakes);
    const uint32_t **only_ifs = cw_arena_array(builder->arena, count, sizeof *only_ifs);
    for (uint32_t o = 0; o < engine->option_count; o++) {
        watches[o] = list_watch(builder, o, /* waking: */ false);
        wakes[o] = list_watch(builder, o, /* waking: */ true);
        only_ifs[o] = list_only_ifs(builder, o);
    }
    engine->watches = watches;
    engine->wakes = wakes;
    engine->only_ifs = only_ifs;
    engine->constraints = builder->items;
    engine->constraint_count = builder->count;
}

static void build_price_scopes(struct builder *builder) {
    struct cw_engine *engine = builder->engine;
    const struct cw_product *product = engine->product;
    struct cw_watch *scopes =
        cw_arena_array(builder->arena, product->price_rule_count + 1, sizeof *scopes);
    for (size_t i = 0; i < product->price_rule_count; i++) {
        bool in_scope[CW_SEARCH_OPTIONS] = {false};
        if (product->price_rules[i].when)
            mark_cond(product->price_rules[i].when, in_scope);
        scopes[i].constraints = scope_list(builder, in_scope, &scopes[i].count);
    }
    engine->price_scopes = scopes;
    engine->price_scope_count = product->price_rule_count;
}

static void build_domains(struct builder *builder) {
    struct cw_engine *engine = builder->engine;
    struct cw_domain *domains =
        cw_arena_array(builder->arena, engine->option_count + 1, sizeof *domains);
    bool *priced = cw_arena_array(builder->arena, engine->option_count + 1, sizeof *priced);
    for (size_t o = 0; o < engine->option_count; o++) {
        const struct cw_option *option = &engine->product->options[o];
        full_domain(option, &domains[o]);
        priced[o] = option->flag_price_minor != 0 || option->text.price_minor != 0;
        for (size_t c = 0; c < option->choice_count; c++)
            priced[o] |= option->choices[c].price_minor != 0;
    }
    engine->domains = domains;
    engine->priced = priced;
}

enum cw_status cw_engine_new(const struct cw_product *product, struct cw_engine **ret_engine,
                             struct cw_error *err) {
    if (product->option_count > CW_SEARCH_OPTIONS || product->rule_count > CW_SEARCH_RULES)
        return cw_fail(err, CW_E_LIMIT, "configure.too_large",
                       "a product has at most %d options and %d rules", CW_SEARCH_OPTIONS,
                       CW_SEARCH_RULES);
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_engine *engine = cw_arena_alloc(arena, sizeof *engine);
    engine->arena = arena;
    engine->product = product;
    engine->option_count = product->option_count;
    struct builder builder = {.engine = engine, .arena = arena};
    build_domains(&builder);
    for (uint32_t o = 0; o < product->option_count; o++)
        add_option(&builder, o);
    for (uint32_t r = 0; r < product->rule_count; r++)
        if (!product->rules[r].warning)
            add_rule(&builder, r);
    build_watches(&builder);
    build_price_scopes(&builder);
    *ret_engine = engine;
    return CW_OK;
}

void cw_engine_free(struct cw_engine *engine) {
    if (engine)
        cw_arena_free(engine->arena);
}

const struct cw_product *cw_engine_product(const struct cw_engine *engine) {
    return engine->product;
}
