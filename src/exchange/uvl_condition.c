/*
 * Responsible for: UVL constraints as conditions and rules of a product.
 * Does not: arithmetic (uvl_linear.c). Command line.
 *
 * Conditions are written in negation normal form: a feature that must be away is "not" its
 * condition, because a condition on an inactive option is false either way. Nested & and | become
 * one list; => is an |; <=> below other operators is written out.
 */
#include "exchange/uvl_import.h"

#include <stdio.h>

#include "cordwain/limits.h"
#include "exchange/uvl_linear.h"

/* What is around a condition takes some of CW_JSON_DEPTH; a list takes two. */
#define LISTS ((CW_JSON_DEPTH - 8) / 2)

struct writer {
    struct cw_uvl_import *import;
    struct cw_buf *buf;
    struct cw_spot spot; /* of the whole */
    unsigned lists;      /* open ones */
    bool failed;
};

static void put(struct writer *w, const struct cw_uvl_expr *e, bool wanted);

static void refuse(struct writer *w, const char *code, const char *hint, const char *message) {
    if (!w->failed)
        cw_spot_fault(w->import->faults, code, w->spot, hint, "%s", message);
    w->failed = true;
}

struct cw_uvl_feature *cw_uvl_find(struct cw_uvl_import *import, const struct cw_uvl_expr *e) {
    uint32_t number = cw_names_find(&import->model->names, e->name);
    if (number != CW_NAMES_NONE)
        return import->model->features[number];
    cw_spot_fault(import->faults, "uvl.unknown", e->spot, "", "there is no feature '%.200s'",
                  e->name);
    return NULL;
}

bool cw_uvl_is_comparison(const struct cw_uvl_expr *e) {
    return e->op >= CW_UVL_LESS && e->op <= CW_UVL_GREATER;
}

static void put_feature(struct writer *w, const struct cw_uvl_expr *e, bool wanted) {
    if (e->member) {
        cw_spot_fault(w->import->faults, "uvl.constraint", e->spot,
                      "compare it with a number, or name the feature alone",
                      "an attribute is neither true nor false here");
        w->failed = true;
        return;
    }
    const struct cw_uvl_feature *feature = cw_uvl_find(w->import, e);
    if (!feature) {
        w->failed = true;
        return;
    }
    cw_buf_puts(w->buf, wanted ? "" : "{\"not\":");
    cw_buf_puts(w->buf, feature->condition);
    cw_buf_puts(w->buf, wanted ? "" : "}");
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool is_list(const struct cw_uvl_expr *e) {
    return e->op == CW_UVL_AND || e->op == CW_UVL_OR || e->op == CW_UVL_IMPLIES;
}

static bool is_all(const struct cw_uvl_expr *e, bool wanted) {
    return (e->op == CW_UVL_AND) == wanted;
}

/* Put e into an open list; lists of the same kind are put in item by item. */
static void put_items(struct writer *w, const struct cw_uvl_expr *e, bool wanted, bool all,
                      size_t *count) {
    if (w->failed)
        return;
    if (e->op == CW_UVL_NOT) {
        put_items(w, e->parts, !wanted, all, count);
        return;
    }
    if (is_list(e) && is_all(e, wanted) == all) {
        for (const struct cw_uvl_expr *part = e->parts; part; part = part->next) {
            bool turned = e->op == CW_UVL_IMPLIES && part == e->parts;
            put_items(w, part, turned ? !wanted : wanted, all, count);
        }
        return;
    }
    if (*count == CW_MAX_RULE_CONDITIONS) {
        refuse(w, "uvl.too_large", "write it as several constraints",
               "the constraint has too many parts in a row");
        return;
    }
    cw_buf_puts(w->buf, (*count)++ ? "," : "");
    put(w, e, wanted);
}

static void open_list(struct writer *w, bool all) {
    cw_buf_puts(w->buf, all ? "{\"all\":[" : "{\"any\":[");
    if (++w->lists > LISTS)
        refuse(w, "uvl.too_deep", "name a part of it: add an abstract feature for it",
               "the constraint is nested too deeply for a product's rules");
}

static void close_list(struct writer *w) {
    cw_buf_puts(w->buf, "]}");
    w->lists--;
}

static void put_list(struct writer *w, const struct cw_uvl_expr *e, bool wanted) {
    size_t count = 0;
    bool all = is_all(e, wanted);
    open_list(w, all);
    put_items(w, e, wanted, all, &count);
    close_list(w);
}

/* a <=> b: both or neither; unwanted: exactly one. */
static void put_iff(struct writer *w, const struct cw_uvl_expr *e, bool wanted) {
    open_list(w, false);
    for (int side = 1; side >= 0; side--) {
        size_t count = 0;
        cw_buf_puts(w->buf, side ? "" : ",");
        open_list(w, true);
        put_items(w, e->parts, side, true, &count);
        put_items(w, e->parts->next, wanted ? side : !side, true, &count);
        close_list(w);
    }
    close_list(w);
}

static void put_comparison(struct writer *w, const struct cw_uvl_expr *e, bool wanted) {
    struct cw_uvl_sum sum;
    w->failed = !cw_uvl_make_sum(w->import, e, &sum) ||
                !cw_uvl_put_sum(w->import, &sum, wanted, e->spot, w->buf);
}

static void put(struct writer *w, const struct cw_uvl_expr *e, bool wanted) {
    if (w->failed)
        return;
    if (++w->import->conditions > CW_UVL_CONDITIONS) {
        refuse(w, "uvl.too_large", "name the sides of its <=>: add an abstract feature for each",
               "the constraint is too large when it is written out");
        return;
    }
    if (e->op == CW_UVL_REFERENCE)
        put_feature(w, e, wanted);
    else if (e->op == CW_UVL_NOT)
        put(w, e->parts, !wanted);
    else if (is_list(e))
        put_list(w, e, wanted);
    else if (e->op == CW_UVL_IFF)
        put_iff(w, e, wanted);
    else if (cw_uvl_is_comparison(e))
        put_comparison(w, e, wanted);
    else {
        w->spot = e->spot;
        refuse(w, "uvl.constraint", "", "this is neither true nor false");
    }
}

bool cw_uvl_put_condition(struct cw_uvl_import *import, const struct cw_uvl_expr *e, bool wanted,
                          struct cw_buf *buf) {
    struct writer w = {.import = import, .buf = buf, .spot = e->spot};
    put(&w, e, wanted);
    return !w.failed;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool has_comparison(const struct cw_uvl_expr *e) {
    const struct cw_uvl_expr *part = e->parts;
    while (part && !cw_uvl_is_comparison(part))
        part = part->next;
    return part != NULL;
}

static bool add_rule(struct cw_uvl_import *import, const struct cw_uvl_expr *e) {
    CW_AUTO_BUF struct cw_buf left = {0};
    CW_AUTO_BUF struct cw_buf right = {0};
    char id[24];
    snprintf(id, sizeof id, "k%u", ++import->constraint_count);
    struct cw_draft_rule rule = {id, import->text};
    struct cw_uvl_sum sum;
    if (cw_uvl_is_comparison(e))
        return cw_uvl_make_sum(import, e, &sum) && cw_uvl_add_sum(import, &rule, &sum);
    if (e->op != CW_UVL_IMPLIES && e->op != CW_UVL_IFF) {
        if (!cw_uvl_put_condition(import, e, true, &left))
            return false;
        cw_draft_formula(&import->draft, &rule, left.data);
        return true;
    }
    if (!cw_uvl_put_condition(import, e->parts, true, &left) ||
        !cw_uvl_put_condition(import, e->parts->next, true, &right))
        return false;
    if (e->op == CW_UVL_IMPLIES)
        cw_draft_requires(&import->draft, &rule, left.data, right.data);
    else
        cw_draft_iff(&import->draft, &rule, left.data, right.data);
    return true;
}

bool cw_uvl_add_constraint(struct cw_uvl_import *import,
                           const struct cw_uvl_constraint *constraint) {
    const struct cw_uvl_expr *e = constraint->expr;
    bool fine = true;
    import->conditions = 0;
    import->text = constraint->text;
    if (e->op != CW_UVL_AND || !has_comparison(e))
        return add_rule(import, e);
    for (const struct cw_uvl_expr *part = e->parts; part; part = part->next)
        fine = add_rule(import, part) && fine; /* a comparison alone needs no helper */
    return fine;
}
