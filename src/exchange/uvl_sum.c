/*
 * Responsible for: sums as rules of a product, and as conditions within other constraints.
 * Does not: make them of arithmetic (uvl_linear.c). Command line.
 */
#include "exchange/uvl_linear.h"

#include <stdio.h>
#include <string.h>

#define SPAN_MAX                                                                                   \
    INT64_C(1999999999) /* of a sum that stands within a condition: it becomes a factor */

static const char *sign_of(enum cw_uvl_op op) {
    static const char *const signs[] = {"<", "<=", "=", "!=", ">=", ">"};
    return signs[op - CW_UVL_LESS];
}

/* `name` counts `factor` for the feature, or for each unit of its number. */
static void add_count(struct cw_uvl_import *import, struct cw_uvl_count **list, const char *name,
                      int64_t factor) {
    struct cw_uvl_count *count = cw_arena_alloc(import->arena, sizeof *count);
    *count = (struct cw_uvl_count){name, factor, NULL};
    while (*list && strcmp((*list)->name, name) < 0)
        list = &(*list)->next;
    count->next = *list;
    *list = count;
}

/* The option that carries a term, as an item of the rule's list; a choice option only once. */
static void put_option(struct cw_buf *of, const struct cw_uvl_term *term, struct cw_names *seen) {
    const char *option = term->number ? term->feature->number_id : term->feature->option_id;
    if (!cw_names_add(seen, option, 0))
        return;
    cw_buf_puts(of, of->length > 1 ? "," : "");
    cw_buf_json(of, option);
}

/* A sum of nothing: true or false once and for all. */
static void add_constant(struct cw_uvl_import *import, const struct cw_draft_rule *rule,
                         const struct cw_uvl_sum *sum) {
    int64_t b = sum->bound;
    bool holds = sum->op == CW_UVL_LESS            ? 0 < b
                 : sum->op == CW_UVL_LESS_EQUAL    ? 0 <= b
                 : sum->op == CW_UVL_EQUAL         ? b == 0
                 : sum->op == CW_UVL_NOT_EQUAL     ? b != 0
                 : sum->op == CW_UVL_GREATER_EQUAL ? 0 >= b
                                                   : 0 > b;
    const char *root = import->model->root->condition;
    cw_draft_formula(&import->draft, rule,
                     holds ? root : cw_arena_printf(import->arena, "{\"not\":%s}", root));
}

/* `helper`: a flag that counts too, or NULL. */
static void add_rule(struct cw_uvl_import *import, const struct cw_draft_rule *rule,
                     const struct cw_uvl_sum *sum, const char *helper) {
    CW_AUTO_BUF struct cw_buf of = {0};
    const char *name = cw_arena_printf(import->arena, "k%u", ++import->sum_count);
    struct cw_names seen = {.arena = import->arena};
    cw_buf_puts(&of, "[");
    for (size_t i = 0; i < sum->count; i++) {
        const struct cw_uvl_term *term = &sum->terms[i];
        put_option(&of, term, &seen);
        add_count(import,
                  term->number ? &term->feature->number_counts : &term->feature->flag_counts, name,
                  term->factor);
    }
    if (helper) {
        cw_buf_puts(&of, of.length > 1 ? "," : "");
        cw_buf_json(&of, helper);
    }
    cw_buf_puts(&of, "]");
    cw_draft_sum(&import->draft, rule,
                 &(struct cw_draft_sum){name, of.data, sign_of(sum->op), sum->bound});
}

bool cw_uvl_add_sum(struct cw_uvl_import *import, const struct cw_draft_rule *rule,
                    const struct cw_uvl_sum *sum) {
    if (sum->count == 0)
        add_constant(import, rule, sum);
    else
        add_rule(import, rule, sum, NULL);
    return true;
}

/* ---- within conditions ----------------------------------------------------------------------- */

/* The least and the greatest value of the sum. At most CW_MAX_OPTIONS terms of 2e9 × 1e6 each do
 * not fit: terms are cut to what SPAN_MAX refuses anyway. */
static void span_of(const struct cw_uvl_sum *sum, int64_t *ret_least, int64_t *ret_most) {
    *ret_least = *ret_most = 0;
    for (size_t i = 0; i < sum->count; i++) {
        const struct cw_uvl_term *t = &sum->terms[i];
        int64_t low = t->number && t->feature->number_min < 0 ? t->feature->number_min : 0;
        int64_t high = !t->number ? 1 : t->feature->number_max > 0 ? t->feature->number_max : 0;
        int64_t least = t->factor * (t->factor > 0 ? low : high);
        int64_t most = t->factor * (t->factor > 0 ? high : low);
        *ret_least += least < -2 * SPAN_MAX ? -2 * SPAN_MAX : least;
        *ret_most += most > 2 * SPAN_MAX ? 2 * SPAN_MAX : most;
    }
}

/*
 * A flag that is true exactly when the sum is at most the bound: with M and m beyond what the sum
 * can miss the bound by, sum + M × flag <= bound + M and sum + m × flag >= bound + 1.
 */
static const char *add_at_most(struct cw_uvl_import *import, const struct cw_uvl_sum *sum,
                               int64_t bound, const struct cw_spot *spot) {
    int64_t least, most;
    span_of(sum, &least, &most);
    if (most - least > SPAN_MAX || bound - least > SPAN_MAX || most - bound > SPAN_MAX) {
        cw_spot_fault(import->faults, "uvl.constraint", *spot, "",
                      "the numbers are too large within a condition");
        return NULL;
    }
    int64_t above = most > bound ? most - bound : 0;
    int64_t below = bound + 1 > least ? bound + 1 - least : 0;
    uint32_t first = import->sum_count + 1;
    const char *id = cw_arena_printf(import->arena, "sum.at-most%u", first);
    CW_AUTO_BUF struct cw_buf counts = {0};
    const char *names[2] = {cw_arena_printf(import->arena, "k%u", first),
                            cw_arena_printf(import->arena, "k%u", first + 1)};
    bool swap = strcmp(names[0], names[1]) > 0; /* k9, k10: canonical order is that of bytes */
    cw_buf_printf(&counts, "{\"%s\":%lld,\"%s\":%lld}", names[swap],
                  (long long)(swap ? below : above), names[!swap],
                  (long long)(swap ? above : below));
    struct cw_draft_rule rule = {cw_arena_printf(import->arena, "%s.if", id), import->text};
    struct cw_uvl_sum half = *sum;
    half.op = CW_UVL_LESS_EQUAL;
    half.bound = bound + above;
    add_rule(import, &rule, &half, id);
    half.op = CW_UVL_GREATER_EQUAL;
    half.bound = bound + 1;
    rule.id = cw_arena_printf(import->arena, "%s.only-if", id);
    add_rule(import, &rule, &half, id);
    cw_draft_flag(
        &import->helpers,
        &(struct cw_draft_option){.id = id, .title = import->text, .attributes = counts.data});
    return id;
}

/* "The sum is at most this", and that it is not. */
struct at_most {
    const char *yes, *no; /* conditions; NULL: a fault was told */
};

/* Conditions on the number of a feature that is there: some of its range, which a product document
 * asks for (never all or nothing of it). */
static const char *range_of(struct cw_uvl_import *import, const struct cw_uvl_term *term,
                            int64_t bound) {
    const struct cw_uvl_feature *f = term->feature;
    bool upper = term->factor > 0;
    int64_t end = upper ? cw_floor_div(bound, term->factor) : -cw_floor_div(bound, -term->factor);
    if (upper ? end < f->number_min : end > f->number_max)
        return cw_arena_printf(import->arena, "{\"not\":%s}", import->model->root->condition);
    if (upper ? end >= f->number_max : end <= f->number_min)
        return f->condition;
    return cw_arena_printf(import->arena, "{\"%s\":{\"%s\":%lld}}", f->number_id,
                           upper ? "lte" : "gte", (long long)end);
}

/* One number alone; while its feature is away it counts 0. */
static struct at_most number_at_most(struct cw_uvl_import *import, const struct cw_uvl_term *term,
                                     int64_t bound) {
    const struct cw_uvl_feature *f = term->feature;
    const char *yes = range_of(import, term, bound);
    if (!f->always && bound >= 0)
        yes = cw_arena_printf(import->arena, "{\"any\":[{\"not\":%s},%s]}", f->condition, yes);
    return (struct at_most){yes, cw_arena_printf(import->arena, "{\"not\":%s}", yes)};
}

static struct at_most at_most(struct cw_uvl_import *import, const struct cw_uvl_sum *sum,
                              int64_t bound, const struct cw_spot *spot) {
    if (sum->count == 1 && sum->terms[0].number) {
        return number_at_most(import, &sum->terms[0], bound);
    }
    const char *id = add_at_most(import, sum, bound, spot);
    return id ? (struct at_most){cw_arena_printf(import->arena, "{\"%s\":true}", id),
                                 cw_arena_printf(import->arena, "{\"%s\":false}", id)}
              : (struct at_most){NULL, NULL};
}

bool cw_uvl_put_sum(struct cw_uvl_import *import, const struct cw_uvl_sum *sum, bool wanted,
                    struct cw_spot spot, struct cw_buf *buf) {
    bool pair = sum->op == CW_UVL_EQUAL || sum->op == CW_UVL_NOT_EQUAL;
    bool from_above = sum->op == CW_UVL_GREATER || sum->op == CW_UVL_GREATER_EQUAL;
    int64_t bound =
        sum->op == CW_UVL_LESS || sum->op == CW_UVL_GREATER_EQUAL ? sum->bound - 1 : sum->bound;
    struct at_most upper = at_most(import, sum, bound, &spot);
    if (!upper.yes)
        return false;
    if (!pair) {
        cw_buf_puts(buf, wanted != from_above ? upper.yes : upper.no);
        return true;
    }
    struct at_most lower = at_most(import, sum, bound - 1, &spot);
    if (!lower.yes)
        return false;
    bool equal = wanted == (sum->op == CW_UVL_EQUAL);
    cw_buf_printf(buf, "{\"%s\":[%s,%s]}", equal ? "all" : "any", equal ? upper.yes : upper.no,
                  equal ? lower.no : lower.yes);
    return true;
}
