/*
 * Repairs: which picks to change so that the rest can stand, best first. The sets of changed picks
 * are searched by always splitting the most promising part of them (Lawler 1972): a part keeps some
 * picks, changes others and leaves the rest open at a price; its best configuration is one pass
 * over the diagram. A set that contains one already found is split again and never told.
 * Server process, any thread.
 */
#include "configure/ask_inside.h"

#include <string.h>

#include "cordwain/limits.h"

enum { OPEN, KEPT, CHANGED };

#define NO_VALUE UINT32_MAX

/* A part of the search: what is decided about each pick, and the best configuration in it. */
struct part {
    uint8_t *fates;         /* per pick */
    const uint32_t *values; /* the best by cost, then by document order */
    int64_t cost;           /* at least, while `vague`: an open set has no price */
    bool vague;
};

struct found {
    bool *changed; /* per pick */
    const uint32_t *values;
};

struct repairing {
    struct cw_asking *asking;
    size_t pick_count;
    const struct cw_pick **picks; /* those that fix something */
    uint32_t *pick_values;        /* per pick: the value of its variable; NO_VALUE: a MULTI */
    const int64_t *amounts;       /* price × lead_span + days, per value */
    int64_t change_cost;          /* more than all amounts together */
    uint32_t own_vars;            /* the first ones, of options; the others follow from them */
    size_t part_count, part_capacity;
    struct part *parts;
    size_t parts_left; /* to be looked at */
    bool exhausted;    /* there were more */
    size_t found_count;
    struct found found[CW_REPAIRS];
};

static const struct cw_lowered *lowered_of(const struct repairing *repairing) {
    return repairing->asking->engine->lowered;
}

/* ---- one part -------------------------------------------------------------------------------- */

static bool has_set(const struct repairing *repairing, size_t pick, const uint32_t *values) {
    const struct cw_lowered *lowered = lowered_of(repairing);
    const struct cw_pick *p = repairing->picks[pick];
    const struct cw_lowered_option *own = &lowered->options[p->option];
    for (uint32_t c = 0; c < lowered->product->options[p->option].choice_count; c++)
        if (values[own->var + c] != (p->value.multi >> c & 1))
            return false;
    return own->active_var == CW_NONE || values[own->active_var] == 1;
}

static bool has_pick(const struct repairing *repairing, size_t pick, const uint32_t *values) {
    uint32_t var = lowered_of(repairing)->options[repairing->picks[pick]->option].var;
    return repairing->pick_values[pick] == NO_VALUE ? has_set(repairing, pick, values)
                                                    : values[var] == repairing->pick_values[pick];
}

/* Every other value of the open pick's variable costs one change. */
static void charge(const struct repairing *repairing, size_t pick, int64_t *costs) {
    const struct cw_model *model = lowered_of(repairing)->model;
    uint32_t var = lowered_of(repairing)->options[repairing->picks[pick]->option].var;
    for (uint32_t x = 0; x < model->value_counts[var]; x++)
        if (x != repairing->pick_values[pick])
            costs[model->value_bases[var] + x] += repairing->change_cost;
}

static void apply(const struct repairing *repairing, size_t pick, uint8_t fate, uint64_t *mask,
                  int64_t *costs) {
    const struct cw_lowered *lowered = lowered_of(repairing);
    const struct cw_pick *p = repairing->picks[pick];
    if (fate == KEPT)
        cw_lowered_pick(lowered, p, mask);
    else if (repairing->pick_values[pick] == NO_VALUE)
        return;
    else if (fate == CHANGED)
        cw_set_drop(mask + lowered->model->word_bases[lowered->options[p->option].var],
                    repairing->pick_values[pick]);
    else
        charge(repairing, pick, costs);
}

/* A pass's scratch goes with it: there may be many parts. */
static bool find_best(const struct repairing *repairing, struct part *part, uint32_t *values) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    const struct cw_asking *asking = repairing->asking;
    const struct cw_model *model = lowered_of(repairing)->model;
    struct cw_arena *arena = own ? own : asking->arena;
    uint64_t *mask = cw_arena_array(arena, model->word_count, sizeof *mask);
    int64_t *costs = cw_arena_array(arena, model->value_count, sizeof *costs);
    memcpy(mask, asking->available, model->word_count * sizeof *mask);
    memcpy(costs, repairing->amounts, model->value_count * sizeof *costs);
    part->cost = 0;
    for (size_t i = 0; i < repairing->pick_count; i++) {
        apply(repairing, i, part->fates[i], mask, costs);
        part->cost += part->fates[i] == CHANGED ? repairing->change_cost : 0;
    }
    if (!cw_diagram_cheapest(asking->engine->diagram, mask, costs, arena, values))
        return false;
    part->cost += cw_ask_sum(asking, costs, values);
    return true;
}

/* Find the best configuration; false: the part is empty. */
static bool solve(const struct repairing *repairing, struct part *part) {
    uint32_t *values = cw_arena_array(repairing->asking->arena,
                                      lowered_of(repairing)->model->var_count + 1, sizeof *values);
    if (!find_best(repairing, part, values))
        return false;
    part->values = values;
    part->vague = false;
    for (size_t i = 0; i < repairing->pick_count; i++)
        part->vague |= part->fates[i] == OPEN && repairing->pick_values[i] == NO_VALUE &&
                       !has_set(repairing, i, values);
    return true;
}

/* Parts that may be looked at: a set has no bound of its own, so with many sets their number would
 * double with each. */
static size_t parts_allowed(const struct repairing *repairing) {
    const struct cw_engine *engine = repairing->asking->engine;
    size_t pass = engine->artefact.length + lowered_of(repairing)->model->value_count * 32U;
    size_t parts = CW_REPAIR_WORK_BYTES / (pass + 1);
    return parts > CW_REPAIR_PARTS_MIN ? parts : CW_REPAIR_PARTS_MIN;
}

static void add_part(struct repairing *repairing, uint8_t *fates) {
    struct part part = {.fates = fates};
    if (repairing->parts_left == 0) {
        repairing->exhausted = true;
        return;
    }
    repairing->parts_left--;
    if (!solve(repairing, &part))
        return;
    repairing->parts =
        cw_arena_grow(repairing->asking->arena, repairing->parts, repairing->part_count,
                      &repairing->part_capacity, sizeof *repairing->parts);
    repairing->parts[repairing->part_count++] = part;
}

static uint8_t *copy_fates(const struct repairing *repairing, const uint8_t *fates) {
    uint8_t *copy =
        cw_arena_array(repairing->asking->arena, repairing->pick_count + 1, sizeof *copy);
    memcpy(copy, fates, repairing->pick_count);
    return copy;
}

/* ---- which next ------------------------------------------------------------------------------ */

/* By cost; of equal ones those not certain yet, then the first in document order. */
static bool comes_before(const struct repairing *repairing, const struct part *a,
                         const struct part *b) {
    if (a->cost != b->cost)
        return a->cost < b->cost;
    if (a->vague != b->vague)
        return a->vague;
    for (uint32_t v = 0; v < repairing->own_vars; v++)
        if (a->values[v] != b->values[v])
            return a->values[v] < b->values[v];
    return false;
}

static struct part take_best(struct repairing *repairing) {
    size_t best = 0;
    for (size_t i = 1; i < repairing->part_count; i++)
        if (comes_before(repairing, &repairing->parts[i], &repairing->parts[best]))
            best = i;
    struct part part = repairing->parts[best];
    repairing->parts[best] = repairing->parts[--repairing->part_count];
    return part;
}

/* ---- splitting ------------------------------------------------------------------------------- */

/* The first open set that the best configuration does not have: once kept, once changed. */
static void split_vague(struct repairing *repairing, const struct part *part) {
    size_t pick = 0;
    while (part->fates[pick] != OPEN || repairing->pick_values[pick] != NO_VALUE ||
           has_set(repairing, pick, part->values))
        pick++;
    for (uint8_t fate = KEPT; fate <= CHANGED; fate++) {
        uint8_t *fates = copy_fates(repairing, part->fates);
        fates[pick] = fate;
        add_part(repairing, fates);
    }
}

/* All of the part but what changes the whole set: by the first of its members that is kept. */
static void split_without(struct repairing *repairing, const struct part *part, const bool *set) {
    uint8_t *before = copy_fates(repairing, part->fates);
    for (size_t i = 0; i < repairing->pick_count; i++) {
        if (!set[i] || part->fates[i] == CHANGED)
            continue;
        uint8_t *fates = copy_fates(repairing, before);
        fates[i] = KEPT;
        add_part(repairing, fates);
        before[i] = CHANGED;
    }
}

static const bool *contained(const struct repairing *repairing, const bool *set) {
    for (size_t f = 0; f < repairing->found_count; f++) {
        const bool *other = repairing->found[f].changed;
        bool inside = true;
        for (size_t i = 0; i < repairing->pick_count; i++)
            inside &= !other[i] || set[i];
        if (inside)
            return other;
    }
    return NULL;
}

static void step(struct repairing *repairing) {
    struct part part = take_best(repairing);
    if (part.vague) {
        split_vague(repairing, &part);
        return;
    }
    bool *set = cw_arena_array(repairing->asking->arena, repairing->pick_count + 1, sizeof *set);
    for (size_t i = 0; i < repairing->pick_count; i++)
        set[i] = part.fates[i] == CHANGED || !has_pick(repairing, i, part.values);
    const bool *known = contained(repairing, set);
    if (!known)
        repairing->found[repairing->found_count++] = (struct found){set, part.values};
    split_without(repairing, &part, known ? known : set);
}

/* ---- telling --------------------------------------------------------------------------------- */

static struct cw_change change_of(const struct cw_asking *asking, const struct cw_pick *pick,
                                  const struct cw_fact *fact) {
    bool text = asking->engine->product->options[pick->option].kind == CW_OPTION_TEXT;
    struct cw_change change = {.option = pick->option, .from = pick->value};
    change.dropped = !fact->active || (text && !fact->present);
    change.to.text = "";
    if (!change.dropped)
        change.to = fact->value;
    return change;
}

/* The picks after it: those kept, and those changed to what the best configuration has. */
static void list_changes(const struct repairing *repairing, const struct found *found,
                         const struct cw_fact *facts, struct cw_repair *ret) {
    const struct cw_asking *asking = repairing->asking;
    size_t count = asking->selection->count, at = 0;
    struct cw_change *changes =
        cw_arena_array(asking->arena, repairing->pick_count + 1, sizeof *changes);
    struct cw_pick *picks = cw_arena_array(asking->arena, count + 1, sizeof *picks);
    ret->changes = changes;
    ret->selection.picks = picks;
    for (size_t i = 0; i < count; i++) {
        const struct cw_pick *pick = &asking->selection->picks[i];
        bool counts = asking->picks[pick->option] != NULL;
        bool changed = counts && found->changed[at];
        at += counts;
        if (!changed) {
            picks[ret->selection.count++] = *pick;
            continue;
        }
        struct cw_change change = change_of(asking, pick, &facts[pick->option]);
        changes[ret->change_count++] = change;
        if (!change.dropped)
            picks[ret->selection.count++] =
                (struct cw_pick){.option = pick->option, .value = change.to};
    }
}

/* Price and days are those of the preferred completion. */
static enum cw_status price_repair(const struct repairing *repairing, struct cw_repair *repair,
                                   struct cw_error *err) {
    const struct cw_asking *asking = repairing->asking;
    const struct cw_lowered *lowered = lowered_of(repairing);
    uint64_t *mask = cw_ask_copy(asking, asking->available);
    uint32_t *values = cw_arena_array(asking->arena, lowered->model->var_count + 1, sizeof *values);
    const int64_t *costs = cw_lowered_preference(lowered, &repair->selection, asking->arena);
    struct cw_fact *facts;
    for (size_t i = 0; i < repair->selection.count; i++)
        cw_lowered_pick(lowered, &repair->selection.picks[i], mask);
    if (!cw_diagram_cheapest(asking->engine->diagram, mask, costs, asking->arena, values))
        return cw_disagree(err, "inconsistent");
    repair->total_minor = cw_ask_total(asking, values);
    repair->working_days = cw_ask_days(asking, values);
    return cw_ask_facts(asking, values, &repair->selection, &facts, err);
}

static enum cw_status tell(const struct repairing *repairing, struct cw_repair **ret_repairs,
                           size_t *ret_count, struct cw_error *err) {
    const struct cw_asking *asking = repairing->asking;
    struct cw_repair *repairs =
        cw_arena_array(asking->arena, repairing->found_count + 1, sizeof *repairs);
    for (size_t f = 0; f < repairing->found_count; f++) {
        const struct found *found = &repairing->found[f];
        struct cw_fact *facts;
        enum cw_status status = cw_ask_facts(asking, found->values, asking->selection, &facts, err);
        if (status != CW_OK)
            return status;
        list_changes(repairing, found, facts, &repairs[f]);
        status = price_repair(repairing, &repairs[f], err);
        if (status != CW_OK)
            return status;
    }
    *ret_repairs = repairs;
    *ret_count = repairing->found_count;
    return CW_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* What value of its variable each pick is: read off a mask that holds nothing else. */
static void list_picks(struct repairing *repairing) {
    const struct cw_asking *asking = repairing->asking;
    const struct cw_lowered *lowered = lowered_of(repairing);
    const uint64_t *full = cw_model_full_mask(lowered->model, asking->arena);
    uint64_t *mask = cw_ask_copy(asking, full);
    size_t count = asking->selection->count;
    repairing->picks = cw_arena_array(asking->arena, count + 1, sizeof *repairing->picks);
    repairing->pick_values =
        cw_arena_array(asking->arena, count + 1, sizeof *repairing->pick_values);
    for (size_t i = 0; i < count; i++) {
        const struct cw_pick *pick = asking->picks[asking->selection->picks[i].option];
        if (!pick)
            continue;
        uint32_t var = lowered->options[pick->option].var, value = 0;
        bool multi = lowered->product->options[pick->option].kind == CW_OPTION_MULTI;
        cw_lowered_pick(lowered, pick, mask);
        while (!multi && !cw_set_has(mask + lowered->model->word_bases[var], value))
            value++;
        cw_lowered_free(lowered, pick->option, full, mask);
        repairing->pick_values[repairing->pick_count] = multi ? NO_VALUE : value;
        repairing->picks[repairing->pick_count++] = pick;
    }
}

static uint8_t *first_fates(const struct repairing *repairing,
                            const struct cw_repair_request *request) {
    uint8_t *fates =
        cw_arena_array(repairing->asking->arena, repairing->pick_count + 1, sizeof *fates);
    for (size_t i = 0; i < repairing->pick_count; i++)
        for (size_t k = 0; k < request->keep_count; k++)
            if (repairing->picks[i]->option == request->keep[k])
                fates[i] = KEPT;
    return fates;
}

static void set_costs(struct repairing *repairing) {
    const struct cw_asking *asking = repairing->asking;
    const struct cw_lowered *lowered = lowered_of(repairing);
    int64_t *amounts = cw_ask_shifted(asking, asking->engine->prices);
    const int64_t *days = cw_ask_shifted(asking, asking->engine->leads);
    for (uint32_t i = 0; i < lowered->model->value_count; i++)
        amounts[i] = amounts[i] * lowered->lead_span + days[i];
    repairing->amounts = amounts;
    repairing->change_cost = lowered->price_span * lowered->lead_span;
    while (repairing->own_vars < lowered->model->var_count &&
           lowered->var_options[repairing->own_vars] != CW_NONE)
        repairing->own_vars++;
}

enum cw_status cw_repairs_find(const struct cw_engine *engine, const struct cw_selection *selection,
                               const struct cw_configure_context *context,
                               const struct cw_repair_request *request, struct cw_arena *arena,
                               struct cw_repair **ret_repairs, size_t *ret_count,
                               struct cw_error *err) {
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    struct repairing repairing = {.asking = &asking};
    size_t limit = request->limit < CW_REPAIRS ? request->limit : CW_REPAIRS;
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    list_picks(&repairing);
    set_costs(&repairing);
    repairing.parts_left = parts_allowed(&repairing);
    add_part(&repairing, first_fates(&repairing, request));
    if (repairing.part_count == 0)
        return cw_fail(err, CW_E_CONFLICT, "configure.void",
                       "the product has no configuration here and now, whatever is changed");
    bool broken = !cw_ask_feasible(&asking);
    while (broken && !repairing.exhausted && repairing.part_count > 0 &&
           repairing.found_count < limit)
        step(&repairing);
    if (repairing.exhausted && repairing.found_count == 0)
        return cw_fail(err, CW_E_LIMIT, "configure.not_exact",
                       "the cheapest repairs take too long to find");
    return tell(&repairing, ret_repairs, ret_count, err);
}
