/*
 * Random products: seeded, small enough to enumerate, dense enough in rules that about half of the
 * partial selections conflict. Tests only.
 */
#include "random_product.h"

#include <string.h>

#define COMBINATIONS 3000

uint32_t cw_random_below(struct cw_random *random, uint32_t n) {
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) % n);
}

struct maker {
    struct cw_arena *arena;
    struct cw_random random;
    struct cw_option *options;
    uint32_t option_count;
    bool rich;
};

static uint32_t below(struct maker *maker, uint32_t n) {
    return cw_random_below(&maker->random, n);
}

static struct cw_l10n text(struct maker *maker, const char *prefix, uint32_t n) {
    struct cw_l10n_item *item = cw_arena_alloc(maker->arena, sizeof *item);
    item->locale = "en";
    item->text = cw_arena_printf(maker->arena, "%s %u", prefix, n);
    return (struct cw_l10n){.count = 1, .items = item};
}

/* ---- conditions ------------------------------------------------------------------------------ */

static uint64_t some_bits(struct maker *maker, uint32_t count) {
    uint64_t bits = 0;
    for (uint32_t c = 0; c < count; c++)
        bits |= (uint64_t)(below(maker, 2) == 0) << c;
    return bits ? bits : UINT64_C(1) << below(maker, count);
}

static void atom(struct maker *maker, uint32_t option, struct cw_cond *cond) {
    const struct cw_option *o = &maker->options[option];
    cond->option = option;
    if (below(maker, 8) == 0) {
        cond->kind = CW_COND_ACTIVE;
    } else if (o->kind == CW_OPTION_TEXT || below(maker, 8) == 0) {
        cond->kind = CW_COND_PRESENT;
    } else if (o->kind == CW_OPTION_NUMBER) {
        cond->kind = CW_COND_RANGE;
        cond->min = o->number_min + below(maker, 4);
        cond->max = cond->min + below(maker, 3);
    } else {
        cond->kind = o->kind == CW_OPTION_MULTI ? CW_COND_HAS : CW_COND_IN;
        cond->mask.bits[0] =
            some_bits(maker, o->kind == CW_OPTION_FLAG ? 2 : (uint32_t)o->choice_count);
    }
}

/* Over the first `limit` options. */
static void condition(struct maker *maker, uint32_t limit, uint32_t depth, struct cw_cond *cond) {
    memset(cond, 0, sizeof *cond);
    uint32_t kind = depth > 0 ? below(maker, 6) : 5;
    if (kind >= 3) {
        atom(maker, below(maker, limit), cond);
        return;
    }
    cond->kind = kind == 0 ? CW_COND_ALL : kind == 1 ? CW_COND_ANY : CW_COND_NOT;
    cond->count = kind == 2 ? 1 : 2;
    struct cw_cond *items = cw_arena_array(maker->arena, cond->count, sizeof *items);
    for (size_t i = 0; i < cond->count; i++)
        condition(maker, limit, depth - 1, &items[i]);
    cond->items = items;
}

/* Some of many pairs: by distribution more clauses than one condition may become. */
static void wide_condition(struct maker *maker, uint32_t limit, struct cw_cond *cond) {
    *cond = (struct cw_cond){.kind = below(maker, 2) ? CW_COND_ANY : CW_COND_ALL, .count = 7};
    struct cw_cond *items = cw_arena_array(maker->arena, cond->count, sizeof *items);
    for (size_t i = 0; i < cond->count; i++) {
        struct cw_cond *pair = cw_arena_array(maker->arena, 2, sizeof *pair);
        condition(maker, limit, 1, &pair[0]);
        condition(maker, limit, 1, &pair[1]);
        items[i] = (struct cw_cond){.kind = cond->kind == CW_COND_ANY ? CW_COND_ALL : CW_COND_ANY,
                                    .count = 2,
                                    .items = pair};
    }
    cond->items = items;
}

/* Deeper than usual in rich products. */
static void any_condition(struct maker *maker, uint32_t limit, uint32_t depth,
                          struct cw_cond *cond) {
    if (maker->rich && below(maker, 6) == 0)
        wide_condition(maker, limit, cond);
    else
        condition(maker, limit, maker->rich ? depth + below(maker, 3) : depth, cond);
}

static const struct cw_cond *new_condition(struct maker *maker, uint32_t limit, uint32_t depth) {
    struct cw_cond *cond = cw_arena_alloc(maker->arena, sizeof *cond);
    any_condition(maker, limit, depth, cond);
    return cond;
}

static bool fits_table(const struct cw_option *option) {
    return option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_FLAG;
}

/* ---- options --------------------------------------------------------------------------------- */

static void make_choices(struct maker *maker, struct cw_option *option, uint32_t count) {
    static const char *const abroad[] = {"mars"};
    struct cw_choice *choices = cw_arena_array(maker->arena, count, sizeof *choices);
    for (uint32_t c = 0; c < count; c++) {
        struct cw_attribute *attribute = cw_arena_alloc(maker->arena, sizeof *attribute);
        *attribute = (struct cw_attribute){.name = "weight", .value = (int64_t)below(maker, 7) - 1};
        choices[c] = (struct cw_choice){.id = cw_arena_printf(maker->arena, "c%u", c),
                                        .title = text(maker, "Choice", c),
                                        .price_minor = 100 * (int64_t)below(maker, 4),
                                        .colour = CW_NONE,
                                        .material = CW_NONE,
                                        .font = CW_NONE,
                                        .pattern = CW_NONE,
                                        .attribute_count = 1,
                                        .attributes = attribute,
                                        .markets = abroad,
                                        .market_count = below(maker, 12) == 0,
                                        .from_date = "",
                                        .until_date = ""};
    }
    option->choices = choices;
    option->choice_count = count;
}

static void enrich_choices(struct maker *maker, struct cw_option *option) {
    static const char *const items[] = {"s0", "s1", "s2"};
    static const char *const dates[] = {"2026-11-21", "2026-11-22", "2026-11-23"};
    for (size_t c = 0; c < option->choice_count; c++) {
        struct cw_choice *choice = (struct cw_choice *)&option->choices[c];
        choice->lead_days = (int32_t)below(maker, 4) - (below(maker, 8) == 0);
        if (below(maker, 4) == 0)
            choice->price_minor = -choice->price_minor;
        if (below(maker, 8) == 0)
            choice->stock_item = items[below(maker, 3)];
        if (below(maker, 16) == 0)
            choice->from_date = dates[below(maker, 3)];
        if (below(maker, 16) == 0)
            choice->until_date = dates[below(maker, 3)];
    }
}

/* One row per choice of the first option it follows from; the second decides nothing. */
static void make_derive(struct maker *maker, struct cw_option *option, uint32_t o) {
    struct cw_derive *derive = cw_arena_alloc(maker->arena, sizeof *derive);
    uint32_t *from = cw_arena_array(maker->arena, 2, sizeof *from);
    for (uint32_t i = o; i-- > 0 && derive->from_count < 2;)
        if (fits_table(&maker->options[i]))
            from[derive->from_count++] = i;
    if (derive->from_count == 0)
        return;
    const struct cw_option *first = &maker->options[from[0]];
    derive->from = from;
    derive->row_count = first->kind == CW_OPTION_FLAG ? 2 : first->choice_count;
    struct cw_derive_row *rows = cw_arena_array(maker->arena, derive->row_count, sizeof *rows);
    for (size_t r = 0; r < derive->row_count; r++) {
        struct cw_choice_mask *masks = cw_arena_array(maker->arena, 2, sizeof *masks);
        masks[0].bits[0] = UINT64_C(1) << r;
        memset(&masks[1], 0xff, sizeof masks[1]);
        rows[r] = (struct cw_derive_row){.masks = masks,
                                         .choice = below(maker, (uint32_t)option->choice_count)};
    }
    derive->rows = rows;
    option->derive = derive;
}

/* Returns how many values it has then. */
static uint32_t enrich_option(struct maker *maker, struct cw_option *option, uint32_t o,
                              uint32_t values) {
    enrich_choices(maker, option);
    option->flag_lead_days = (int32_t)below(maker, 3);
    option->text.lead_days = (int32_t)below(maker, 3);
    if ((option->kind == CW_OPTION_FLAG || option->kind == CW_OPTION_NUMBER) && below(maker, 2)) {
        struct cw_attribute *attribute = cw_arena_alloc(maker->arena, sizeof *attribute);
        *attribute = (struct cw_attribute){.name = "weight", .value = (int64_t)below(maker, 7) - 3};
        option->attributes = attribute;
        option->attribute_count = 1;
    }
    if (option->kind == CW_OPTION_CHOICE && below(maker, 5) == 0)
        make_derive(maker, option, o);
    if (option->kind != CW_OPTION_NUMBER || below(maker, 2))
        return values;
    uint32_t steps = 3 + below(maker, 14);
    option->number_max = option->number_min + steps * option->number_step;
    option->default_number = option->number_min + below(maker, steps) * option->number_step;
    return steps + 1;
}

static uint32_t make_option(struct maker *maker, uint32_t o) {
    struct cw_option *option = &maker->options[o];
    option->id = cw_arena_printf(maker->arena, "o%u", o);
    option->title = text(maker, "Option", o);
    option->default_text = "";
    option->text.surface = CW_NONE;
    uint32_t kind = below(maker, 8), values = 2 + below(maker, 3);
    if (kind < 4) {
        option->kind = CW_OPTION_CHOICE;
        make_choices(maker, option, values);
        option->default_choice = below(maker, values);
    } else if (kind == 4) {
        option->kind = CW_OPTION_MULTI;
        make_choices(maker, option, values = 3);
        option->multi_min = below(maker, 2);
        option->multi_max = option->multi_min + 1 + below(maker, 2);
        option->default_multi = option->multi_min ? 1 : 0;
        option->required = below(maker, 4) == 0;
        values = 8;
    } else if (kind == 5) {
        option->kind = CW_OPTION_FLAG;
        option->default_choice = below(maker, 2);
        option->flag_price_minor = 50 * (int64_t)below(maker, 3);
        values = 2;
    } else if (kind == 6) {
        option->kind = CW_OPTION_NUMBER;
        option->number_step = 1 + below(maker, 2);
        option->number_min = (int64_t)below(maker, 3) - 1;
        option->number_max = option->number_min + 3;
        option->default_number = option->number_min;
        values = 4;
    } else {
        option->kind = CW_OPTION_TEXT;
        option->required = below(maker, 4) == 0;
        option->default_text = below(maker, 3) == 0 ? "AB" : "";
        option->text.price_minor = 70;
        option->text.max_graphemes = 8;
        values = 2;
    }
    if (maker->rich)
        values = enrich_option(maker, option, o, values);
    if (o > 0 && below(maker, 4) == 0)
        option->active_if = new_condition(maker, o, 1);
    return values + (option->active_if != NULL);
}

/* These may speak of any option. */
static void make_dependencies(struct maker *maker) {
    for (uint32_t o = 0; o < maker->option_count; o++) {
        struct cw_option *option = &maker->options[o];
        bool can_require = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
        if (can_require && below(maker, 3) == 0)
            option->required_if = new_condition(maker, maker->option_count, 1);
        for (size_t c = 0; c < option->choice_count; c++)
            if (below(maker, 6) == 0)
                ((struct cw_choice *)option->choices)[c].only_if =
                    new_condition(maker, maker->option_count, 1);
    }
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void make_conds(struct maker *maker, struct cw_rule *rule, size_t count) {
    struct cw_cond *conds = cw_arena_array(maker->arena, count, sizeof *conds);
    for (size_t i = 0; i < count; i++)
        any_condition(maker, maker->option_count, 1, &conds[i]);
    rule->conds = conds;
    rule->cond_count = count;
}

static void make_table(struct maker *maker, struct cw_rule *rule) {
    uint32_t *options = cw_arena_array(maker->arena, maker->option_count, sizeof *options);
    for (uint32_t o = 0; o < maker->option_count && rule->option_count < 3; o++)
        if (fits_table(&maker->options[o]) && below(maker, 2))
            options[rule->option_count++] = o;
    rule->options = options;
    rule->row_count = 1 + below(maker, 4);
    struct cw_row *rows = cw_arena_array(maker->arena, rule->row_count, sizeof *rows);
    for (size_t r = 0; r < rule->row_count; r++) {
        struct cw_choice_mask *masks =
            cw_arena_array(maker->arena, rule->option_count + 1, sizeof *masks);
        for (size_t i = 0; i < rule->option_count; i++) {
            const struct cw_option *option = &maker->options[options[i]];
            masks[i].bits[0] = some_bits(
                maker, option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count);
            if (below(maker, 4) == 0)
                memset(&masks[i], 0xff, sizeof masks[i]);
        }
        rows[r].masks = masks;
    }
    rule->rows = rows;
}

static struct cw_term term(struct maker *maker) {
    uint32_t option = below(maker, maker->option_count);
    struct cw_term made = {.option = option, .attribute = "weight"};
    if (below(maker, 4) == 0)
        return (struct cw_term){.option = CW_NONE, .constant = (int64_t)below(maker, 6) - 1};
    if (maker->options[option].kind == CW_OPTION_NUMBER)
        made.attribute = NULL;
    return made;
}

static void make_sum(struct maker *maker, struct cw_rule *rule) {
    uint32_t *options = cw_arena_array(maker->arena, maker->option_count, sizeof *options);
    for (uint32_t o = 0; o < maker->option_count; o++)
        if (below(maker, 2))
            options[rule->option_count++] = o;
    rule->options = options;
    rule->attribute = "weight";
    rule->value = (int64_t)below(maker, 12) - 1;
}

static void make_rule(struct maker *maker, struct cw_rule *rule, uint32_t r) {
    rule->id = cw_arena_printf(maker->arena, "r%u", r);
    rule->message = text(maker, "Rule", r);
    rule->kind = (enum cw_rule_kind)below(maker, CW_RULE_FORMULA + 1);
    rule->warning = below(maker, 6) == 0;
    rule->op = (enum cw_compare_op)below(maker, CW_OP_GT + 1);
    if (rule->kind == CW_RULE_ALLOWED || rule->kind == CW_RULE_FORBIDDEN) {
        make_table(maker, rule);
    } else if (rule->kind == CW_RULE_SUM) {
        make_sum(maker, rule);
    } else if (rule->kind == CW_RULE_COMPARE) {
        rule->left = term(maker);
        rule->right = term(maker);
    } else {
        bool many = rule->kind == CW_RULE_AT_MOST_ONE || rule->kind == CW_RULE_CARDINALITY;
        make_conds(maker, rule, rule->kind == CW_RULE_FORMULA ? 1 : many ? 3 : 2);
        rule->min = below(maker, 2);
        rule->max = rule->min + below(maker, 3);
    }
}

static void make_overlays(struct maker *maker, struct cw_product *product) {
    struct cw_overlay *overlays = cw_arena_array(maker->arena, 2, sizeof *overlays);
    for (uint32_t i = 0; i < 2; i++) {
        struct cw_overlay_item *items =
            cw_arena_array(maker->arena, maker->option_count, sizeof *items);
        overlays[i].id = cw_arena_printf(maker->arena, "v%u", i);
        overlays[i].items = items;
        for (uint32_t o = 0; o < maker->option_count; o++) {
            const struct cw_option *option = &maker->options[o];
            uint32_t count = option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
            if (count == 0 || below(maker, 4))
                continue;
            struct cw_overlay_item *item = &items[overlays[i].item_count++];
            item->option = o;
            item->mask.bits[0] = UINT64_C(1) << below(maker, count);
        }
    }
    product->overlays = overlays;
    product->overlay_count = 2;
}

static struct cw_product *make_product(struct cw_arena *arena, uint64_t seed, bool rich) {
    struct maker maker = {.arena = arena, .random.state = seed, .rich = rich};
    struct cw_product *product = cw_arena_alloc(arena, sizeof *product);
    maker.options = cw_arena_array(arena, 8, sizeof *maker.options);
    for (uint32_t wanted = 3 + below(&maker, 5), combinations = 1;
         maker.option_count < wanted && combinations < COMBINATIONS / 8; maker.option_count++)
        combinations *= make_option(&maker, maker.option_count);
    make_dependencies(&maker);
    product->rule_count = 1 + below(&maker, 5);
    struct cw_rule *rules = cw_arena_array(arena, product->rule_count, sizeof *rules);
    for (uint32_t r = 0; r < product->rule_count; r++)
        make_rule(&maker, &rules[r], r);
    product->price_rule_count = below(&maker, 3);
    struct cw_price_rule *prices = cw_arena_array(arena, 3, sizeof *prices);
    for (uint32_t i = 0; i < product->price_rule_count; i++)
        prices[i] = (struct cw_price_rule){.id = "p",
                                           .title = text(&maker, "Extra", i),
                                           .when = new_condition(&maker, maker.option_count, 1),
                                           .amount_minor = 40 * ((int64_t)below(&maker, 5) - 2)};
    product->id = "random";
    product->version = "1";
    product->digest = "sha-256:0";
    product->title = text(&maker, "Product", 0);
    product->currency = "EUR";
    product->base_price_minor = 10000;
    product->option_count = maker.option_count;
    product->options = maker.options;
    product->rules = rules;
    product->price_rules = prices;
    product->lead_time.workdays = 0x1f;
    if (rich)
        make_overlays(&maker, product);
    return product;
}

struct cw_product *cw_random_product(struct cw_arena *arena, uint64_t seed) {
    return make_product(arena, seed, /* rich: */ false);
}

struct cw_product *cw_random_rich_product(struct cw_arena *arena, uint64_t seed) {
    return make_product(arena, seed, /* rich: */ true);
}
