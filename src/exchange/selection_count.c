/*
 * Responsible for: rules that count or add (`cardinality`, `sum`, `compare`) as JSON Schemas, which
 * can do neither: a decision diagram, level by level, whose states are the partial sums. Each state
 * is a definition that leads to the next level's by `if` and `then`; where the rest decides nothing
 * any more it leads to true or false. Does not: other rules. Pure, any process.
 *
 * Left out as too much: more than CW_SELECTION_SCHEMA_STATES states of a rule, more than LEVELS
 * levels, sums that pass 64 bits, two numbers of long ranges (a number may stand last, where the
 * bound is moved to it by division).
 */
#include "exchange/selection_schema.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

#define LEVELS  64 /* validators stop at some depth of references; a level takes three */
#define NUMBERS 64 /* values of a number told one by one */

struct branch { /* of one level at most one holds; where none does, nothing is added */
    const struct cw_cond *cond; /* or, with the level's option: */
    struct cw_choice_mask mask;
    int64_t number;
    int64_t add;
};

struct level {
    uint32_t option; /* CW_NONE: a condition */
    size_t branch_count;
    struct branch *branches;
};

struct term {
    uint32_t option;
    const char *attribute; /* NULL: the number itself */
    int64_t sign;
};

struct count {
    const struct cw_selection_writer *writer;
    struct cw_arena *arena; /* of this rule alone */
    const struct cw_rule *rule;
    size_t term_count;
    const struct term *terms;
    size_t level_count;
    struct level levels[LEVELS];
    int64_t least[LEVELS + 1], most[LEVELS + 1]; /* added from this level on, the last one too */
    uint32_t last;                               /* a number after the levels, or CW_NONE */
    int64_t factor;
    int64_t low, high; /* where the sum must be; INT64_MIN, INT64_MAX: open */
    bool outside;      /* where it must not be */
    bool too_much;
    struct cw_buf *defs;
    size_t state_count;
};

static int64_t add(struct count *count, int64_t a, int64_t b) {
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum) && sum != INT64_MIN && sum != INT64_MAX)
        return sum;
    count->too_much = true;
    return 0;
}

static int64_t multiply(struct count *count, int64_t a, int64_t b) {
    int64_t product;
    if (!__builtin_mul_overflow(a, b, &product) && product != INT64_MIN)
        return product;
    count->too_much = true;
    return 0;
}

/* ---- levels ---------------------------------------------------------------------------------- */

/* Past the last level the first one is given again: what is written is thrown away. */
static struct level *add_level(struct count *count, uint32_t option, size_t branches) {
    bool full = count->level_count == LEVELS;
    struct level *level = &count->levels[full ? 0 : count->level_count++];
    count->too_much |= full;
    *level = (struct level){
        .option = option,
        .branches = cw_arena_array(count->arena, branches + 1, sizeof *level->branches)};
    return level;
}

/* What a choice (flag: true; number: each unit) of the option adds, over all terms that name it. */
static int64_t added_by(struct count *count, uint32_t o, uint32_t c) {
    const struct cw_option *option = &count->writer->product->options[o];
    int64_t sum = 0;
    for (size_t i = 0; i < count->term_count; i++) {
        const struct term *term = &count->terms[i];
        int64_t value = 1;
        if (term->option != o)
            continue;
        if (term->attribute && c < option->choice_count)
            value = cw_attribute_value(option->choices[c].attributes,
                                       option->choices[c].attribute_count, term->attribute);
        else if (term->attribute)
            value =
                cw_attribute_value(option->attributes, option->attribute_count, term->attribute);
        sum = add(count, sum, multiply(count, term->sign, value));
    }
    return sum;
}

static struct branch *branch_adding(struct level *level, int64_t value) {
    for (size_t i = 0; i < level->branch_count; i++) {
        if (level->branches[i].add == value)
            return &level->branches[i];
    }
    struct branch *branch = &level->branches[level->branch_count++];
    branch->add = value;
    return branch;
}

static void add_choices(struct count *count, uint32_t o) {
    const struct cw_option *option = &count->writer->product->options[o];
    struct level *level = NULL;
    for (uint32_t c = 0; c < option->choice_count; c++) {
        int64_t value = added_by(count, o, c);
        if (value == 0)
            continue;
        if (!level || option->kind == CW_OPTION_MULTI) /* members are independent */
            level = add_level(count, o, option->kind == CW_OPTION_MULTI ? 1 : option->choice_count);
        cw_mask_add(&branch_adding(level, value)->mask, c);
    }
}

static void add_flag(struct count *count, uint32_t o) {
    int64_t value = added_by(count, o, 1);
    if (value != 0)
        cw_mask_add(&branch_adding(add_level(count, o, 1), value)->mask, 1);
}

static void add_number(struct count *count, uint32_t o) {
    const struct cw_option *option = &count->writer->product->options[o];
    int64_t factor = added_by(count, o, 0);
    int64_t values = (option->number_max - option->number_min) / option->number_step + 1;
    if (factor == 0)
        return;
    if (values > NUMBERS) {
        count->too_much |= count->last != CW_NONE;
        count->last = o;
        count->factor = factor;
        return;
    }
    struct level *level = add_level(count, o, (size_t)values);
    for (int64_t i = 0; i < values; i++) {
        struct branch *branch = &level->branches[level->branch_count++];
        branch->number = option->number_min + i * option->number_step;
        branch->add = multiply(count, factor, branch->number);
    }
}

static bool named_before(const struct count *count, size_t term) {
    for (size_t i = 0; i < term; i++) {
        if (count->terms[i].option == count->terms[term].option)
            return true;
    }
    return false;
}

static void add_terms(struct count *count) {
    for (size_t i = 0; i < count->term_count && !count->too_much; i++) {
        uint32_t o = count->terms[i].option;
        if (named_before(count, i))
            continue;
        switch (count->writer->product->options[o].kind) {
        case CW_OPTION_CHOICE:
        case CW_OPTION_MULTI:
            add_choices(count, o);
            break;
        case CW_OPTION_FLAG:
            add_flag(count, o);
            break;
        case CW_OPTION_NUMBER:
            add_number(count, o);
            break;
        default: /* counts nothing */
            break;
        }
    }
}

static void add_conditions(struct count *count) {
    for (size_t i = 0; i < count->rule->cond_count && !count->too_much; i++) {
        struct level *level = add_level(count, CW_NONE, 1);
        level->branches[level->branch_count++] =
            (struct branch){.cond = &count->rule->conds[i], .add = 1};
    }
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static void set_bounds(struct count *count, enum cw_compare_op op, int64_t value) {
    bool below = op == CW_OP_LT || op == CW_OP_LE, above = op == CW_OP_GT || op == CW_OP_GE;
    int64_t shift = op == CW_OP_LT ? -1 : op == CW_OP_GT ? 1 : 0;
    count->low = below ? INT64_MIN : add(count, value, shift);
    count->high = above ? INT64_MAX : add(count, value, shift);
    count->outside = op == CW_OP_NE;
}

static void sum_rest(struct count *count) {
    int64_t least = 0, most = 0;
    if (count->last != CW_NONE) {
        const struct cw_option *option = &count->writer->product->options[count->last];
        int64_t a = multiply(count, count->factor, option->number_min);
        int64_t b = multiply(count, count->factor, option->number_max);
        least = a < b ? a : b;
        most = a < b ? b : a;
        if (option->active_if && least > 0)
            least = 0;
        if (option->active_if && most < 0)
            most = 0;
    }
    count->least[count->level_count] = least;
    count->most[count->level_count] = most;
    for (size_t l = count->level_count; l-- > 0;) {
        int64_t down = 0, up = 0;
        for (size_t i = 0; i < count->levels[l].branch_count; i++) {
            int64_t value = count->levels[l].branches[i].add;
            down = value < down ? value : down;
            up = value > up ? value : up;
        }
        count->least[l] = add(count, count->least[l + 1], down);
        count->most[l] = add(count, count->most[l + 1], up);
    }
}

/* ---- states ---------------------------------------------------------------------------------- */

struct states { /* sums that reach a level, ascending */
    size_t count;
    int64_t *sums;
};

static void reach(struct count *count, struct states *states, int64_t sum) {
    size_t low = 0, high = states->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (states->sums[middle] < sum)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < states->count && states->sums[low] == sum)
        return;
    if (count->state_count == CW_SELECTION_SCHEMA_STATES) {
        count->too_much = true;
        return;
    }
    memmove(&states->sums[low + 1], &states->sums[low],
            (states->count - low) * sizeof *states->sums);
    states->sums[low] = sum;
    states->count++;
    count->state_count++;
}

/* The schema of a sum at a level: true, false, or a reference to its state, which is kept. */
static void put_sum(struct count *count, size_t level, int64_t sum, struct states *next,
                    struct cw_buf *buf) {
    int64_t least = add(count, sum, count->least[level]),
            most = add(count, sum, count->most[level]);
    if (least >= count->low && most <= count->high) {
        cw_buf_puts(buf, count->outside ? "false" : "true");
    } else if (most < count->low || least > count->high) {
        cw_buf_puts(buf, count->outside ? "true" : "false");
    } else {
        reach(count, next, sum);
        cw_buf_printf(buf, "{\"$ref\":\"#/$defs/rule:%s:%zu:%" PRId64 "\"}", count->rule->id, level,
                      sum);
    }
}

static void put_test(const struct count *count, const struct level *level,
                     const struct branch *branch, struct cw_buf *buf) {
    const struct cw_selection_writer *w = count->writer;
    if (level->option == CW_NONE)
        cw_selection_put_cond(w, branch->cond, buf);
    else if (w->product->options[level->option].kind != CW_OPTION_NUMBER)
        cw_selection_put_mask(w, level->option, &branch->mask, buf);
    else
        cw_buf_printf(buf,
                      "{\"properties\":{\"%s\":{\"const\":%" PRId64 "}},\"required\":[\"%s\"]}",
                      w->product->options[level->option].id, branch->number,
                      w->product->options[level->option].id);
}

/* {"allOf":[{"if":test,"then":sum}…,{"anyOf":[test…,sum]}]} */
static void put_state(struct count *count, size_t l, int64_t sum, struct states *next) {
    const struct level *level = &count->levels[l];
    struct cw_buf *defs = count->defs;
    cw_buf_puts(defs, "{\"allOf\":[");
    for (size_t i = 0; i < level->branch_count; i++) {
        cw_buf_puts(defs, "{\"if\":");
        put_test(count, level, &level->branches[i], defs);
        cw_buf_puts(defs, ",\"then\":");
        put_sum(count, l + 1, add(count, sum, level->branches[i].add), next, defs);
        cw_buf_puts(defs, "},");
    }
    cw_buf_puts(defs, "{\"anyOf\":[");
    for (size_t i = 0; i < level->branch_count; i++) {
        put_test(count, level, &level->branches[i], defs);
        cw_buf_puts(defs, ",");
    }
    put_sum(count, l + 1, sum, next, defs);
    cw_buf_puts(defs, "]}]}");
}

/* The number that stands last must bring the sum into the interval. */
static void put_number(struct count *count, int64_t sum, struct cw_buf *buf) {
    const char *id = count->writer->product->options[count->last].id, *comma = "";
    int64_t first = count->factor > 0 ? count->low : count->high;
    int64_t end = count->factor > 0 ? count->high : count->low;
    cw_buf_printf(buf, "{\"properties\":{\"%s\":{", id);
    if (first != INT64_MIN && first != INT64_MAX) {
        int64_t room = add(count, first, -sum);
        cw_buf_printf(buf, "\"minimum\":%" PRId64, -cw_floor_div(-room, count->factor));
        comma = ",";
    }
    if (end != INT64_MIN && end != INT64_MAX)
        cw_buf_printf(buf, "%s\"maximum\":%" PRId64, comma,
                      cw_floor_div(add(count, end, -sum), count->factor));
    cw_buf_puts(buf, "}}}");
}

static void put_last(struct count *count, int64_t sum) {
    struct cw_buf *defs = count->defs;
    bool inside = sum >= count->low && sum <= count->high;
    cw_buf_puts(defs, "{\"if\":");
    cw_selection_put_active(count->writer, count->last, defs);
    cw_buf_puts(defs, count->outside ? ",\"then\":{\"not\":" : ",\"then\":");
    put_number(count, sum, defs);
    cw_buf_printf(defs, "%s,\"else\":%s}", count->outside ? "}" : "",
                  inside != count->outside ? "true" : "false");
}

static struct states states_new(const struct count *count) {
    size_t most = CW_SELECTION_SCHEMA_STATES;
    return (struct states){0, cw_arena_array(count->arena, most + 1, sizeof(int64_t))};
}

/* What is longer is left out anyway. */
static bool goes_on(const struct count *count) {
    return !count->too_much && count->defs->length <= CW_SELECTION_SCHEMA_BYTES;
}

static void put_states(struct count *count, struct cw_buf *buf) {
    struct states here = states_new(count), next = states_new(count);
    put_sum(count, 0, 0, &here, buf);
    for (size_t l = 0; here.count > 0 && goes_on(count); l++) {
        for (size_t i = 0; i < here.count && goes_on(count); i++) {
            cw_buf_printf(count->defs, ",\"rule:%s:%zu:%" PRId64 "\":", count->rule->id, l,
                          here.sums[i]);
            if (l < count->level_count)
                put_state(count, l, here.sums[i], &next);
            else
                put_last(count, here.sums[i]);
        }
        struct states done = here;
        here = next;
        next = (struct states){0, done.sums};
    }
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void read_compare(struct count *count) {
    const struct cw_rule *rule = count->rule;
    const struct cw_term *sides[] = {&rule->left, &rule->right};
    struct term *terms = cw_arena_array(count->arena, 2, sizeof *terms);
    int64_t value = 0;
    for (size_t i = 0; i < 2; i++) {
        int64_t sign = i == 0 ? 1 : -1;
        if (sides[i]->option == CW_NONE)
            value = add(count, value, multiply(count, -sign, sides[i]->constant));
        else
            terms[count->term_count++] = (struct term){sides[i]->option, sides[i]->attribute, sign};
    }
    count->terms = terms;
    set_bounds(count, rule->op, value);
    add_terms(count);
}

static void read_sum(struct count *count) {
    const struct cw_rule *rule = count->rule;
    struct term *terms = cw_arena_array(count->arena, rule->option_count + 1, sizeof *terms);
    for (size_t i = 0; i < rule->option_count; i++)
        terms[count->term_count++] = (struct term){rule->options[i], rule->attribute, 1};
    count->terms = terms;
    set_bounds(count, rule->op, rule->value);
    add_terms(count);
}

bool cw_selection_put_count(const struct cw_selection_writer *writer, const struct cw_rule *rule,
                            struct cw_buf *buf, struct cw_buf *ret_defs) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct count *count = cw_arena_alloc(arena, sizeof *count);
    count->arena = arena;
    count->writer = writer;
    count->rule = rule;
    count->last = CW_NONE;
    count->defs = ret_defs;
    if (rule->kind == CW_RULE_COMPARE) {
        read_compare(count);
    } else if (rule->kind == CW_RULE_SUM) {
        read_sum(count);
    } else {
        add_conditions(count);
        count->low = rule->min;
        count->high = rule->max;
    }
    sum_rest(count);
    if (!count->too_much)
        put_states(count, buf);
    return !count->too_much;
}
