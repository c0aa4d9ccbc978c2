/*
 * Responsible for: conditions of a product as JSON Schemas of a complete selection, where an option
 * is active exactly while it is a member. Does not: rules (selection_rules.c). Pure, any process.
 *
 * A text may be active and absent, a derived option is never a member: whether one of these is
 * active is its activeIf, and a derived choice is whether one of its rows holds.
 */
#include "exchange/selection_schema.h"

#include <inttypes.h>

#include "exchange/uvl_export.h"

static bool is_member(const struct cw_option *option) {
    return option->kind != CW_OPTION_TEXT && !option->derive;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_value(const struct cw_option *option, uint32_t bit, struct cw_buf *buf) {
    if (option->kind == CW_OPTION_FLAG)
        cw_buf_puts(buf, bit ? "true" : "false");
    else
        cw_buf_printf(buf, "\"%s\"", option->choices[bit].id);
}

/* {"enum":[…]} */
static void put_enum(const struct cw_option *option, const struct cw_choice_mask *mask,
                     struct cw_buf *buf) {
    const char *comma = "";
    cw_buf_puts(buf, "{\"enum\":[");
    for (uint32_t bit = 0; bit < cw_choices_of(option); bit++) {
        if (!cw_mask_has(mask, bit))
            continue;
        cw_buf_puts(buf, comma);
        put_value(option, bit, buf);
        comma = ",";
    }
    cw_buf_puts(buf, "]}");
}

static bool is_empty(const struct cw_option *option, const struct cw_choice_mask *mask) {
    for (uint32_t bit = 0; bit < cw_choices_of(option); bit++) {
        if (cw_mask_has(mask, bit))
            return false;
    }
    return true;
}

static void put_derived(const struct cw_option *option, const struct cw_choice_mask *mask,
                        struct cw_buf *buf) {
    const char *comma = "";
    cw_buf_puts(buf, "{\"anyOf\":[");
    for (uint32_t c = 0; c < option->choice_count; c++) {
        if (!cw_mask_has(mask, c))
            continue;
        cw_buf_printf(buf, "%s{\"$ref\":\"#/$defs/%s=%s\"}", comma, option->id,
                      option->choices[c].id);
        comma = ",";
    }
    cw_buf_puts(buf, "]}");
}

void cw_selection_put_mask(const struct cw_selection_writer *writer, uint32_t o,
                           const struct cw_choice_mask *mask, struct cw_buf *buf) {
    const struct cw_option *option = &writer->product->options[o];
    if (is_empty(option, mask)) {
        cw_buf_puts(buf, "false");
        return;
    }
    if (option->derive) {
        put_derived(option, mask, buf);
        return;
    }
    bool multi = option->kind == CW_OPTION_MULTI;
    cw_buf_printf(buf, "{\"properties\":{\"%s\":%s", option->id, multi ? "{\"contains\":" : "");
    put_enum(option, mask, buf);
    cw_buf_printf(buf, "%s},\"required\":[\"%s\"]}", multi ? "}" : "", option->id);
}

void cw_selection_put_active(const struct cw_selection_writer *writer, uint32_t o,
                             struct cw_buf *buf) {
    const struct cw_option *option = &writer->product->options[o];
    if (is_member(option))
        cw_buf_printf(buf, "{\"required\":[\"%s\"]}", option->id);
    else if (option->active_if)
        cw_buf_printf(buf, "{\"$ref\":\"#/$defs/active:%s\"}", option->id);
    else
        cw_buf_puts(buf, "true");
}

void cw_selection_put_present(const struct cw_selection_writer *writer, uint32_t o,
                              struct cw_buf *buf) {
    const struct cw_option *option = &writer->product->options[o];
    if (option->kind != CW_OPTION_TEXT && option->kind != CW_OPTION_MULTI) {
        cw_selection_put_active(writer, o, buf);
        return;
    }
    const char *there = option->artwork                  ? "\"type\":\"object\""
                        : option->kind == CW_OPTION_TEXT ? "\"minLength\":1"
                                                         : "\"minItems\":1";
    cw_buf_printf(buf, "{\"properties\":{\"%s\":{%s}},\"required\":[\"%s\"]}", option->id, there,
                  option->id);
}

static void put_range(const struct cw_selection_writer *writer, const struct cw_cond *cond,
                      struct cw_buf *buf) {
    const char *id = writer->product->options[cond->option].id, *comma = "";
    cw_buf_printf(buf, "{\"properties\":{\"%s\":{", id);
    if (cond->min != INT64_MIN) {
        cw_buf_printf(buf, "\"minimum\":%" PRId64, cond->min);
        comma = ",";
    }
    if (cond->max != INT64_MAX)
        cw_buf_printf(buf, "%s\"maximum\":%" PRId64, comma, cond->max);
    cw_buf_printf(buf, "}},\"required\":[\"%s\"]}", id);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void put_list(const struct cw_selection_writer *writer, const struct cw_cond *cond,
                     struct cw_buf *buf) {
    bool all = cond->kind == CW_COND_ALL;
    if (cond->count == 0) {
        cw_buf_puts(buf, all ? "true" : "false");
        return;
    }
    cw_buf_printf(buf, "{\"%s\":[", all ? "allOf" : "anyOf");
    for (size_t i = 0; i < cond->count; i++) {
        cw_buf_puts(buf, i ? "," : "");
        cw_selection_put_cond(writer, &cond->items[i], buf);
    }
    cw_buf_puts(buf, "]}");
}

void cw_selection_put_cond(const struct cw_selection_writer *writer, const struct cw_cond *cond,
                           struct cw_buf *buf) {
    if (!cond) {
        cw_buf_puts(buf, "true");
        return;
    }
    switch (cond->kind) {
    case CW_COND_ALL:
    case CW_COND_ANY:
        put_list(writer, cond, buf);
        return;
    case CW_COND_NOT:
        cw_buf_puts(buf, "{\"not\":");
        cw_selection_put_cond(writer, cond->items, buf);
        cw_buf_puts(buf, "}");
        return;
    case CW_COND_IN:
    case CW_COND_HAS:
        cw_selection_put_mask(writer, cond->option, &cond->mask, buf);
        return;
    case CW_COND_RANGE:
        put_range(writer, cond, buf);
        return;
    case CW_COND_PRESENT:
        cw_selection_put_present(writer, cond->option, buf);
        return;
    case CW_COND_ACTIVE:
        cw_selection_put_active(writer, cond->option, buf);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void put_cell(const struct cw_selection_writer *writer, uint32_t o, bool inactive_fits,
                     const struct cw_choice_mask *mask, struct cw_buf *buf) {
    const struct cw_option *option = &writer->product->options[o];
    if (!inactive_fits || !option->active_if) {
        cw_selection_put_mask(writer, o, mask, buf);
    } else if (!option->derive) { /* an absent member fits any schema of its value */
        cw_buf_printf(buf, "{\"properties\":{\"%s\":", option->id);
        put_enum(option, mask, buf);
        cw_buf_puts(buf, "}}");
    } else {
        cw_buf_puts(buf, "{\"if\":");
        cw_selection_put_active(writer, o, buf);
        cw_buf_puts(buf, ",\"then\":");
        cw_selection_put_mask(writer, o, mask, buf);
        cw_buf_puts(buf, "}");
    }
}

void cw_selection_put_row(const struct cw_selection_writer *writer,
                          const struct cw_selection_table *table,
                          const struct cw_choice_mask *masks, struct cw_buf *buf) {
    const char *comma = "{\"allOf\":[";
    bool written = false;
    for (size_t i = 0; i < table->option_count; i++) {
        uint32_t o = table->options[i];
        if (cw_mask_is_any(&writer->product->options[o], &masks[i]))
            continue;
        cw_buf_puts(buf, comma);
        put_cell(writer, o, table->inactive_fits, &masks[i], buf);
        comma = ",";
        written = true;
    }
    cw_buf_puts(buf, written ? "]}" : "true");
}
