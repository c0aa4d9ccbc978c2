/*
 * Responsible for: the form of UVL constraints, as trees.
 * Does not: ask whether names exist or sides fit (uvl_import.c). Command line.
 *
 * From loose to tight: <=>, =>, |, &, !, comparisons, + -, * /. All are left-associative, as the
 * order of alternatives in the grammar has it; "!" takes a whole comparison.
 */
#include "exchange/uvl.h"

#include <string.h>

static struct cw_uvl_expr *parse_level(struct cw_uvl_parser *p, size_t level);

static struct cw_uvl_expr *new_expr(struct cw_uvl_parser *p, enum cw_uvl_op op,
                                    struct cw_spot spot) {
    struct cw_uvl_expr *e = cw_arena_alloc(p->arena, sizeof *e);
    e->op = op;
    e->spot = spot;
    return e;
}

static struct cw_uvl_expr *too_deep(struct cw_uvl_parser *p) {
    if (!p->stopped)
        cw_spot_fault(p->faults, "uvl.too_deep", p->at->spot, "",
                      "the constraint is nested more than %d deep", CW_UVL_DEPTH);
    p->stopped = true;
    return NULL;
}

/* Append a part; NULL when the tree has become too deep. */
static struct cw_uvl_expr *add_part(struct cw_uvl_parser *p, struct cw_uvl_expr *whole,
                                    struct cw_uvl_expr *part, struct cw_uvl_expr **last) {
    if (whole->depth <= part->depth)
        whole->depth = part->depth + 1;
    if (whole->depth > CW_UVL_DEPTH)
        return too_deep(p);
    if (*last)
        (*last)->next = part;
    else
        whole->parts = part;
    *last = part;
    return whole;
}

static struct cw_uvl_expr *join(struct cw_uvl_parser *p, enum cw_uvl_op op, struct cw_spot spot,
                                struct cw_uvl_expr *left, struct cw_uvl_expr *right) {
    struct cw_uvl_expr *whole = new_expr(p, op, spot), *last = NULL;
    if (!add_part(p, whole, left, &last))
        return NULL;
    return right ? add_part(p, whole, right, &last) : whole;
}

/* ---- the tightest ---------------------------------------------------------------------------- */

static struct cw_uvl_expr *parse_reference(struct cw_uvl_parser *p) {
    struct cw_uvl_expr *e = new_expr(p, CW_UVL_REFERENCE, p->at->spot);
    e->name = cw_uvl_take_name(p, "a feature");
    if (e->name && cw_uvl_take(p, ".")) {
        e->member = cw_uvl_take_name(p, "an attribute");
        if (!e->member)
            return NULL;
    }
    if (e->name && cw_uvl_is(p, ".")) {
        cw_spot_fault(p->faults, "uvl.import", p->at->spot, "",
                      "attributes within attributes, and other files, are not supported");
        p->stopped = true;
        return NULL;
    }
    return e->name ? e : NULL;
}

/* sum(attribute), sum(feature, attribute), the same of avg; len, floor and ceil take anything. */
static struct cw_uvl_expr *parse_call(struct cw_uvl_parser *p) {
    bool sum = cw_uvl_is_word(p, "sum"), average = cw_uvl_is_word(p, "avg");
    struct cw_uvl_expr *e = new_expr(p,
                                     sum       ? CW_UVL_SUM
                                     : average ? CW_UVL_AVERAGE
                                               : CW_UVL_TEXT,
                                     p->at->spot);
    p->at += 2;
    struct cw_uvl_expr *first = parse_reference(p), *second = NULL;
    if (!first)
        return NULL;
    if (cw_uvl_take(p, ",")) {
        second = parse_reference(p);
        if (!second)
            return NULL;
    }
    e->name = second ? second->name : first->name;
    e->member = second ? first->name : NULL;
    if (first->member || (second && second->member)) {
        p->at--;
        (void)cw_uvl_expected(p, "the name of an attribute");
        return NULL;
    }
    if (!cw_uvl_take(p, ")")) {
        (void)cw_uvl_expected(p, "')'");
        return NULL;
    }
    return e;
}

static bool is_call(const struct cw_uvl_parser *p) {
    static const char *const words[] = {"sum", "avg", "len", "floor", "ceil"};
    if (p->at->kind != CW_UVL_NAME || p->at[1].kind != CW_UVL_OPERATOR ||
        strcmp(p->at[1].text, "(") != 0)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (cw_uvl_is_word(p, words[i]))
            return true;
    }
    return false;
}

static struct cw_uvl_expr *parse_primary(struct cw_uvl_parser *p) {
    if (cw_uvl_take(p, "(")) {
        if (++p->depth > CW_UVL_DEPTH)
            return too_deep(p);
        struct cw_uvl_expr *inner = parse_level(p, 0);
        p->depth--;
        if (inner && !cw_uvl_take(p, ")")) {
            (void)cw_uvl_expected(p, "')'");
            return NULL;
        }
        return inner;
    }
    if (p->at->kind == CW_UVL_NUMBER || p->at->kind == CW_UVL_STRING) {
        bool number = p->at->kind == CW_UVL_NUMBER;
        struct cw_uvl_expr *e = new_expr(p, number ? CW_UVL_LITERAL : CW_UVL_TEXT, p->at->spot);
        e->name = p->at++->text;
        return e;
    }
    return is_call(p) ? parse_call(p) : parse_reference(p);
}

/* A sign or "!" before what it holds for. */
static struct cw_uvl_expr *parse_prefixed(struct cw_uvl_parser *p, enum cw_uvl_op op,
                                          size_t level) {
    struct cw_spot spot = p->at++->spot;
    if (++p->depth > CW_UVL_DEPTH)
        return too_deep(p);
    struct cw_uvl_expr *part = parse_level(p, level);
    p->depth--;
    return part ? join(p, op, spot, part, NULL) : NULL;
}

/* ---- levels ---------------------------------------------------------------------------------- */

struct operation {
    const char *text;
    enum cw_uvl_op op;
};

#define LEVEL_NOT     4
#define LEVEL_PRIMARY 8

static const struct operation levels[][7] = {
    {{"<=>", CW_UVL_IFF}},
    {{"=>", CW_UVL_IMPLIES}},
    {{"|", CW_UVL_OR}},
    {{"&", CW_UVL_AND}},
    {{0}}, /* ! */
    {{"<", CW_UVL_LESS},
     {"<=", CW_UVL_LESS_EQUAL},
     {"==", CW_UVL_EQUAL},
     {"!=", CW_UVL_NOT_EQUAL},
     {">=", CW_UVL_GREATER_EQUAL},
     {">", CW_UVL_GREATER}},
    {{"+", CW_UVL_ADD}, {"-", CW_UVL_NEGATE}},
    {{"*", CW_UVL_MULTIPLY}, {"/", CW_UVL_DIVIDE}},
};

static const struct operation *find_operation(const struct cw_uvl_parser *p, size_t level) {
    for (const struct operation *o = levels[level]; o->text; o++) {
        if (cw_uvl_is(p, o->text))
            return o;
    }
    return NULL;
}

/* Fold one operation and its right side into the left one; chains of &, | and + stay one node. */
static struct cw_uvl_expr *fold(struct cw_uvl_parser *p, struct cw_uvl_expr *left,
                                struct cw_uvl_expr **last, size_t level) {
    const struct operation *o = find_operation(p, level);
    struct cw_spot spot = p->at++->spot;
    struct cw_uvl_expr *right = parse_level(p, level + 1);
    enum cw_uvl_op op = o->op == CW_UVL_NEGATE ? CW_UVL_ADD : o->op;
    bool chain = op == CW_UVL_AND || op == CW_UVL_OR || op == CW_UVL_ADD;
    if (right && o->op == CW_UVL_NEGATE)
        right = join(p, CW_UVL_NEGATE, spot, right, NULL);
    if (!right)
        return NULL;
    if (chain && *last)
        return add_part(p, left, right, last);
    struct cw_uvl_expr *whole = join(p, op, spot, left, right);
    *last = right;
    return whole;
}

static struct cw_uvl_expr *parse_level(struct cw_uvl_parser *p, size_t level) {
    if (p->stopped)
        return NULL;
    if (level == LEVEL_PRIMARY)
        return cw_uvl_is(p, "-") ? parse_prefixed(p, CW_UVL_NEGATE, LEVEL_PRIMARY)
                                 : parse_primary(p);
    if (level == LEVEL_NOT)
        return cw_uvl_is(p, "!") ? parse_prefixed(p, CW_UVL_NOT, LEVEL_NOT)
                                 : parse_level(p, level + 1);
    struct cw_uvl_expr *left = parse_level(p, level + 1), *last = NULL;
    while (left && find_operation(p, level))
        left = fold(p, left, &last, level);
    return left;
}

struct cw_uvl_expr *cw_uvl_parse_constraint(struct cw_uvl_parser *p) {
    return parse_level(p, 0);
}
