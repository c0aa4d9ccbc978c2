/*
 * Responsible for: what UVL features and groups become in a product.
 * Does not: read the text (uvl_parse.c); constraints (uvl_condition.c). Command line.
 *
 *   feature       flag option, or a choice where its group is `alternative`; active while its
 *                 parent is there
 *
 *   mandatory     parent requires child, which is preferred; where every configuration has the
 *                 parent it has the child: a formula, and no activeIf
 *
 *   or            parent requires one of them
 *
 *   alternative   one choice option, active while the parent is there
 *
 *   [n..m]        cardinality; while the parent is away "parent is away" counts n times
 *
 *   constraint    requires, iff or formula
 */
#include "exchange/exchange.h"

#include <stdio.h>
#include <string.h>

#include "cordwain/limits.h"
#include "exchange/uvl_import.h"

#define NAME_BYTES    60 /* of one name in a rule's message */
#define ATTRIBUTES    256
#define MESSAGE_BYTES 300 /* then the rest of a list is "…" */

static bool is_choice(const struct cw_uvl_group *group) {
    return group && group->kind == CW_UVL_ONE && group->count <= CW_MAX_CHOICES;
}

/* The id of what a feature's n-th group (from 1) becomes. */
static const char *group_id(struct cw_uvl_import *m, const struct cw_uvl_feature *feature,
                            const char *what, size_t n) {
    return n == 1 ? cw_arena_printf(m->arena, "%s.%s", feature->id, what)
                  : cw_arena_printf(m->arena, "%s.%s%zu", feature->id, what, n);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void name_group(struct cw_uvl_import *m, const struct cw_uvl_feature *parent,
                       struct cw_uvl_group *group, size_t n) {
    const char *option = is_choice(group) ? group_id(m, parent, "choice", n) : NULL;
    for (struct cw_uvl_feature *f = group->features; f; f = f->next) {
        f->option_id = option ? option : f->id;
        f->condition = option ? cw_arena_printf(m->arena, "{\"%s\":\"%s\"}", option, f->id)
                              : cw_arena_printf(m->arena, "{\"%s\":true}", f->id);
    }
}

/* In the order of the file: parents come first. */
static void find_always(struct cw_uvl_model *model) {
    for (size_t i = 0; i < model->feature_count; i++) {
        struct cw_uvl_feature *f = model->features[i];
        f->always = !f->parent || (f->parent->always && f->group->kind == CW_UVL_MANDATORY);
    }
}

/* When it is there what hangs on it can be: NULL where that is always. */
static const char *active_while(const struct cw_uvl_feature *parent) {
    return parent && !parent->always ? parent->condition : NULL;
}

static void name_features(struct cw_uvl_import *m) {
    struct cw_uvl_model *model = m->model;
    for (size_t i = 0; i < model->feature_count; i++) {
        struct cw_uvl_feature *f = model->features[i];
        f->id = cw_names_make_id(&m->ids, f->name, f->number);
        if (f->type == CW_UVL_INTEGER || f->counted)
            f->number_id = cw_arena_printf(m->arena, "%s.number", f->id);
    }
    model->root->option_id = model->root->id;
    model->root->condition = cw_arena_printf(m->arena, "{\"%s\":true}", model->root->id);
    for (size_t i = 0; i < model->feature_count; i++) {
        size_t n = 1;
        for (struct cw_uvl_group *g = model->features[i]->groups; g; g = g->next)
            name_group(m, model->features[i], g, n++);
    }
}

/* ---- options --------------------------------------------------------------------------------- */

/* A JSON object of what is counted; NULL for none. */
static const char *counts_json(struct cw_uvl_import *m, const struct cw_uvl_count *counts) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (const struct cw_uvl_count *c = counts; c; c = c->next)
        cw_buf_printf(&buf, "%s\"%s\":%lld", c == counts ? "{" : ",", c->name,
                      (long long)c->factor);
    cw_buf_puts(&buf, counts ? "}" : "");
    return counts ? cw_arena_strdup(m->arena, buf.data) : NULL;
}

static void put_choices(struct cw_uvl_import *m, const struct cw_uvl_group *group,
                        struct cw_buf *buf) {
    cw_buf_putc(buf, '[');
    for (const struct cw_uvl_feature *f = group->features; f; f = f->next) {
        cw_buf_puts(buf, f == group->features ? "" : ",");
        cw_draft_put_choice(buf, f->id, f->name, counts_json(m, f->flag_counts));
    }
    cw_buf_putc(buf, ']');
}

static void add_choice_option(struct cw_uvl_import *m, const struct cw_uvl_feature *parent,
                              const struct cw_uvl_group *group, size_t n) {
    CW_AUTO_BUF struct cw_buf choices = {0};
    put_choices(m, group, &choices);
    struct cw_draft_option option = {.id = group_id(m, parent, "choice", n),
                                     .title = parent->name,
                                     .active_if = active_while(parent)};
    cw_draft_choice(&m->draft, &option, choices.data, group->features->id);
}

static void add_number(struct cw_uvl_import *m, const struct cw_uvl_feature *f) {
    struct cw_draft_option option = {.id = f->number_id,
                                     .title = f->name,
                                     .active_if = active_while(f),
                                     .attributes = counts_json(m, f->number_counts)};
    cw_draft_number(&m->draft, &option,
                    (struct cw_draft_range){
                        .min = f->number_min, .max = f->number_max, .step = f->number_step});
}

/* The feature's options and those below it, in the order of the file. */
static void add_options(struct cw_uvl_import *m, const struct cw_uvl_feature *f) {
    size_t n = 1;
    if (!is_choice(f->group))
        cw_draft_flag(&m->draft, &(struct cw_draft_option){
                                     .id = f->id,
                                     .title = f->name,
                                     .active_if = active_while(f->parent),
                                     .preferred = !f->parent || f->group->kind == CW_UVL_MANDATORY,
                                     .attributes = counts_json(m, f->flag_counts)});
    if (f->number_id)
        add_number(m, f);
    for (const struct cw_uvl_group *g = f->groups; g; g = g->next, n++) {
        if (is_choice(g))
            add_choice_option(m, f, g, n);
        for (const struct cw_uvl_feature *child = g->features; child; child = child->next)
            add_options(m, child);
    }
}

/* ---- rules of groups ------------------------------------------------------------------------- */

static void add_mandatory(struct cw_uvl_import *m, const struct cw_uvl_feature *parent,
                          const struct cw_uvl_feature *child) {
    CW_AUTO_BUF struct cw_buf message = {0};
    cw_draft_cut(&message, parent->name, NAME_BYTES);
    cw_buf_puts(&message, " always has ");
    cw_draft_cut(&message, child->name, NAME_BYTES);
    struct cw_draft_rule rule = {cw_arena_printf(m->arena, "%s.mandatory", child->id),
                                 message.data};
    if (child->always)
        cw_draft_formula(&m->draft, &rule, child->condition);
    else
        cw_draft_requires(&m->draft, &rule, parent->condition, child->condition);
}

static void put_conditions(const struct cw_uvl_group *group, struct cw_buf *buf) {
    for (const struct cw_uvl_feature *f = group->features; f; f = f->next) {
        cw_buf_puts(buf, f == group->features ? "" : ",");
        cw_buf_puts(buf, f->condition);
    }
}

/* "Kind: at least 1 and at most 2 of Red, Green, Blue" */
static void put_group_message(const struct cw_uvl_feature *parent, const struct cw_uvl_group *group,
                              struct cw_uvl_range range, struct cw_buf *buf) {
    cw_draft_cut(buf, parent->name, NAME_BYTES);
    if (range.min == range.max)
        cw_buf_printf(buf, ": exactly %lld", (long long)range.min);
    else if (range.min > 0)
        cw_buf_printf(buf, ": at least %lld", (long long)range.min);
    if (range.min != range.max && range.max < (int64_t)group->count)
        cw_buf_printf(buf, "%s at most %lld", range.min > 0 ? " and" : ":", (long long)range.max);
    cw_buf_puts(buf, " of ");
    for (const struct cw_uvl_feature *f = group->features; f; f = f->next) {
        if (buf->length > MESSAGE_BYTES) {
            cw_buf_puts(buf, "…");
            return;
        }
        cw_draft_cut(buf, f->name, NAME_BYTES);
        cw_buf_puts(buf, f->next ? ", " : "");
    }
}

/* At least one: a clause. Otherwise a count; while the parent is away nothing of it is there, and
 * "the parent is away", said `min` times, makes up for it. */
static bool add_counted(struct cw_uvl_import *m, const struct cw_uvl_feature *parent,
                        const struct cw_uvl_group *group, const char *id) {
    struct cw_uvl_range range = group->kind == CW_UVL_SOME  ? (struct cw_uvl_range){1, CW_UVL_MANY}
                                : group->kind == CW_UVL_ONE ? (struct cw_uvl_range){1, 1}
                                                            : group->range;
    CW_AUTO_BUF struct cw_buf of = {0};
    CW_AUTO_BUF struct cw_buf message = {0};
    bool at_most = range.max < (int64_t)group->count;
    if (range.min == 0 && !at_most)
        return true;
    put_group_message(parent, group, range, &message);
    struct cw_draft_rule rule = {id, message.data};
    bool clause = range.min == 1 && !at_most;
    if (group->count > CW_MAX_RULE_CONDITIONS ||
        (!clause && range.min > CW_MAX_RULE_CONDITIONS - (int64_t)group->count)) {
        cw_spot_fault(m->faults, "uvl.too_large", group->spot, "",
                      "a group may have %d features, its smallest number included",
                      CW_MAX_RULE_CONDITIONS);
        return false;
    }
    cw_buf_puts(&of, clause ? "{\"any\":[" : "[");
    put_conditions(group, &of);
    for (int64_t i = 0; !clause && i < range.min; i++)
        cw_buf_printf(&of, ",{\"not\":%s}", parent->condition);
    cw_buf_puts(&of, clause ? "]}" : "]");
    int64_t most = at_most ? range.max : (int64_t)group->count;
    if (most < range.min)
        most = range.min; /* more are asked for than there are: the parent must be away */
    if (clause)
        cw_draft_requires(&m->draft, &rule, parent->condition, of.data);
    else
        cw_draft_cardinality(&m->draft, &rule, of.data,
                             (struct cw_draft_range){.min = range.min, .max = most});
    return true;
}

static bool add_group_rules(struct cw_uvl_import *m, const struct cw_uvl_feature *parent) {
    bool fine = true;
    size_t n = 0;
    for (const struct cw_uvl_group *g = parent->groups; g; g = g->next) {
        n++;
        if (g->kind == CW_UVL_OPTIONAL || is_choice(g))
            continue;
        if (g->kind != CW_UVL_MANDATORY) {
            fine = add_counted(m, parent, g, group_id(m, parent, "group", n)) && fine;
            continue;
        }
        for (const struct cw_uvl_feature *f = g->features; f; f = f->next)
            add_mandatory(m, parent, f);
    }
    return fine;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool add_rules(struct cw_uvl_import *m) {
    struct cw_uvl_model *model = m->model;
    bool fine = true;
    cw_draft_formula(&m->draft, &(struct cw_draft_rule){"root", model->root->name},
                     model->root->condition);
    for (size_t i = 0; i < model->feature_count; i++)
        fine = add_group_rules(m, model->features[i]) && fine;
    for (const struct cw_uvl_constraint *c = model->constraints; c; c = c->next)
        fine = cw_uvl_add_constraint(m, c) && fine;
    return fine;
}

/* An option has at most so many attributes (schemas/product.schema.json). */
static bool check_counts(struct cw_uvl_import *m) {
    for (size_t i = 0; i < m->model->feature_count; i++) {
        const struct cw_uvl_feature *f = m->model->features[i];
        size_t counts = 0, numbers = 0;
        for (const struct cw_uvl_count *c = f->flag_counts; c; c = c->next)
            counts++;
        for (const struct cw_uvl_count *c = f->number_counts; c; c = c->next)
            numbers++;
        if (counts > ATTRIBUTES || numbers > ATTRIBUTES) {
            cw_spot_fault(m->faults, "uvl.too_large", f->spot, "",
                          "the feature is in more than %d sums", ATTRIBUTES);
            return false;
        }
    }
    return true;
}

static enum cw_status import_model(struct cw_uvl_import *m, const struct cw_exchange_source *source,
                                   struct cw_buf *ret_document, struct cw_error *err) {
    struct cw_names names = {.arena = m->arena};
    bool read = cw_spot_check_encoding(source->text, source->length, m->faults) &&
                cw_uvl_parse(source->text, source->length, m->arena, m->faults, m->model);
    if (read && m->model->feature_count > CW_MAX_OPTIONS)
        return cw_fail(err, CW_E_LIMIT, "exchange.too_large",
                       "the model has more features than a product may have options (%d)",
                       CW_MAX_OPTIONS);
    bool known = read && cw_uvl_find_ranges(m);
    if (known) {
        find_always(m->model);
        name_features(m);
    }
    if (!known || !add_rules(m) || !check_counts(m))
        return cw_fail(err, CW_E_INPUT, "exchange.invalid", "the model has faults");
    add_options(m, m->model->root);
    cw_draft_append_options(&m->draft, &m->helpers);
    const char *name = m->model->name ? m->model->name : m->model->root->name;
    return cw_draft_write(&m->draft, cw_names_make_id(&names, name, 0), name, ret_document, err);
}

enum cw_status cw_uvl_import(const struct cw_exchange_source *source, struct cw_buf *ret_document,
                             struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_uvl_model model = {0};
    struct cw_uvl_import import = {
        .model = &model, .arena = arena, .faults = faults, .ids.arena = arena};
    enum cw_status status = import_model(&import, source, ret_document, err);
    cw_draft_deinit(&import.draft);
    cw_draft_deinit(&import.helpers);
    return status;
}
