/*
 * Responsible for: what options and rules demand of a complete selection, as schemas that all
 * apply. Does not: count (selection_count.c). Pure, any process.
 */
#include "exchange/selection_schema.h"

#include "cordwain/limits.h"

/* ---- options --------------------------------------------------------------------------------- */

static struct cw_buf *begin(struct cw_selection_writer *w) {
    cw_buf_puts(&w->all, ",");
    return &w->all;
}

/* Members are there exactly while their option is active; a text is not there while it is not. */
static void put_activity(struct cw_selection_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    bool text = option->kind == CW_OPTION_TEXT;
    if (!option->active_if || option->derive)
        return;
    cw_buf_printf(begin(w), "{\"if\":{\"$ref\":\"#/$defs/active:%s\"},\"then\":", option->id);
    if (text && option->required)
        cw_selection_put_present(w, o, &w->all);
    else if (text)
        cw_buf_puts(&w->all, "true");
    else
        cw_buf_printf(&w->all, "{\"required\":[\"%s\"]}", option->id);
    cw_buf_printf(&w->all, ",\"else\":{\"properties\":{\"%s\":%s}}}", option->id,
                  option->artwork ? "{\"type\":\"null\"}"
                  : text          ? "{\"maxLength\":0}"
                                  : "false");
}

static void put_required_if(struct cw_selection_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    bool optional = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
    if (!option->required_if || !optional)
        return;
    cw_buf_puts(begin(w), "{\"if\":{\"allOf\":[");
    cw_selection_put_active(w, o, &w->all);
    cw_buf_puts(&w->all, ",");
    cw_selection_put_cond(w, option->required_if, &w->all);
    cw_buf_puts(&w->all, "]},\"then\":");
    cw_selection_put_present(w, o, &w->all);
    cw_buf_puts(&w->all, "}");
}

static void put_only_if(struct cw_selection_writer *w, uint32_t o, uint32_t c) {
    const struct cw_choice *choice = &w->product->options[o].choices[c];
    struct cw_choice_mask mask = {{0}};
    if (!choice->only_if)
        return;
    cw_mask_add(&mask, c);
    cw_buf_puts(begin(w), "{\"if\":");
    cw_selection_put_mask(w, o, &mask, &w->all);
    cw_buf_puts(&w->all, ",\"then\":");
    cw_selection_put_cond(w, choice->only_if, &w->all);
    cw_buf_puts(&w->all, "}");
}

/* "active:ID" of what is not seen by its member; "ID=CHOICE" of a derived option's choices. */
static void put_definitions(struct cw_selection_writer *w, uint32_t o) {
    const struct cw_option *option = &w->product->options[o];
    if (option->active_if) {
        cw_buf_printf(&w->defs, ",\"active:%s\":", option->id);
        cw_selection_put_cond(w, option->active_if, &w->defs);
    }
    for (uint32_t c = 0; option->derive && c < option->choice_count; c++) {
        const struct cw_derive *derive = option->derive;
        struct cw_selection_table table = {derive->from, derive->from_count, false};
        cw_buf_printf(&w->defs, ",\"%s=%s\":{\"allOf\":[", option->id, option->choices[c].id);
        cw_selection_put_active(w, o, &w->defs);
        cw_buf_puts(&w->defs, ",{\"anyOf\":[false");
        for (size_t r = 0; r < derive->row_count; r++) {
            if (derive->rows[r].choice != c)
                continue;
            cw_buf_puts(&w->defs, ",");
            cw_selection_put_row(w, &table, derive->rows[r].masks, &w->defs);
        }
        cw_buf_puts(&w->defs, "]}]}");
    }
}

/* Where no row fits there is no configuration. */
static void put_derive(struct cw_selection_writer *w, uint32_t o) {
    struct cw_choice_mask all = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    if (!w->product->options[o].derive)
        return;
    cw_buf_puts(begin(w), "{\"if\":");
    cw_selection_put_active(w, o, &w->all);
    cw_buf_puts(&w->all, ",\"then\":");
    cw_selection_put_mask(w, o, &all, &w->all);
    cw_buf_puts(&w->all, "}");
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void put_conds(struct cw_selection_writer *w, const struct cw_rule *rule,
                      struct cw_buf *buf) {
    for (size_t i = 0; i < rule->cond_count; i++) {
        cw_buf_puts(buf, i ? "," : "");
        cw_selection_put_cond(w, &rule->conds[i], buf);
    }
}

/* Exactly one of the conditions and of "none of them". */
static void put_at_most_one(struct cw_selection_writer *w, const struct cw_rule *rule,
                            struct cw_buf *buf) {
    cw_buf_puts(buf, "{\"oneOf\":[");
    put_conds(w, rule, buf);
    cw_buf_puts(buf, ",{\"not\":{\"anyOf\":[");
    put_conds(w, rule, buf);
    cw_buf_puts(buf, "]}}]}");
}

static void put_table(struct cw_selection_writer *w, const struct cw_rule *rule,
                      struct cw_buf *buf) {
    bool allowed = rule->kind == CW_RULE_ALLOWED;
    struct cw_selection_table table = {rule->options, rule->option_count, allowed};
    cw_buf_puts(buf, allowed ? "{\"anyOf\":[" : "{\"not\":{\"anyOf\":[");
    for (size_t r = 0; r < rule->row_count && buf->length <= CW_SELECTION_SCHEMA_BYTES; r++) {
        cw_buf_puts(buf, r ? "," : "");
        cw_selection_put_row(w, &table, rule->rows[r].masks, buf);
    }
    cw_buf_puts(buf, allowed ? "]}" : "]}}");
}

static void put_pair(struct cw_selection_writer *w, const struct cw_rule *rule,
                     struct cw_buf *buf) {
    cw_buf_puts(buf, "{\"if\":");
    cw_selection_put_cond(w, &rule->conds[0], buf);
    cw_buf_puts(buf, ",\"then\":");
    cw_selection_put_cond(w, &rule->conds[1], buf);
    if (rule->kind == CW_RULE_IFF) {
        cw_buf_puts(buf, ",\"else\":{\"not\":");
        cw_selection_put_cond(w, &rule->conds[1], buf);
        cw_buf_puts(buf, "}");
    }
    cw_buf_puts(buf, "}");
}

/* False when it cannot be said. */
static bool put_rule(struct cw_selection_writer *w, const struct cw_rule *rule, struct cw_buf *buf,
                     struct cw_buf *ret_defs) {
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
    case CW_RULE_IFF:
        put_pair(w, rule, buf);
        return true;
    case CW_RULE_EXCLUDES:
        cw_buf_puts(buf, "{\"not\":{\"allOf\":[");
        put_conds(w, rule, buf);
        cw_buf_puts(buf, "]}}");
        return true;
    case CW_RULE_AT_MOST_ONE:
        put_at_most_one(w, rule, buf);
        return true;
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        put_table(w, rule, buf);
        return true;
    case CW_RULE_FORMULA:
        cw_selection_put_cond(w, &rule->conds[0], buf);
        return true;
    case CW_RULE_CARDINALITY:
    case CW_RULE_COMPARE:
    case CW_RULE_SUM:
        break;
    }
    return cw_selection_put_count(w, rule, buf, ret_defs);
}

static void add_rule(struct cw_selection_writer *w, const struct cw_rule *rule) {
    CW_AUTO_BUF struct cw_buf schema = {0};
    CW_AUTO_BUF struct cw_buf defs = {0};
    bool said = put_rule(w, rule, &schema, &defs);
    size_t whole = w->all.length + w->defs.length + schema.length + defs.length;
    if (!said || whole > CW_SELECTION_SCHEMA_BYTES) {
        cw_selection_note(w, "rule '%s': %s", rule->id,
                          said ? "too long" : "a sum of too many values");
        return;
    }
    cw_buf_add(begin(w), schema.data, schema.length);
    cw_buf_add(&w->defs, defs.data, defs.length);
}

void cw_selection_put_rules(struct cw_selection_writer *w) {
    for (uint32_t o = 0; o < w->product->option_count; o++) {
        put_definitions(w, o);
        put_activity(w, o);
        put_required_if(w, o);
        put_derive(w, o);
        for (uint32_t c = 0; c < w->product->options[o].choice_count; c++)
            put_only_if(w, o, c);
    }
    for (size_t r = 0; r < w->product->rule_count; r++) {
        if (!w->product->rules[r].warning)
            add_rule(w, &w->product->rules[r]);
    }
}
