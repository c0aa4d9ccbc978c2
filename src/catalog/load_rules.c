/*
 * Responsible for: rules of the ten kinds.
 * Does not: ask whether they contradict each other (configure does, when it compiles them).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

struct rule_site {
    struct loader *loader;
    const json_t *json;
    const char *pointer;
    struct cw_rule *rule;
};

/* ---- conditions of a rule -------------------------------------------------------------------- */

static void load_pair(struct rule_site *site, const char *first, const char *second) {
    const char *names[] = {first, second};
    struct cw_cond *conds = cw_arena_array(site->loader->arena, 2, sizeof *conds);
    size_t count = second ? 2 : 1;
    for (size_t i = 0; i < count; i++)
        (void)cw_load_condition_into(site->loader, json_object_get(site->json, names[i]),
                                     cw_load_at(site->loader, site->pointer, names[i]), &conds[i]);
    site->rule->conds = conds;
    site->rule->cond_count = count;
}

static void load_list(struct rule_site *site, const char *name) {
    const json_t *list = json_object_get(site->json, name);
    const char *pointer = cw_load_at(site->loader, site->pointer, name);
    size_t count = json_array_size(list);
    struct cw_cond *conds = cw_arena_array(site->loader->arena, count + 1, sizeof *conds);
    for (size_t i = 0; i < count; i++)
        (void)cw_load_condition_into(site->loader, json_array_get(list, i),
                                     cw_load_at_index(site->loader, pointer, i), &conds[i]);
    site->rule->conds = conds;
    site->rule->cond_count = count;
}

static void load_cardinality(struct rule_site *site) {
    load_list(site, "of");
    int64_t count = (int64_t)site->rule->cond_count;
    site->rule->min = (uint32_t)cw_load_integer(site->json, "min", 0);
    site->rule->max = (uint32_t)cw_load_integer(site->json, "max", count);
    if (site->rule->min > site->rule->max)
        cw_load_fault(site->loader, "range.reversed",
                      cw_load_at(site->loader, site->pointer, "min"), "",
                      "'min' is more than 'max'");
    if (site->rule->min > site->rule->cond_count)
        cw_load_fault(site->loader, "rule.never", cw_load_at(site->loader, site->pointer, "min"),
                      "", "there are only %zu conditions", site->rule->cond_count);
}

static const uint32_t *load_options(struct loader *loader, const json_t *list,
                                    const char *pointer) {
    size_t count = json_array_size(list);
    uint32_t *options = cw_arena_array(loader->arena, count + 1, sizeof *options);
    for (size_t i = 0; i < count; i++)
        options[i] =
            cw_load_reference(loader, TABLE_OPTIONS, json_string_value(json_array_get(list, i)),
                              cw_load_at_index(loader, pointer, i));
    return options;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void set_bit(struct cw_choice_mask *mask, uint32_t bit) {
    if (bit != CW_NONE)
        cw_mask_add(mask, bit);
}

void cw_load_cell(struct loader *loader, const struct cw_option *option, const json_t *cell,
                  const char *pointer, struct cw_choice_mask *mask) {
    bool flag = option->kind == CW_OPTION_FLAG;
    const char *text = json_string_value(cell);
    if (text && strcmp(text, "*") == 0) {
        for (uint32_t i = 0; i < (flag ? 2 : option->choice_count); i++)
            set_bit(mask, i);
    } else if (flag ? !json_is_boolean(cell) : !text && !json_is_array(cell)) {
        cw_load_fault(loader, "rule.cell", pointer,
                      flag ? "write true, false or \"*\"" : "name choices or write \"*\"",
                      "this is no value of option '%s'", option->id);
    } else if (flag) {
        set_bit(mask, json_is_true(cell));
    } else if (text) {
        set_bit(mask, cw_load_choice(loader, option, text, pointer));
    }
    for (size_t i = 0; !flag && i < json_array_size(cell); i++)
        set_bit(mask, cw_load_choice(loader, option, json_string_value(json_array_get(cell, i)),
                                     cw_load_at_index(loader, pointer, i)));
}

static void load_row(struct rule_site *site, const json_t *row, const char *pointer,
                     struct cw_row *ret_row) {
    struct loader *loader = site->loader;
    size_t count = site->rule->option_count;
    struct cw_choice_mask *masks = cw_arena_array(loader->arena, count + 1, sizeof *masks);
    ret_row->masks = masks;
    if (json_array_size(row) != count) {
        cw_load_fault(loader, "rule.arity", pointer, "one value per option, \"*\" for any",
                      "the row has %zu values for %zu options", json_array_size(row), count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t option = site->rule->options[i];
        if (option != CW_NONE)
            cw_load_cell(loader, &loader->options[option], json_array_get(row, i),
                         cw_load_at_index(loader, pointer, i), &masks[i]);
    }
}

const uint32_t *cw_load_table_options(struct loader *loader, const json_t *list,
                                      const char *pointer) {
    const uint32_t *options = load_options(loader, list, pointer);
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint32_t option = options[i];
        if (option == CW_NONE || loader->options[option].kind == CW_OPTION_CHOICE ||
            loader->options[option].kind == CW_OPTION_FLAG)
            continue;
        cw_load_fault(loader, "option.kind", cw_load_at_index(loader, pointer, i), "",
                      "a table may only name choice and flag options; '%s' is neither",
                      loader->options[option].id);
        return NULL;
    }
    return options;
}

static void load_rows(struct rule_site *site) {
    struct loader *loader = site->loader;
    const json_t *list = json_object_get(site->json, "options");
    site->rule->options =
        cw_load_table_options(loader, list, cw_load_at(loader, site->pointer, "options"));
    if (!site->rule->options)
        return;
    site->rule->option_count = json_array_size(list);
    const json_t *rows = json_object_get(site->json, "rows");
    const char *pointer = cw_load_at(loader, site->pointer, "rows");
    size_t count = json_array_size(rows);
    struct cw_row *items = cw_arena_array(loader->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        load_row(site, json_array_get(rows, i), cw_load_at_index(loader, pointer, i), &items[i]);
    site->rule->rows = items;
    site->rule->row_count = count;
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static bool has_attribute(const struct cw_option *option, const char *name) {
    bool found = cw_attribute_find(option->attributes, option->attribute_count, name) != NULL;
    for (size_t c = 0; c < option->choice_count && !found; c++) {
        const struct cw_choice *choice = &option->choices[c];
        found = cw_attribute_find(choice->attributes, choice->attribute_count, name) != NULL;
    }
    return found;
}

static void check_attribute(struct loader *loader, uint32_t option, const char *name,
                            const char *pointer) {
    if (option != CW_NONE && !has_attribute(&loader->options[option], name))
        cw_load_fault(loader, "rule.attribute", pointer,
                      "give at least one choice, or the flag or number option, this attribute",
                      "option '%s' has the attribute '%s' nowhere", loader->options[option].id,
                      name);
}

static enum cw_compare_op op_of(const char *name) {
    static const char *const names[] = {
        [CW_OP_LT] = "<",  [CW_OP_LE] = "<=", [CW_OP_EQ] = "=",
        [CW_OP_NE] = "!=", [CW_OP_GE] = ">=", [CW_OP_GT] = ">",
    };
    unsigned i = 0;
    while (i < CW_OP_GT && strcmp(names[i], name) != 0)
        i++;
    return (enum cw_compare_op)i;
}

static struct cw_term load_term(struct rule_site *site, const char *name) {
    struct loader *loader = site->loader;
    const json_t *json = json_object_get(site->json, name);
    const char *pointer = cw_load_at(loader, site->pointer, name);
    struct cw_term term = {CW_NONE, NULL, cw_load_integer(json, "const", 0)};
    if (json_object_get(json, "attribute")) {
        term.attribute = cw_load_string(loader, json, "attribute");
        term.option = cw_load_member_reference(loader, TABLE_OPTIONS, json, "of", pointer);
        check_attribute(loader, term.option, term.attribute,
                        cw_load_at(loader, pointer, "attribute"));
    } else if (json_object_get(json, "number")) {
        term.option = cw_load_member_reference(loader, TABLE_OPTIONS, json, "number", pointer);
        cw_load_wants_kind(loader, term.option, CW_OPTION_NUMBER,
                           cw_load_at(loader, pointer, "number"));
    }
    return term;
}

static void load_compare(struct rule_site *site) {
    site->rule->left = load_term(site, "left");
    site->rule->right = load_term(site, "right");
    site->rule->op = op_of(json_string_value(json_object_get(site->json, "op")));
}

static void load_sum(struct rule_site *site) {
    struct loader *loader = site->loader;
    const json_t *list = json_object_get(site->json, "of");
    site->rule->options = load_options(loader, list, cw_load_at(loader, site->pointer, "of"));
    site->rule->option_count = json_array_size(list);
    site->rule->attribute = cw_load_string(loader, site->json, "attribute");
    site->rule->op = op_of(json_string_value(json_object_get(site->json, "op")));
    site->rule->value = cw_load_integer(site->json, "value", 0);
    for (size_t i = 0; i < site->rule->option_count; i++)
        check_attribute(loader, site->rule->options[i], site->rule->attribute,
                        cw_load_at_index(loader, cw_load_at(loader, site->pointer, "of"), i));
}

/* ---- the rules ------------------------------------------------------------------------------- */

static enum cw_rule_kind kind_of(const char *name) {
    static const char *const names[] = {
        [CW_RULE_REQUIRES] = "requires",
        [CW_RULE_EXCLUDES] = "excludes",
        [CW_RULE_IFF] = "iff",
        [CW_RULE_AT_MOST_ONE] = "atMostOne",
        [CW_RULE_CARDINALITY] = "cardinality",
        [CW_RULE_ALLOWED] = "allowedCombinations",
        [CW_RULE_FORBIDDEN] = "forbiddenCombinations",
        [CW_RULE_COMPARE] = "compare",
        [CW_RULE_SUM] = "sum",
        [CW_RULE_FORMULA] = "formula",
    };
    unsigned i = 0;
    while (i < CW_RULE_FORMULA && strcmp(names[i], name) != 0)
        i++;
    return (enum cw_rule_kind)i;
}

static void load_body(struct rule_site *site) {
    switch (site->rule->kind) {
    case CW_RULE_REQUIRES:
        load_pair(site, "if", "then");
        return;
    case CW_RULE_EXCLUDES:
        load_list(site, "all");
        return;
    case CW_RULE_IFF:
        load_pair(site, "left", "right");
        return;
    case CW_RULE_AT_MOST_ONE:
        load_list(site, "of");
        return;
    case CW_RULE_CARDINALITY:
        load_cardinality(site);
        return;
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        load_rows(site);
        return;
    case CW_RULE_COMPARE:
        load_compare(site);
        return;
    case CW_RULE_SUM:
        load_sum(site);
        return;
    case CW_RULE_FORMULA:
        load_pair(site, "expr", NULL);
        return;
    }
}

void cw_load_rules(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_RULES];
    struct cw_rule *rules = cw_arena_array(loader->arena, list->count + 1, sizeof *rules);
    for (size_t i = 0; i < list->count; i++) {
        struct rule_site site = {loader, json_array_get(list->json, i),
                                 cw_load_at_index(loader, list->pointer, i), &rules[i]};
        rules[i].id = list->ids[i];
        rules[i].kind = kind_of(json_string_value(json_object_get(site.json, "kind")));
        rules[i].message = cw_load_text(loader, site.json, "message", site.pointer);
        const char *severity = json_string_value(json_object_get(site.json, "severity"));
        rules[i].warning = severity && strcmp(severity, "warning") == 0;
        load_body(&site);
        cw_load_forget_paths(loader, i);
    }
    loader->product->rules = rules;
    loader->product->rule_count = list->count;
}
