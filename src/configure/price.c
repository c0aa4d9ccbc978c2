/*
 * Price: base, what each option adds, price rules that hold, quantity break. Integer minor units
 * throughout. It does not convert currencies and knows no tax. Server process, any thread.
 */
#include "configure/price.h"

/* Where lines go; without lines only the sum is kept. */
struct sink {
    const struct cw_product *product;
    const char *locale;
    struct cw_arena *arena;
    struct cw_price_line *lines;
    size_t count;
    int64_t sum_minor;
};

static void add_line(struct sink *sink, const char *kind, const char *id, const char *title,
                     int64_t amount_minor) {
    sink->sum_minor += amount_minor;
    if (sink->lines)
        sink->lines[sink->count++] = (struct cw_price_line){
            .kind = kind, .id = id, .title = title, .amount_minor = amount_minor};
}

static const char *title_of(const struct sink *sink, const struct cw_l10n *title) {
    return sink->lines ? cw_l10n_get(title, sink->locale) : "";
}

/* "Material: Suede" */
static const char *choice_title(const struct sink *sink, const struct cw_option *option,
                                const struct cw_choice *choice) {
    if (!sink->lines)
        return "";
    return cw_arena_printf(sink->arena, "%s: %s", cw_l10n_get(&option->title, sink->locale),
                           cw_l10n_get(&choice->title, sink->locale));
}

static void add_choice(struct sink *sink, const struct cw_option *option,
                       const struct cw_choice *choice) {
    if (choice->price_minor != 0)
        add_line(sink, "choice", option->id, choice_title(sink, option, choice),
                 choice->price_minor);
}

static void add_choices(struct sink *sink, const struct cw_option *option,
                        const struct cw_fact *fact) {
    for (uint32_t c = 0; c < option->choice_count; c++)
        if (cw_fact_has(option, fact, c))
            add_choice(sink, option, &option->choices[c]);
}

static void add_option(struct sink *sink, const struct cw_option *option,
                       const struct cw_fact *fact) {
    if (!fact->active)
        return;
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        if (fact->value.choice < option->choice_count)
            add_choice(sink, option, &option->choices[fact->value.choice]);
        break;
    case CW_OPTION_MULTI:
        add_choices(sink, option, fact);
        break;
    case CW_OPTION_FLAG:
        if (fact->value.choice == 1 && option->flag_price_minor != 0)
            add_line(sink, "flag", option->id, title_of(sink, &option->title),
                     option->flag_price_minor);
        break;
    case CW_OPTION_TEXT:
        if (fact->present && option->text.price_minor != 0)
            add_line(sink, "text", option->id, title_of(sink, &option->title),
                     option->text.price_minor);
        break;
    case CW_OPTION_NUMBER:
        break;
    }
}

static const struct cw_quantity_break *break_for(const struct cw_product *product,
                                                 uint32_t quantity) {
    const struct cw_quantity_break *best = NULL;
    for (size_t i = 0; i < product->quantity_break_count; i++) {
        const struct cw_quantity_break *each = &product->quantity_breaks[i];
        if (each->from <= quantity && (!best || each->from > best->from))
            best = each;
    }
    return best;
}

/* amount * percent_milli / 100000, rounded half away from zero. */
static int64_t part_of(int64_t amount_minor, int32_t percent_milli) {
    int64_t product = amount_minor * percent_milli;
    return (product + (product < 0 ? -50000 : 50000)) / 100000;
}

/* What the options and the price rules come to. */
static void add_parts(struct sink *sink, const struct cw_fact *facts) {
    const struct cw_product *product = sink->product;
    add_line(sink, "base", "", title_of(sink, &product->title), product->base_price_minor);
    for (size_t o = 0; o < product->option_count; o++)
        add_option(sink, &product->options[o], &facts[o]);
    for (size_t i = 0; i < product->price_rule_count; i++) {
        const struct cw_price_rule *rule = &product->price_rules[i];
        if (rule->amount_minor != 0 && cw_facts_hold(product, facts, rule->when))
            add_line(sink, "rule", rule->id, title_of(sink, &rule->title), rule->amount_minor);
    }
}

static void even_out(struct sink *sink, uint32_t quantity) {
    static const struct cw_l10n_item titles[] = {{"en", "Quantity discount"},
                                                 {"uz", "Miqdor chegirmasi"},
                                                 {"fa", "تخفیف تعداد"},
                                                 {"zh", "数量折扣"}};
    static const struct cw_l10n break_title = {.count = 4, .items = titles};
    const struct cw_product *product = sink->product;
    if (sink->sum_minor < 0)
        add_line(sink, "rule", "", title_of(sink, &product->title), -sink->sum_minor);
    const struct cw_quantity_break *step = break_for(product, quantity);
    if (step && part_of(sink->sum_minor, step->percent_milli) != 0)
        add_line(sink, "quantity", "", title_of(sink, &break_title),
                 part_of(sink->sum_minor, step->percent_milli));
}

static uint32_t at_least_one(uint32_t quantity) {
    return quantity ? quantity : 1;
}

int64_t cw_price_sum(const struct cw_product *product, const struct cw_fact *facts) {
    struct sink sink = {.product = product};
    add_parts(&sink, facts);
    return sink.sum_minor;
}

int64_t cw_price_of_unit(const struct cw_product *product, int64_t unit_minor, uint32_t quantity) {
    struct sink sink = {.product = product, .sum_minor = unit_minor};
    even_out(&sink, at_least_one(quantity));
    return sink.sum_minor * at_least_one(quantity);
}

int64_t cw_price_total(const struct cw_product *product, const struct cw_fact *facts,
                       uint32_t quantity) {
    return cw_price_of_unit(product, cw_price_sum(product, facts), quantity);
}

static size_t most_lines(const struct cw_product *product) {
    size_t lines = product->price_rule_count + 3;
    for (size_t o = 0; o < product->option_count; o++)
        lines += 1 + (product->options[o].kind == CW_OPTION_MULTI ? product->options[o].choice_count
                                                                  : 0);
    return lines;
}

void cw_price_facts(const struct cw_product *product, const struct cw_fact *facts,
                    const struct cw_configure_context *context, struct cw_arena *arena,
                    struct cw_price *ret) {
    uint32_t quantity = at_least_one(context->quantity);
    struct sink sink = {.product = product, .locale = context->locale, .arena = arena};
    sink.lines = cw_arena_array(arena, most_lines(product), sizeof *sink.lines);
    add_parts(&sink, facts);
    even_out(&sink, quantity);
    *ret = (struct cw_price){.currency = product->currency,
                             .line_count = sink.count,
                             .lines = sink.lines,
                             .unit_minor = sink.sum_minor,
                             .quantity = quantity,
                             .total_minor = sink.sum_minor * quantity};
}

void cw_price(const struct cw_product *product, const struct cw_selection *selection,
              const struct cw_configure_context *context, struct cw_arena *arena,
              struct cw_price *ret) {
    cw_price_facts(product, cw_facts_new(product, selection, arena), context, arena, ret);
}
