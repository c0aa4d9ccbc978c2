/*
 * Responsible for: the numbers a UVL feature may have: an Integer's, or how often a feature with a
 * cardinality is there. Does not: rules. Command line.
 *
 * UVL gives an Integer no range. It is taken from the feature's attributes min, max and step, or
 * from constraints that compare the feature alone with a whole number.
 */
#include "exchange/uvl_linear.h"

#include <string.h>

#define NUMBER_MAX 1000000 /* of a number option (schemas/product.schema.json) */
#define OPEN       INT64_MAX

static bool refuse(struct cw_uvl_import *import, const char *code, struct cw_spot spot,
                   const char *hint, const char *message) {
    cw_spot_fault(import->faults, code, spot, hint, "%s", message);
    return false;
}

/* ---- Integer --------------------------------------------------------------------------------- */

static bool read_whole(const char *digits, int64_t *ret) {
    struct cw_uvl_ratio ratio;
    if (!cw_uvl_ratio_read(digits, &ratio) || ratio.under != 1)
        return false;
    *ret = ratio.over;
    return true;
}

static bool read_attributes(struct cw_uvl_import *import, struct cw_uvl_feature *f) {
    for (const struct cw_uvl_attribute *a = f->attributes; a; a = a->next) {
        int64_t *target = strcmp(a->name, "min") == 0    ? &f->number_min
                          : strcmp(a->name, "max") == 0  ? &f->number_max
                          : strcmp(a->name, "step") == 0 ? &f->number_step
                                                         : NULL;
        if (target && (a->kind != CW_UVL_DIGITS || !read_whole(a->digits, target)))
            return refuse(import, "uvl.type", a->spot, "",
                          "min, max and step of an Integer are whole numbers");
        f->min_given = f->min_given || target == &f->number_min;
        f->max_given = f->max_given || target == &f->number_max;
    }
    return true;
}

/* A whole literal, with or without a sign. */
static bool whole_literal(const struct cw_uvl_expr *e, int64_t *ret) {
    bool negative = e->op == CW_UVL_NEGATE;
    const struct cw_uvl_expr *literal = negative ? e->parts : e;
    if (literal->op != CW_UVL_LITERAL || !read_whole(literal->name, ret) || *ret > NUMBER_MAX + 1)
        return false;
    *ret = negative ? -*ret : *ret;
    return true;
}

static enum cw_uvl_op turned(enum cw_uvl_op op) {
    return op == CW_UVL_LESS            ? CW_UVL_GREATER
           : op == CW_UVL_LESS_EQUAL    ? CW_UVL_GREATER_EQUAL
           : op == CW_UVL_GREATER       ? CW_UVL_LESS
           : op == CW_UVL_GREATER_EQUAL ? CW_UVL_LESS_EQUAL
                                        : op;
}

/* feature OP number, or number OP feature, narrows the feature's range. */
static void narrow(struct cw_uvl_import *import, const struct cw_uvl_expr *e) {
    const struct cw_uvl_expr *left = e->parts, *right = e->parts->next;
    bool swap = right->op == CW_UVL_REFERENCE;
    const struct cw_uvl_expr *name = swap ? right : left;
    enum cw_uvl_op op = swap ? turned(e->op) : e->op;
    int64_t value;
    uint32_t number = name->op == CW_UVL_REFERENCE && !name->member
                          ? cw_names_find(&import->model->names, name->name)
                          : CW_NAMES_NONE;
    if (number == CW_NAMES_NONE || !whole_literal(swap ? left : right, &value))
        return;
    struct cw_uvl_feature *f = import->model->features[number];
    int64_t low = op == CW_UVL_GREATER ? value + 1 : value;
    int64_t high = op == CW_UVL_LESS ? value - 1 : value;
    if ((op == CW_UVL_GREATER || op == CW_UVL_GREATER_EQUAL || op == CW_UVL_EQUAL) &&
        !f->min_given && (f->number_min == OPEN || low > f->number_min))
        f->number_min = low;
    if ((op == CW_UVL_LESS || op == CW_UVL_LESS_EQUAL || op == CW_UVL_EQUAL) && !f->max_given &&
        (f->number_max == OPEN || high < f->number_max))
        f->number_max = high;
}

/* Every comparison that must hold by itself. */
static void narrow_all(struct cw_uvl_import *import, const struct cw_uvl_expr *e) {
    if (cw_uvl_is_comparison(e))
        narrow(import, e);
    for (const struct cw_uvl_expr *part = e->parts; e->op == CW_UVL_AND && part; part = part->next)
        narrow_all(import, part);
}

static bool check_integer(struct cw_uvl_import *import, struct cw_uvl_feature *f) {
    if (f->number_min == OPEN || f->number_max == OPEN)
        return refuse(import, "uvl.type", f->spot,
                      "write {min 0, max 100}, or constraints that say so",
                      "this Integer has no least or no greatest value");
    if (f->number_min > f->number_max || f->number_min < -NUMBER_MAX || f->number_max > NUMBER_MAX)
        return refuse(import, "uvl.type", f->spot, "",
                      "the values of an Integer lie between -1000000 and 1000000, min up to max");
    if (f->number_step > 1 && !f->min_given)
        return refuse(import, "uvl.type", f->spot, "give it the attribute min",
                      "an Integer with a step says where the steps begin");
    if (f->number_step < 1 || f->number_step > NUMBER_MAX)
        return refuse(import, "uvl.type", f->spot, "",
                      "the step of an Integer is between 1 and 1000000");
    return true;
}

/* ---- cardinality ----------------------------------------------------------------------------- */

/* A leaf that is there n to m times: a flag and how often. Below it everything would be there
 * several times too, each time another; that is no product. */
static bool check_copies(struct cw_uvl_import *import, struct cw_uvl_feature *f) {
    bool optional = !f->group || f->group->kind == CW_UVL_OPTIONAL;
    if (f->copies.min == 1 && f->copies.max == 1) {
        f->counted = false;
        return true;
    }
    if (f->groups || !f->group || f->type != CW_UVL_BOOLEAN)
        return refuse(import, "uvl.cardinality", f->spot, "",
                      "only a plain feature without others below it may be there several times");
    if (f->copies.max > NUMBER_MAX || f->copies.max == 0)
        return refuse(import, "uvl.cardinality", f->spot, "",
                      "a feature is there at least once and at most 1000000 times");
    if (f->copies.min == 0 && !optional)
        return refuse(import, "uvl.cardinality", f->spot, "put it into an optional group",
                      "a feature that may be there 0 times is optional");
    f->number_min = f->copies.min ? f->copies.min : 1;
    f->number_max = f->copies.max;
    f->number_step = 1;
    f->counted = f->number_min != f->number_max || f->number_min != 1;
    return true;
}

bool cw_uvl_find_ranges(struct cw_uvl_import *import) {
    struct cw_uvl_model *model = import->model;
    bool fine = true;
    for (size_t i = 0; i < model->feature_count; i++) {
        struct cw_uvl_feature *f = model->features[i];
        f->number_min = f->number_max = OPEN;
        f->number_step = 1;
        if (f->type == CW_UVL_INTEGER)
            fine = read_attributes(import, f) && fine;
        else if (f->type != CW_UVL_BOOLEAN)
            fine = refuse(import, "uvl.type", f->spot, "make it Boolean, or a bounded Integer",
                          "features of type String and Real are not supported");
    }
    for (const struct cw_uvl_constraint *c = model->constraints; c; c = c->next)
        narrow_all(import, c->expr);
    for (size_t i = 0; i < model->feature_count && fine; i++) {
        struct cw_uvl_feature *f = model->features[i];
        if (f->type == CW_UVL_INTEGER && !check_integer(import, f))
            fine = false;
        if (f->counted && !check_copies(import, f))
            fine = false;
    }
    return fine;
}
