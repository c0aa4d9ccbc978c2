/*
 * Search: first solutions and preferred completions of a component, by depth-first branching with
 * propagation at every node (forward checking, Haralick and Elliott 1980) and branch and bound on
 * (departures from defaults, price). Exact while the steps last; then `exhausted` is set.
 * It knows nothing of answers and reasons. Server process, any thread; all scratch in one arena.
 */
#include "configure/engine.h"

#include <string.h>

#include "cordwain/limits.h"

/* A first try this small settles nearly every question of a shop's product. */
#define FIRST_TRY_STEPS 400

/* ---- set-up ---------------------------------------------------------------------------------- */

/* An empty text fixes nothing, nor does an empty set where one is required. */
static bool pick_counts(const struct cw_option *option, const struct cw_pick *pick) {
    if (option->kind == CW_OPTION_TEXT)
        return pick->value.text && pick->value.text[0] != '\0';
    return option->kind != CW_OPTION_MULTI || !option->required || pick->value.multi != 0;
}

struct cw_search *cw_search_new(const struct cw_engine *engine,
                                const struct cw_selection *selection,
                                const struct cw_configure_context *context,
                                struct cw_arena *arena) {
    size_t options = engine->option_count + 1, constraints = engine->constraint_count + 1;
    struct cw_search *search = cw_arena_alloc(arena, sizeof *search);
    bool *picked = cw_arena_array(arena, options, sizeof *picked);
    search->engine = engine;
    search->context = context;
    search->arena = arena;
    search->domains = cw_arena_array(arena, options, sizeof *search->domains);
    search->best = cw_arena_array(arena, options, sizeof *search->best);
    search->texts = cw_arena_array(arena, options, sizeof *search->texts);
    search->queue = cw_arena_array(arena, constraints, sizeof *search->queue);
    search->queued = cw_arena_array(arena, constraints, sizeof *search->queued);
    search->steps_left = context->step_budget ? context->step_budget : CW_CONFIGURE_STEPS;
    search->failed = CW_NONE;
    for (size_t o = 0; o < engine->option_count; o++) {
        const char *text = engine->product->options[o].default_text;
        search->texts[o] = text ? text : "";
    }
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        picked[pick->option] = pick_counts(&engine->product->options[pick->option], pick);
        search->texts[pick->option] = pick->value.text ? pick->value.text : "";
    }
    search->picked = picked;
    return search;
}

static struct cw_domain available_domain(const struct cw_search *search, uint32_t option) {
    const struct cw_option *o = &search->engine->product->options[option];
    struct cw_domain domain = search->engine->domains[option];
    for (uint32_t c = 0; c < o->choice_count; c++) {
        if (cw_choice_available(&o->choices[c], search->context))
            continue;
        if (o->kind == CW_OPTION_MULTI)
            domain.set.may &= ~(UINT64_C(1) << c);
        else
            domain.bits[c / 64] &= ~(UINT64_C(1) << (c % 64));
    }
    return domain;
}

bool cw_search_root(struct cw_search *search) {
    const struct cw_engine *engine = search->engine;
    bool possible = true;
    for (uint32_t o = 0; o < engine->option_count; o++) {
        search->domains[o] = available_domain(search, o);
        possible &= cw_domain_settle(engine, o, &search->domains[o]);
    }
    for (uint32_t c = 0; c < engine->constraint_count; c++) {
        search->queue[c] = c;
        search->queued[c] = true;
    }
    search->queue_head = 0;
    search->queue_count = engine->constraint_count;
    return possible && cw_search_propagate(search);
}

bool cw_search_pick_one(struct cw_search *search, const struct cw_pick *pick) {
    struct cw_domain domain = search->domains[pick->option], value;
    if (!search->picked[pick->option])
        return true;
    cw_domain_value(search->engine, pick->option, &pick->value, &value);
    cw_domain_meet(search->engine, pick->option, &domain, &value);
    search->failed = CW_NONE;
    return cw_search_set(search, pick->option, domain) && cw_search_propagate(search);
}

bool cw_search_pick(struct cw_search *search, const struct cw_selection *selection,
                    uint32_t without) {
    for (size_t i = 0; i < selection->count; i++)
        if (selection->picks[i].option != without &&
            !cw_search_pick_one(search, &selection->picks[i]))
            return false;
    return true;
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static bool can_be_default(const struct cw_search *search, uint32_t option,
                           const struct cw_domain *domain) {
    const struct cw_option *o = &search->engine->product->options[option];
    int64_t number;
    switch (o->kind) {
    case CW_OPTION_TEXT:
        return (domain->bits[0] & (search->texts[option][0] ? 2U : 1U)) != 0;
    case CW_OPTION_MULTI:
        return (domain->set.must & ~o->default_multi) == 0 &&
               (o->default_multi & ~domain->set.may) == 0;
    case CW_OPTION_NUMBER:
        number = (o->default_number - o->number_min) / o->number_step;
        return number >= domain->range.lo && number <= domain->range.hi;
    default:
        return (domain->bits[o->default_choice / 64] >> (o->default_choice % 64) & 1) != 0;
    }
}

bool cw_search_departs(const struct cw_search *search, uint32_t option,
                       const struct cw_domain *domain) {
    return domain->activity == CW_MAY_ACTIVE && !can_be_default(search, option, domain);
}

static int64_t least_choice_price(const struct cw_option *option, const struct cw_domain *domain) {
    int64_t least = INT64_MAX;
    for (uint32_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        for (uint64_t left = domain->bits[w]; left; left &= left - 1) {
            int64_t price = option->choices[64 * w + (uint32_t)__builtin_ctzll(left)].price_minor;
            least = price < least ? price : least;
        }
    return least;
}

static int64_t least_multi_price(const struct cw_option *option, const struct cw_domain *domain) {
    int64_t sum = 0;
    for (uint64_t left = domain->set.may; left; left &= left - 1) {
        uint32_t member = (uint32_t)__builtin_ctzll(left);
        int64_t price = option->choices[member].price_minor;
        if ((domain->set.must >> member & 1) || price < 0)
            sum += price;
    }
    return sum;
}

/* Of a value the domain can have: bit 0 costs nothing, bit 1 costs `price`. */
static int64_t least_two(const struct cw_domain *domain, int64_t price) {
    if (!(domain->bits[0] & 1))
        return price;
    return (domain->bits[0] & 2) && price < 0 ? price : 0;
}

static int64_t least_price(const struct cw_search *search, const struct cw_domain *domains,
                           uint32_t option) {
    const struct cw_option *o = &search->engine->product->options[option];
    const struct cw_domain *domain = &domains[option];
    if (!search->engine->priced[option] || !(domain->activity & CW_MAY_ACTIVE))
        return 0;
    int64_t least = 0;
    switch (o->kind) {
    case CW_OPTION_CHOICE:
        least = least_choice_price(o, domain);
        break;
    case CW_OPTION_MULTI:
        least = least_multi_price(o, domain);
        break;
    case CW_OPTION_FLAG:
        least = least_two(domain, o->flag_price_minor);
        break;
    case CW_OPTION_TEXT:
        least = least_two(domain, o->text.price_minor);
        break;
    case CW_OPTION_NUMBER:
        break;
    }
    return (domain->activity & CW_MAY_INACTIVE) && least > 0 ? 0 : least;
}

static int64_t least_rule_prices(const struct cw_search *search, const struct cw_domain *domains) {
    const struct cw_product *product = search->engine->product;
    int64_t sum = 0;
    for (size_t i = 0; i < product->price_rule_count; i++) {
        const struct cw_price_rule *rule = &product->price_rules[i];
        enum cw_truth truth =
            rule->when ? cw_cond_truth(search->engine, domains, rule->when) : CW_TRUE;
        if (truth == CW_TRUE || (truth == CW_UNKNOWN && rule->amount_minor < 0))
            sum += rule->amount_minor;
    }
    return sum;
}

/* Lower bounds of what any solution below this node costs; exact when all members are fixed. */
static uint32_t least_departures(const struct cw_search *search) {
    uint32_t departures = 0;
    for (size_t i = 0; i < search->member_count; i++)
        departures +=
            cw_search_departs(search, search->members[i], &search->domains[search->members[i]]);
    return departures;
}

static int64_t least_total(const struct cw_search *search, const struct cw_domain *domains) {
    int64_t price = least_rule_prices(search, domains);
    for (size_t i = 0; i < search->member_count; i++)
        price += least_price(search, domains, search->members[i]);
    return price;
}

/* Only the default (or inactive) is left of a domain that can be the default. */
static void keep_default(const struct cw_search *search, uint32_t option,
                         struct cw_domain *domain) {
    const struct cw_option *o = &search->engine->product->options[option];
    struct cw_value value = {.choice = o->default_choice,
                             .multi = o->default_multi,
                             .number = o->default_number,
                             .text = search->texts[option]};
    uint8_t activity = domain->activity;
    if (!(activity & CW_MAY_ACTIVE) || !can_be_default(search, option, domain))
        return;
    cw_domain_value(search->engine, option, &value, domain);
    domain->activity = activity;
}

/*
 * Nothing below this node beats the best so far. Prices are looked at only when departures tie, and
 * then no further option may depart: that keeps a discount which would need one out of the bound.
 */
static bool is_hopeless(const struct cw_search *search) {
    if (!search->found)
        return false;
    uint32_t departures = least_departures(search);
    if (departures != search->best_departures)
        return departures > search->best_departures;
    struct cw_domain domains[CW_SEARCH_OPTIONS];
    memcpy(domains, search->domains, search->engine->option_count * sizeof *domains);
    for (size_t i = 0; i < search->member_count; i++)
        keep_default(search, search->members[i], &domains[search->members[i]]);
    return least_total(search, domains) >= search->best_price;
}

/* ---- branching ------------------------------------------------------------------------------- */

static uint32_t first_bit(const struct cw_domain *domain) {
    uint32_t w = 0;
    while (w < CW_MAX_CHOICES / 64 - 1 && !domain->bits[w])
        w++;
    return 64 * w + (uint32_t)__builtin_ctzll(domain->bits[w]);
}

static size_t split_bits(const struct cw_search *search, uint32_t option,
                         const struct cw_domain *domain, struct cw_domain *parts) {
    const struct cw_option *o = &search->engine->product->options[option];
    uint32_t value = first_bit(domain);
    if (can_be_default(search, option, domain))
        value = o->kind == CW_OPTION_TEXT ? search->texts[option][0] != '\0' : o->default_choice;
    parts[0] = parts[1] = *domain;
    cw_domain_only(search->engine, option, value, &parts[0]);
    parts[1].bits[value / 64] &= ~(UINT64_C(1) << (value % 64));
    return 2;
}

static size_t split_multi(const struct cw_search *search, uint32_t option,
                          const struct cw_domain *domain, struct cw_domain *parts) {
    uint64_t open = domain->set.may & ~domain->set.must;
    uint64_t member = open & (~open + 1);
    bool first_in = (search->engine->product->options[option].default_multi & member) != 0;
    parts[0] = parts[1] = *domain;
    parts[0].activity = parts[1].activity = CW_MAY_ACTIVE;
    parts[first_in ? 0 : 1].set.must |= member;
    parts[first_in ? 1 : 0].set.may &= ~member;
    return member ? 2 : 1;
}

static size_t split_number(const struct cw_search *search, uint32_t option,
                           const struct cw_domain *domain, struct cw_domain *parts) {
    const struct cw_option *o = &search->engine->product->options[option];
    int64_t value = (o->default_number - o->number_min) / o->number_step;
    size_t count = 1;
    if (value < domain->range.lo)
        value = domain->range.lo;
    if (value > domain->range.hi)
        value = domain->range.hi;
    parts[0] = parts[1] = parts[2] = *domain;
    parts[0].activity = parts[1].activity = parts[2].activity = CW_MAY_ACTIVE;
    parts[0].range.lo = parts[0].range.hi = value;
    if (value > domain->range.lo)
        parts[count++].range.hi = value - 1;
    if (value < domain->range.hi) {
        parts[count] = parts[0];
        parts[count].range.lo = value + 1;
        parts[count++].range.hi = domain->range.hi;
    }
    return count;
}

/* Parts of a domain, preferred first; together they are the whole. */
static size_t split(const struct cw_search *search, uint32_t option, struct cw_domain *parts) {
    const struct cw_domain *domain = &search->domains[option];
    enum cw_option_kind kind = search->engine->product->options[option].kind;
    if (kind != CW_OPTION_MULTI && kind != CW_OPTION_NUMBER)
        return split_bits(search, option, domain, parts);
    size_t count = kind == CW_OPTION_MULTI ? split_multi(search, option, domain, parts)
                                           : split_number(search, option, domain, parts);
    if (domain->activity & CW_MAY_INACTIVE)
        parts[count++] = (struct cw_domain){.activity = CW_MAY_INACTIVE};
    return count;
}

/* First only: the smallest domain. Best: product order, so that ties fall as documented. */
static uint32_t next_option(const struct cw_search *search, bool first_only) {
    uint32_t chosen = CW_NONE;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < search->member_count; i++) {
        uint32_t o = search->members[i];
        if (cw_domain_fixed(search->engine, o, &search->domains[o]))
            continue;
        if (!first_only)
            return o;
        size_t size = cw_domain_size(search->engine, o, &search->domains[o]);
        if (size >= smallest)
            continue;
        chosen = o;
        smallest = size;
    }
    return chosen;
}

static void record(struct cw_search *search) {
    for (size_t i = 0; i < search->member_count; i++)
        search->best[search->members[i]] = search->domains[search->members[i]];
    search->found = true;
    search->best_departures = least_departures(search);
    search->best_price = least_total(search, search->domains);
}

/* True: stop everything (first solution found, or no steps left). The caller undoes. */
static bool explore(struct cw_search *search, bool first_only) {
    for (;;) {
        if (search->call_steps == 0 || search->steps_left == 0)
            return true;
        search->call_steps--;
        search->steps_left--;
        if (!first_only && is_hopeless(search))
            return false;
        uint32_t option = next_option(search, first_only);
        if (option == CW_NONE) {
            record(search);
            return first_only;
        }
        struct cw_domain parts[4];
        size_t count = split(search, option, parts);
        for (size_t i = 0; i + 1 < count; i++) {
            size_t mark = search->trail_count;
            if (cw_search_set(search, option, parts[i]) && cw_search_propagate(search) &&
                explore(search, first_only))
                return true;
            cw_search_undo(search, mark);
        }
        if (!cw_search_set(search, option, parts[count - 1]) || !cw_search_propagate(search))
            return false;
    }
}

/* True when the whole tree was seen, or the first solution found. */
static bool run(struct cw_search *search, bool first_only, uint64_t steps) {
    size_t mark = search->trail_count;
    search->found = false;
    search->call_steps = steps;
    bool stopped = explore(search, first_only);
    cw_search_undo(search, mark);
    return !stopped || (first_only && search->found);
}

enum cw_found cw_search_best(struct cw_search *search, const uint32_t *members, size_t count,
                             uint64_t steps) {
    search->members = members;
    search->member_count = count;
    if (run(search, /* first_only: */ false, steps < FIRST_TRY_STEPS ? steps : FIRST_TRY_STEPS))
        return search->found ? CW_FOUND : CW_FOUND_NONE;
    /* Hard: settle existence in the better order first, then look for the best. */
    if (!run(search, /* first_only: */ true, steps / 2)) {
        search->exhausted = true;
        return CW_FOUND_UNKNOWN;
    }
    if (!search->found)
        return CW_FOUND_NONE;
    struct cw_domain *witness =
        cw_arena_array(search->arena, search->engine->option_count + 1, sizeof *witness);
    memcpy(witness, search->best, search->engine->option_count * sizeof *witness);
    if (!run(search, /* first_only: */ false, steps / 2))
        search->exhausted = true;
    if (!search->found)
        memcpy(search->best, witness, search->engine->option_count * sizeof *witness);
    return CW_FOUND;
}

enum cw_found cw_search_all(struct cw_search *search, uint64_t steps) {
    uint32_t members[CW_SEARCH_OPTIONS];
    for (uint32_t o = 0; o < search->engine->option_count; o++) {
        if (cw_domain_fixed(search->engine, o, &search->domains[o]))
            continue;
        size_t count = cw_search_component(search, o, members);
        enum cw_found found = cw_search_best(search, members, count, steps);
        if (found != CW_FOUND)
            return found;
        for (size_t i = 0; i < count; i++)
            if (!cw_search_set(search, members[i], search->best[members[i]]))
                return CW_FOUND_NONE;
        if (!cw_search_propagate(search))
            return CW_FOUND_NONE;
    }
    return CW_FOUND;
}

void cw_search_facts(const struct cw_search *search, const struct cw_domain *domains,
                     struct cw_fact *facts) {
    for (uint32_t o = 0; o < search->engine->option_count; o++) {
        enum cw_option_kind kind = search->engine->product->options[o].kind;
        const struct cw_domain *domain = &domains[o];
        facts[o] = (struct cw_fact){.active = domain->activity == CW_MAY_ACTIVE, .value.text = ""};
        if (!facts[o].active)
            continue;
        if (kind == CW_OPTION_MULTI) {
            facts[o].value.multi = domain->set.must;
        } else if (kind == CW_OPTION_NUMBER) {
            facts[o].value.number = cw_domain_number(search->engine, o, domain->range.lo);
        } else if (kind == CW_OPTION_TEXT) {
            facts[o].present = domain->bits[0] == 2;
            facts[o].value.text = facts[o].present ? search->texts[o] : "";
        } else {
            facts[o].value.choice = first_bit(domain);
        }
    }
}
