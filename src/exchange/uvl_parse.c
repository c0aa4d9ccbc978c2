/*
 * Responsible for: the form of a UVL model: sections, features, groups, attributes.
 * Does not: cut tokens (uvl_lex.c); read constraints (uvl_expr.c); say what a feature becomes
 * (uvl_import.c). Command line.
 *
 * After the grammar of UVL 0.5 (UVLParser.g4 of Universal-Variability-Language/uvl-parser).
 */
#include "exchange/uvl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what every rule of the grammar uses ----------------------------------------------------- */

bool cw_uvl_expected(struct cw_uvl_parser *p, const char *what) {
    static const char *const names[] = {
        [CW_UVL_END] = "the end of the file",
        [CW_UVL_NEWLINE] = "the end of the line",
        [CW_UVL_INDENT] = "a deeper indentation",
        [CW_UVL_DEDENT] = "the end of the indentation",
    };
    if (!p->stopped) {
        char found[64];
        if (p->at->kind < CW_UVL_NAME)
            snprintf(found, sizeof found, "%s", names[p->at->kind]);
        else
            snprintf(found, sizeof found, "'%.40s'", p->at->text);
        cw_spot_fault(p->faults, "uvl.syntax", p->at->spot, "", "expected %s, found %s", what,
                      found);
    }
    p->stopped = true;
    return false;
}

bool cw_uvl_is(const struct cw_uvl_parser *p, const char *op) {
    return p->at->kind == CW_UVL_OPERATOR && strcmp(p->at->text, op) == 0;
}

bool cw_uvl_is_word(const struct cw_uvl_parser *p, const char *word) {
    return p->at->kind == CW_UVL_NAME && !p->at->quoted && strcmp(p->at->text, word) == 0;
}

bool cw_uvl_take(struct cw_uvl_parser *p, const char *op) {
    bool is = cw_uvl_is(p, op);
    p->at += is;
    return is;
}

static bool take_kind(struct cw_uvl_parser *p, enum cw_uvl_kind kind, const char *what) {
    if (p->stopped || p->at->kind != kind)
        return cw_uvl_expected(p, what);
    p->at++;
    return true;
}

/* Words that would be misread as a name. The published grammar reserves a few more, which models in
 * use have as names ("Type", "sum"). */
static bool is_reserved(const char *word) {
    static const char *const words[] = {
        "or",   "alternative", "optional", "mandatory",   "String",     "Boolean",    "Integer",
        "Real", "true",        "false",    "cardinality", "constraint", "constraints"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

/* In double quotes a value may hold anything, a name may not. */
static const char *name_fault(const struct cw_uvl_token *token) {
    if (!token->quoted && is_reserved(token->text))
        return "this is a word of the language";
    if (!*token->text || strchr(token->text, '.'))
        return "a name is not empty and has no '.' in it";
    for (const char *c = token->text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return "a name has no control character in it";
    }
    return NULL;
}

const char *cw_uvl_take_name(struct cw_uvl_parser *p, const char *what) {
    if (p->stopped || p->at->kind != CW_UVL_NAME) {
        (void)cw_uvl_expected(p, what);
        return NULL;
    }
    const char *fault = name_fault(p->at);
    if (!fault)
        return p->at++->text;
    cw_spot_fault(p->faults, "uvl.name", p->at->spot,
                  p->at->quoted ? "" : "write it in double quotes", "%s", fault);
    p->stopped = true;
    return NULL;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool skip_value(struct cw_uvl_parser *p);

/* [ value, … ] or { attribute, … } within a value: read for its form only. */
static bool skip_list(struct cw_uvl_parser *p, const char *close) {
    bool named = *close == '}';
    if (++p->depth > CW_UVL_DEPTH)
        return cw_uvl_expected(p, "less nesting");
    p->at++;
    while (!p->stopped && !cw_uvl_is(p, close)) {
        if (named && !cw_uvl_take_name(p, "the name of an attribute"))
            return false;
        if ((!named || !(cw_uvl_is(p, ",") || cw_uvl_is(p, close))) && !skip_value(p))
            return false;
        if (!cw_uvl_take(p, ",") && !cw_uvl_is(p, close))
            return cw_uvl_expected(p, named ? "',' or '}'" : "',' or ']'");
    }
    p->depth--;
    p->at++;
    return true;
}

static bool skip_value(struct cw_uvl_parser *p) {
    if (cw_uvl_is(p, "["))
        return skip_list(p, "]");
    if (cw_uvl_is(p, "{"))
        return skip_list(p, "}");
    (void)cw_uvl_take(p, "-");
    bool plain = p->at->kind == CW_UVL_NUMBER || p->at->kind == CW_UVL_STRING ||
                 (p->at->kind == CW_UVL_NAME &&
                  (p->at->quoted || cw_uvl_is_word(p, "true") || cw_uvl_is_word(p, "false")));
    if (!plain)
        return cw_uvl_expected(p, "a value");
    p->at++;
    return true;
}

static void add_constraint(struct cw_uvl_parser *p, struct cw_uvl_expr *expr, size_t start) {
    struct cw_uvl_constraint *c = cw_arena_alloc(p->arena, sizeof *c);
    c->expr = expr;
    c->text = cw_arena_strndup(p->arena, p->text + start, p->at[-1].end - start);
    *p->next_constraint = c;
    p->next_constraint = &c->next;
}

static bool parse_one_constraint(struct cw_uvl_parser *p) {
    size_t start = p->at->start;
    struct cw_uvl_expr *expr = cw_uvl_parse_constraint(p);
    if (expr)
        add_constraint(p, expr, start);
    return expr != NULL;
}

/* constraint C, or constraints [C, …] */
static bool parse_constraint_attribute(struct cw_uvl_parser *p) {
    bool many = cw_uvl_is_word(p, "constraints");
    p->at++;
    if (!many)
        return parse_one_constraint(p);
    if (!cw_uvl_take(p, "["))
        return cw_uvl_expected(p, "'['");
    while (!cw_uvl_is(p, "]")) {
        if (!parse_one_constraint(p))
            return false;
        if (!cw_uvl_take(p, ",") && !cw_uvl_is(p, "]"))
            return cw_uvl_expected(p, "',' or ']'");
    }
    p->at++;
    return true;
}

static bool parse_attribute(struct cw_uvl_parser *p, struct cw_uvl_feature *feature) {
    struct cw_uvl_attribute *a = cw_arena_alloc(p->arena, sizeof *a);
    a->spot = p->at->spot;
    a->name = cw_uvl_take_name(p, "the name of an attribute");
    if (!a->name)
        return false;
    for (const struct cw_uvl_attribute *b = feature->attributes; b; b = b->next) {
        if (strcmp(a->name, b->name) == 0)
            cw_spot_fault(p->faults, "uvl.duplicate", a->spot, "",
                          "the feature has two attributes '%s'", a->name);
    }
    bool bare = cw_uvl_is(p, ",") || cw_uvl_is(p, "}");
    const struct cw_uvl_token *value = p->at;
    if (!bare && !skip_value(p))
        return false;
    const struct cw_uvl_token *last = p->at - 1;
    a->kind = bare ? CW_UVL_FLAG : last->kind == CW_UVL_NUMBER ? CW_UVL_DIGITS : CW_UVL_OTHER;
    if (a->kind == CW_UVL_DIGITS)
        a->digits = cw_arena_printf(p->arena, "%s%s", value->kind == CW_UVL_OPERATOR ? "-" : "",
                                    last->text);
    a->next = feature->attributes;
    feature->attributes = a;
    return true;
}

static bool parse_attributes(struct cw_uvl_parser *p, struct cw_uvl_feature *feature) {
    p->at++;
    while (!cw_uvl_is(p, "}")) {
        bool constraint = cw_uvl_is_word(p, "constraint") || cw_uvl_is_word(p, "constraints");
        if (constraint ? !parse_constraint_attribute(p) : !parse_attribute(p, feature))
            return false;
        if (!cw_uvl_take(p, ",") && !cw_uvl_is(p, "}"))
            return cw_uvl_expected(p, "',' or '}'");
    }
    p->at++;
    return true;
}

/* ---- features and groups --------------------------------------------------------------------- */

static bool parse_bound(struct cw_uvl_parser *p, int64_t *ret) {
    if (p->at->kind != CW_UVL_NUMBER || strchr(p->at->text, '.'))
        return cw_uvl_expected(p, "a whole number");
    errno = 0;
    *ret = strtoll(p->at->text, NULL, 10);
    if (errno)
        return cw_uvl_expected(p, "a smaller number");
    p->at++;
    return true;
}

/* [n], [n..m], [n..*] */
static bool parse_range(struct cw_uvl_parser *p, struct cw_uvl_range *ret) {
    struct cw_spot spot = p->at->spot;
    if (!cw_uvl_take(p, "["))
        return cw_uvl_expected(p, "'['");
    if (!parse_bound(p, &ret->min))
        return false;
    ret->max = ret->min;
    if (cw_uvl_take(p, "..")) {
        if (cw_uvl_take(p, "*"))
            ret->max = CW_UVL_MANY;
        else if (!parse_bound(p, &ret->max))
            return false;
    }
    if (ret->min > ret->max)
        cw_spot_fault(p->faults, "uvl.cardinality", spot, "",
                      "the first number is more than the second");
    return cw_uvl_take(p, "]") || cw_uvl_expected(p, "']'");
}

static bool is_group(const struct cw_uvl_parser *p) {
    return cw_uvl_is_word(p, "or") || cw_uvl_is_word(p, "alternative") ||
           cw_uvl_is_word(p, "optional") || cw_uvl_is_word(p, "mandatory") || cw_uvl_is(p, "[");
}

static bool parse_group_kind(struct cw_uvl_parser *p, struct cw_uvl_group *group) {
    static const struct {
        const char *word;
        enum cw_uvl_group_kind kind;
    } kinds[] = {{"or", CW_UVL_SOME},
                 {"alternative", CW_UVL_ONE},
                 {"optional", CW_UVL_OPTIONAL},
                 {"mandatory", CW_UVL_MANDATORY}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (cw_uvl_is_word(p, kinds[i].word)) {
            group->kind = kinds[i].kind;
            p->at++;
            return true;
        }
    }
    if (!parse_range(p, &group->range))
        return false;
    bool one = group->range.min == 1 && group->range.max == 1;
    group->kind = one ? CW_UVL_ONE : CW_UVL_CARDINALITY;
    return true;
}

static bool parse_feature(struct cw_uvl_parser *p, struct cw_uvl_feature *parent,
                          struct cw_uvl_group *group, struct cw_uvl_feature **ret);

static bool parse_group(struct cw_uvl_parser *p, struct cw_uvl_feature *parent,
                        struct cw_uvl_group *group) {
    struct cw_uvl_feature **link = &group->features;
    group->spot = p->at->spot;
    if (!is_group(p))
        return cw_uvl_expected(p, "or, alternative, optional, mandatory or [n..m]");
    if (!parse_group_kind(p, group) || !take_kind(p, CW_UVL_NEWLINE, "the end of the line") ||
        !take_kind(p, CW_UVL_INDENT, "a feature below the group, indented"))
        return false;
    while (p->at->kind != CW_UVL_DEDENT) {
        if (!parse_feature(p, parent, group, link))
            return false;
        link = &(*link)->next;
        group->count++;
    }
    p->at++;
    return true;
}

static bool parse_groups(struct cw_uvl_parser *p, struct cw_uvl_feature *feature) {
    struct cw_uvl_group **link = &feature->groups;
    if (p->at->kind != CW_UVL_INDENT)
        return true;
    p->at++;
    if (++p->depth > CW_UVL_DEPTH)
        return cw_uvl_expected(p, "less nesting");
    while (p->at->kind != CW_UVL_DEDENT) {
        struct cw_uvl_group *group = cw_arena_alloc(p->arena, sizeof *group);
        if (!parse_group(p, feature, group))
            return false;
        *link = group;
        link = &group->next;
    }
    p->at++;
    p->depth--;
    return true;
}

static void parse_type(struct cw_uvl_parser *p, struct cw_uvl_feature *feature) {
    static const char *const words[] = {"Boolean", "Integer", "Real", "String"};
    for (size_t i = 0; i < 4; i++) {
        if (cw_uvl_is_word(p, words[i])) {
            feature->type = (enum cw_uvl_type)i;
            p->at++;
            return;
        }
    }
}

/* Into the file's order and the table of names. */
static bool add_feature(struct cw_uvl_parser *p, struct cw_uvl_feature *feature) {
    feature->number = (uint32_t)p->model->feature_count++;
    if (!cw_names_add(&p->model->names, feature->name, feature->number))
        cw_spot_fault(p->faults, "uvl.duplicate", feature->spot, "",
                      "there are two features '%.200s'", feature->name);
    *p->next_feature = feature;
    p->next_feature = &feature->after;
    if (!cw_uvl_is(p, "."))
        return true;
    cw_spot_fault(p->faults, "uvl.import", p->at->spot, "write the imported features here",
                  "features of other files are not supported");
    p->stopped = true;
    return false;
}

static bool parse_feature(struct cw_uvl_parser *p, struct cw_uvl_feature *parent,
                          struct cw_uvl_group *group, struct cw_uvl_feature **ret) {
    struct cw_uvl_feature *f = cw_arena_alloc(p->arena, sizeof *f);
    f->parent = parent;
    f->group = group;
    parse_type(p, f);
    f->spot = p->at->spot;
    f->name = cw_uvl_take_name(p, "the name of a feature");
    if (!f->name || !add_feature(p, f))
        return false;
    if (cw_uvl_is_word(p, "cardinality")) {
        p->at++;
        f->counted = true;
        if (!parse_range(p, &f->copies))
            return false;
    }
    if (cw_uvl_is(p, "{") && !parse_attributes(p, f))
        return false;
    *ret = f;
    return take_kind(p, CW_UVL_NEWLINE, "the end of the line") && parse_groups(p, f);
}

/* ---- sections -------------------------------------------------------------------------------- */

static bool parse_namespace(struct cw_uvl_parser *p) {
    p->model->name = cw_uvl_take_name(p, "a name");
    while (p->model->name && cw_uvl_take(p, ".")) {
        const char *part = cw_uvl_take_name(p, "a name");
        p->model->name = part ? cw_arena_printf(p->arena, "%s.%s", p->model->name, part) : NULL;
    }
    return p->model->name && take_kind(p, CW_UVL_NEWLINE, "the end of the line");
}

/* The levels a model says it uses: only their form matters, what is used is seen anyway. */
static bool parse_includes(struct cw_uvl_parser *p) {
    if (!take_kind(p, CW_UVL_NEWLINE, "the end of the line"))
        return false;
    if (p->at->kind != CW_UVL_INDENT)
        return true;
    for (p->at++; p->at->kind != CW_UVL_DEDENT; p->at++) {
        if (!cw_uvl_is_word(p, "Boolean") && !cw_uvl_is_word(p, "Arithmetic") &&
            !cw_uvl_is_word(p, "Type"))
            return cw_uvl_expected(p, "Boolean, Arithmetic or Type");
        while (p->at->kind == CW_UVL_NAME || p->at->kind == CW_UVL_OPERATOR)
            p->at++;
        if (p->at->kind != CW_UVL_NEWLINE)
            return cw_uvl_expected(p, "the end of the line");
    }
    p->at++;
    return true;
}

static bool parse_features(struct cw_uvl_parser *p) {
    if (!take_kind(p, CW_UVL_NEWLINE, "the end of the line") ||
        !take_kind(p, CW_UVL_INDENT, "the root feature, indented") ||
        !parse_feature(p, NULL, NULL, &p->model->root))
        return false;
    return take_kind(p, CW_UVL_DEDENT, "the end of the features: there is one root");
}

static bool parse_constraints(struct cw_uvl_parser *p) {
    if (!take_kind(p, CW_UVL_NEWLINE, "the end of the line"))
        return false;
    if (p->at->kind != CW_UVL_INDENT)
        return true;
    for (p->at++; p->at->kind != CW_UVL_DEDENT;) {
        if (!parse_one_constraint(p) || !take_kind(p, CW_UVL_NEWLINE, "the end of the line"))
            return false;
    }
    p->at++;
    return true;
}

static bool parse_imports(struct cw_uvl_parser *p) {
    cw_spot_fault(p->faults, "uvl.import", p->at[-1].spot, "write the imported features here",
                  "models of several files are not supported");
    p->stopped = true;
    return false;
}

/* The sections, each at most once, in this order. */
static bool parse_model(struct cw_uvl_parser *p) {
    static const struct {
        const char *word;
        bool (*parse)(struct cw_uvl_parser *p);
    } sections[] = {{"namespace", parse_namespace},
                    {"include", parse_includes},
                    {"imports", parse_imports},
                    {"features", parse_features},
                    {"constraints", parse_constraints}};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (!cw_uvl_is_word(p, sections[i].word))
            continue;
        p->at++;
        if (!sections[i].parse(p))
            return false;
    }
    if (p->at->kind != CW_UVL_END)
        return cw_uvl_expected(p, "namespace, include, features, constraints, in this order");
    if (!p->model->root)
        cw_spot_fault(p->faults, "exchange.empty", p->at->spot, "add a section 'features'",
                      "there is no feature");
    return p->model->root != NULL;
}

static void list_features(struct cw_uvl_model *model, struct cw_uvl_feature *first) {
    model->features =
        cw_arena_array(model->arena, model->feature_count + 1, sizeof(struct cw_uvl_feature *));
    for (; first; first = first->after)
        model->features[first->number] = first;
}

bool cw_uvl_parse(const char *text, size_t length, struct cw_arena *arena, struct cw_faults *faults,
                  struct cw_uvl_model *ret) {
    struct cw_uvl_tokens tokens = {0};
    struct cw_uvl_feature *first = NULL;
    size_t before = faults->count;
    *ret = (struct cw_uvl_model){.arena = arena, .names.arena = arena};
    if (!cw_uvl_lex(text, length, arena, faults, &tokens))
        return false;
    struct cw_uvl_parser parser = {.text = text,
                                   .arena = arena,
                                   .faults = faults,
                                   .at = tokens.items,
                                   .model = ret,
                                   .next_feature = &first,
                                   .next_constraint = &ret->constraints};
    if (!parse_model(&parser))
        return false;
    list_features(ret, first);
    return faults->count == before;
}
