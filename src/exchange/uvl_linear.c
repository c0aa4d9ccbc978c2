/*
 * Responsible for: arithmetic of UVL constraints, as sums of attributes in rules.
 * Does not: parse; Boolean structure (uvl_condition.c). Command line.
 *
 * A comparison becomes Σ factor × (1 while the feature is there | its number) OP bound. Each such
 * sum has an attribute name of its own, which the options it speaks of carry with their factor: the
 * rule `sum` adds up what is chosen. What is away counts 0, in UVL and in a product.
 */
#include "exchange/uvl_linear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND_MAX INT64_C(1000000000000000) /* whole in JSON, and adding two never overflows */

struct form { /* Σ terms + constant, with fractions */
    struct cw_uvl_import *import;
    size_t count, capacity;
    struct part {
        struct cw_uvl_feature *feature;
        bool number;
        struct cw_uvl_ratio factor;
    } * parts;
    struct cw_uvl_ratio constant;
    bool failed;
};

/* ---- fractions ------------------------------------------------------------------------------- */

static int64_t divisor(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* INT64_MIN is left out, so that a sign can always be turned. */
static bool make_ratio(int64_t over, int64_t under, struct cw_uvl_ratio *ret) {
    if (over == INT64_MIN || under <= 0)
        return false;
    int64_t common = divisor(over, under);
    *ret = (struct cw_uvl_ratio){over / common, under / common};
    return true;
}

static bool ratio_times(struct cw_uvl_ratio a, struct cw_uvl_ratio b, struct cw_uvl_ratio *ret) {
    int64_t first = divisor(a.over, b.under), second = divisor(b.over, a.under);
    int64_t over, under;
    return !__builtin_mul_overflow(a.over / first, b.over / second, &over) &&
           !__builtin_mul_overflow(a.under / second, b.under / first, &under) &&
           make_ratio(over, under, ret);
}

static bool ratio_plus(struct cw_uvl_ratio a, struct cw_uvl_ratio b, struct cw_uvl_ratio *ret) {
    int64_t common = divisor(a.under, b.under);
    int64_t left, right, over, under;
    return !__builtin_mul_overflow(a.over, b.under / common, &left) &&
           !__builtin_mul_overflow(b.over, a.under / common, &right) &&
           !__builtin_add_overflow(left, right, &over) &&
           !__builtin_mul_overflow(a.under, b.under / common, &under) &&
           make_ratio(over, under, ret);
}

bool cw_uvl_ratio_read(const char *digits, struct cw_uvl_ratio *ret) {
    bool negative = *digits == '-', fraction = false;
    int64_t over = 0, under = 1;
    for (const char *c = digits + negative; *c; c++) {
        if (*c == '.') {
            fraction = true;
            continue;
        }
        if (__builtin_mul_overflow(over, 10, &over) ||
            __builtin_add_overflow(over, *c - '0', &over) ||
            (fraction && __builtin_mul_overflow(under, 10, &under)))
            return false;
    }
    return make_ratio(negative ? -over : over, under, ret);
}

/* ---- from the tree --------------------------------------------------------------------------- */

static void refuse(struct form *form, const struct cw_uvl_expr *e, const char *message) {
    if (!form->failed)
        cw_spot_fault(form->import->faults, "uvl.constraint", e->spot, "", "%s", message);
    form->failed = true;
}

static void check(struct form *form, const struct cw_uvl_expr *e, bool fits) {
    if (!fits)
        refuse(form, e, "the numbers are too large, or have too many digits");
}

static void add_part(struct form *form, struct part part) {
    form->parts = cw_arena_grow(form->import->arena, form->parts, form->count, &form->capacity,
                                sizeof *form->parts);
    form->parts[form->count++] = part;
}

static const struct cw_uvl_attribute *find_attribute(const struct cw_uvl_feature *feature,
                                                     const char *name) {
    const struct cw_uvl_attribute *a = feature->attributes;
    while (a && strcmp(a->name, name) != 0)
        a = a->next;
    return a;
}

/* scale × (the attribute's value + offset), while the feature is there. */
static void add_attribute(struct form *form, const struct cw_uvl_expr *e,
                          struct cw_uvl_feature *feature, struct cw_uvl_ratio scale,
                          struct cw_uvl_ratio offset) {
    const struct cw_uvl_attribute *a =
        find_attribute(feature, e->op == CW_UVL_REFERENCE ? e->member : e->name);
    struct cw_uvl_ratio value;
    if (a->kind != CW_UVL_DIGITS) {
        refuse(form, e, "the attribute is not a number everywhere");
        return;
    }
    bool fits = cw_uvl_ratio_read(a->digits, &value) && ratio_plus(value, offset, &value) &&
                ratio_times(value, scale, &value);
    check(form, e, fits);
    if (fits && value.over)
        add_part(form, (struct part){feature, feature->counted && feature->number_id, value});
}

static void add_reference(struct form *form, const struct cw_uvl_expr *e,
                          struct cw_uvl_ratio scale) {
    struct cw_uvl_feature *feature = cw_uvl_find(form->import, e);
    if (!feature) {
        form->failed = true;
    } else if (e->member && !find_attribute(feature, e->member)) {
        cw_spot_fault(form->import->faults, "uvl.unknown", e->spot, "",
                      "feature '%.100s' has no attribute '%.100s'", e->name, e->member);
        form->failed = true;
    } else if (e->member) {
        add_attribute(form, e, feature, scale, (struct cw_uvl_ratio){0, 1});
    } else if (feature->type == CW_UVL_INTEGER) {
        add_part(form, (struct part){feature, true, scale});
    } else {
        refuse(form, e, "a feature without a number has no place in arithmetic");
    }
}

static bool is_below(const struct cw_uvl_feature *feature, const struct cw_uvl_feature *top) {
    while (feature && feature != top)
        feature = feature->parent;
    return feature == top;
}

static bool is_always_there(const struct cw_uvl_feature *feature) {
    while (feature->group && feature->group->kind == CW_UVL_MANDATORY)
        feature = feature->parent;
    return !feature->parent;
}

/* Σ scale × (value + offset) of every feature that has the attribute. Returns whether one of them
 * is always there. */
static bool add_sum(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio scale,
                    struct cw_uvl_ratio offset) {
    const struct cw_uvl_model *model = form->import->model;
    const struct cw_uvl_feature *top = NULL;
    bool found = false, always = false;
    if (e->member) {
        uint32_t number = cw_names_find(&model->names, e->member);
        top = number == CW_NAMES_NONE ? NULL : model->features[number];
        found = top == NULL;
    }
    for (size_t i = 0; i < model->feature_count && !form->failed; i++) {
        struct cw_uvl_feature *f = model->features[i];
        if ((e->member && (!top || !is_below(f, top))) || !find_attribute(f, e->name))
            continue;
        add_attribute(form, e, f, scale, offset);
        found = true;
        always = always || is_always_there(f);
    }
    if (!found || (e->member && !top)) {
        cw_spot_fault(form->import->faults, "uvl.unknown", e->spot, "",
                      e->member && !top ? "there is no feature '%.100s'"
                                        : "no feature here has an attribute '%.100s'",
                      e->member && !top ? e->member : e->name);
        form->failed = true;
    }
    return always;
}

static void add_expr(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio scale);

/* The value of a part without features. */
static bool constant_of(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio *ret) {
    struct form inner = {.import = form->import, .constant = {0, 1}};
    add_expr(&inner, e, (struct cw_uvl_ratio){1, 1});
    form->failed = form->failed || inner.failed;
    *ret = inner.constant;
    return inner.count == 0 && !inner.failed;
}

static bool has_names(const struct cw_uvl_expr *e) {
    if (e->op == CW_UVL_REFERENCE || e->op == CW_UVL_SUM || e->op == CW_UVL_AVERAGE)
        return true;
    for (const struct cw_uvl_expr *part = e->parts; part; part = part->next) {
        if (has_names(part))
            return true;
    }
    return false;
}

static void add_product(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio scale) {
    const struct cw_uvl_expr *left = e->parts, *right = e->parts->next;
    bool divide = e->op == CW_UVL_DIVIDE;
    if (!divide && has_names(right)) {
        const struct cw_uvl_expr *swap = left;
        left = right;
        right = swap;
    }
    struct cw_uvl_ratio factor;
    if (has_names(right)) {
        refuse(form, e,
               divide ? "this divides by what is chosen: not linear"
                      : "this multiplies what is chosen: not linear");
        return;
    }
    if (!constant_of(form, right, &factor))
        return;
    if (divide && factor.over == 0) {
        refuse(form, e, "this divides by 0");
        return;
    }
    if (divide)
        factor = factor.over < 0 ? (struct cw_uvl_ratio){-factor.under, -factor.over}
                                 : (struct cw_uvl_ratio){factor.under, factor.over};
    bool fits = ratio_times(scale, factor, &scale);
    check(form, e, fits);
    if (fits)
        add_expr(form, left, scale);
}

static void add_literal(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio scale) {
    struct cw_uvl_ratio value;
    check(form, e,
          cw_uvl_ratio_read(e->name, &value) && ratio_times(value, scale, &value) &&
              ratio_plus(form->constant, value, &form->constant));
}

static void add_expr(struct form *form, const struct cw_uvl_expr *e, struct cw_uvl_ratio scale) {
    if (form->failed)
        return;
    switch (e->op) {
    case CW_UVL_LITERAL:
        add_literal(form, e, scale);
        return;
    case CW_UVL_REFERENCE:
        add_reference(form, e, scale);
        return;
    case CW_UVL_ADD:
        for (const struct cw_uvl_expr *part = e->parts; part; part = part->next)
            add_expr(form, part, scale);
        return;
    case CW_UVL_NEGATE:
        add_expr(form, e->parts, (struct cw_uvl_ratio){-scale.over, scale.under});
        return;
    case CW_UVL_MULTIPLY:
    case CW_UVL_DIVIDE:
        add_product(form, e, scale);
        return;
    case CW_UVL_SUM:
        (void)add_sum(form, e, scale, (struct cw_uvl_ratio){0, 1});
        return;
    case CW_UVL_AVERAGE:
        refuse(form, e, "an average is only linear when it is compared, alone, with a number");
        return;
    default:
        refuse(form, e, "this is no number a product can add up");
    }
}

/* avg(x) OP c is Σ (value - c) OP 0 when there is always something to take the average of. */
static void add_average(struct form *form, const struct cw_uvl_expr *average,
                        const struct cw_uvl_expr *other, struct cw_uvl_ratio scale) {
    struct cw_uvl_ratio limit;
    if (has_names(other)) {
        refuse(form, average,
               "an average is only linear when it is compared, alone, with a number");
        return;
    }
    if (!constant_of(form, other, &limit))
        return;
    limit.over = -limit.over;
    if (!add_sum(form, average, scale, limit) && !form->failed)
        refuse(form, average,
               "the average may be of nothing: no feature with the attribute is always there");
}

/* ---- whole numbers --------------------------------------------------------------------------- */

static int by_feature(const void *left, const void *right) {
    const struct part *a = left, *b = right;
    if (a->feature->number != b->feature->number)
        return a->feature->number < b->feature->number ? -1 : 1;
    return (int)a->number - (int)b->number;
}

/* Parts of the same thing become one. */
static bool merge(struct form *form) {
    size_t kept = 0;
    if (form->count)
        qsort(form->parts, form->count, sizeof *form->parts, by_feature);
    for (size_t i = 0; i < form->count; i++) {
        struct part *last = kept ? &form->parts[kept - 1] : NULL;
        if (last && by_feature(last, &form->parts[i]) == 0) {
            if (!ratio_plus(last->factor, form->parts[i].factor, &last->factor))
                return false;
            continue;
        }
        form->parts[kept++] = form->parts[i];
    }
    form->count = kept;
    return true;
}

static bool scaled(struct cw_uvl_ratio r, int64_t by, int64_t most, int64_t *ret) {
    return !__builtin_mul_overflow(r.over, by / r.under, ret) && *ret <= most && *ret >= -most;
}

static bool make_whole(struct form *form, struct cw_uvl_sum *ret) {
    int64_t by = form->constant.under;
    if (!merge(form))
        return false;
    for (size_t i = 0; i < form->count; i++) {
        int64_t under = form->parts[i].factor.under;
        if (__builtin_mul_overflow(by / divisor(by, under), under, &by) || by > CW_UVL_FACTOR)
            return false;
    }
    ret->terms = cw_arena_array(form->import->arena, form->count + 1, sizeof *ret->terms);
    ret->count = 0;
    for (size_t i = 0; i < form->count; i++) {
        struct cw_uvl_term *term = &ret->terms[ret->count];
        *term = (struct cw_uvl_term){form->parts[i].feature, form->parts[i].number, 0};
        if (!scaled(form->parts[i].factor, by, CW_UVL_FACTOR, &term->factor))
            return false;
        ret->count += term->factor != 0;
    }
    form->constant.over = -form->constant.over;
    return scaled(form->constant, by, BOUND_MAX, &ret->bound);
}

bool cw_uvl_make_sum(struct cw_uvl_import *import, const struct cw_uvl_expr *e,
                     struct cw_uvl_sum *ret) {
    struct form form = {.import = import, .constant = {0, 1}};
    const struct cw_uvl_expr *left = e->parts, *right = e->parts->next;
    const struct cw_uvl_ratio one = {1, 1}, minus = {-1, 1};
    if (left->op == CW_UVL_AVERAGE) {
        add_average(&form, left, right, one);
    } else if (right->op == CW_UVL_AVERAGE) {
        add_average(&form, right, left, minus);
    } else {
        add_expr(&form, left, one);
        add_expr(&form, right, minus);
    }
    ret->op = e->op;
    if (!form.failed)
        check(&form, e, make_whole(&form, ret));
    return !form.failed;
}
