/*
 * Responsible for: the parts of answers that several resources share: prices, values, preview
 * addresses. Does not: compute any of them. Server process.
 */
#include <string.h>

#include "api/context.h"

void api_put_encoded(struct cw_buf *buf, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-._~,", c)) {
            cw_buf_putc(buf, (char)c);
        } else {
            cw_buf_printf(buf, "%%%02X", c);
        }
    }
}

static void put_multi(struct cw_buf *buf, const struct cw_option *option, uint64_t mask) {
    bool first = true;
    for (size_t i = 0; i < option->choice_count; i++) {
        if (mask >> i & 1) {
            cw_buf_printf(buf, "%s%s", first ? "" : ",", option->choices[i].id);
            first = false;
        }
    }
}

/* Departures only: unset options take their preferred value, so one look has one short address. */
static bool is_default(const struct cw_option *option, const struct cw_value *value) {
    switch (option->kind) {
    case CW_OPTION_CHOICE:
    case CW_OPTION_FLAG:
        return value->choice == option->default_choice;
    case CW_OPTION_MULTI:
        return value->multi == option->default_multi;
    case CW_OPTION_NUMBER:
        return value->number == option->default_number;
    case CW_OPTION_TEXT:
        return strcmp(value->text, option->default_text) == 0;
    }
    return false;
}

static void put_parameter(struct cw_buf *buf, const struct cw_option *option,
                          const struct cw_value *value) {
    cw_buf_puts(buf, "&o.");
    cw_buf_puts(buf, option->id);
    cw_buf_putc(buf, '=');
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        api_put_encoded(buf, option->choices[value->choice].id);
        break;
    case CW_OPTION_FLAG:
        cw_buf_puts(buf, value->choice ? "true" : "false");
        break;
    case CW_OPTION_MULTI:
        put_multi(buf, option, value->multi);
        break;
    case CW_OPTION_NUMBER:
        cw_buf_printf(buf, "%lld", (long long)value->number);
        break;
    case CW_OPTION_TEXT:
        api_put_encoded(buf, value->text);
        break;
    }
}

/* What follows the width: the departures. */
static void put_parameters(struct cw_buf *buf, const struct cw_product *product,
                           const struct cw_selection *selection) {
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_option *option = &product->options[selection->picks[i].option];
        if (!option->derive && !is_default(option, &selection->picks[i].value)) {
            put_parameter(buf, option, &selection->picks[i].value);
        }
    }
}

char *api_preview_url(struct cw_arena *arena, const struct cw_product *product,
                      const struct cw_selection *selection, const char *view, const char *extension,
                      uint32_t width_px) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&buf, "/v1/previews/%s@%s/%s.%s?w=%u", product->id, product->version, view,
                  extension, width_px);
    put_parameters(&buf, product, selection);
    return cw_arena_strndup(arena, buf.data, buf.length);
}

/* Ids and percent-encoded texts: nothing in an address needs an escape. */
void api_write_previews(struct cw_json_writer *w, const struct cw_product *product,
                        const struct cw_selection *selection) {
    CW_AUTO_BUF struct cw_buf parameters = {0};
    cw_buf_puts(&parameters, ".png?w=1024");
    put_parameters(&parameters, product, selection); /* the same for every view */
    cw_buf_putc(&parameters, '"');
    cw_jw_begin(w, "previews", '{');
    for (size_t i = 0; i < product->view_count; i++) {
        cw_jw_raw(w, product->views[i].id, "\"/v1/previews/");
        cw_buf_puts(w->buf, product->id);
        cw_buf_putc(w->buf, '@');
        cw_buf_puts(w->buf, product->version);
        cw_buf_putc(w->buf, '/');
        cw_buf_puts(w->buf, product->views[i].id);
        cw_buf_add(w->buf, parameters.data, parameters.length);
    }
    cw_jw_end(w, '}');
}

void api_write_price(struct cw_json_writer *w, const struct cw_price *price) {
    cw_jw_begin(w, "price", '{');
    cw_jw_str(w, "currency", price->currency);
    cw_jw_begin(w, "lines", '[');
    for (size_t i = 0; i < price->line_count; i++) {
        cw_jw_begin(w, NULL, '{');
        cw_jw_str(w, "kind", price->lines[i].kind);
        cw_jw_str(w, "id", price->lines[i].id);
        cw_jw_str(w, "title", price->lines[i].title);
        cw_jw_int(w, "amount", price->lines[i].amount_minor);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
    cw_jw_int(w, "unit", price->unit_minor);
    cw_jw_int(w, "quantity", price->quantity);
    cw_jw_int(w, "total", price->total_minor);
    cw_jw_end(w, '}');
}

void api_write_lead(struct cw_json_writer *w, const struct cw_lead *lead) {
    cw_jw_begin(w, "lead", '{');
    cw_jw_int(w, "workingDays", lead->working_days);
    cw_jw_str(w, "shipBy", lead->ship_by);
    cw_jw_end(w, '}');
}

static void write_text(struct cw_json_writer *w, const char *name, const struct cw_option *option,
                       const struct cw_value *value) {
    if (!option->artwork) {
        cw_jw_str(w, name, value->text);
        return;
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_value_encode(option, value, &buf);
    cw_jw_raw(w, name, buf.data);
}

void api_write_value(struct cw_json_writer *w, const char *name, const struct cw_product *product,
                     uint32_t index, const struct cw_value *value) {
    const struct cw_option *option = &product->options[index];
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        cw_jw_str(w, name, option->choices[value->choice].id);
        break;
    case CW_OPTION_FLAG:
        cw_jw_bool(w, name, value->choice != 0);
        break;
    case CW_OPTION_NUMBER:
        cw_jw_int(w, name, value->number);
        break;
    case CW_OPTION_TEXT:
        write_text(w, name, option, value);
        break;
    case CW_OPTION_MULTI:
        cw_jw_begin(w, name, '[');
        for (size_t i = 0; i < option->choice_count; i++) {
            if (value->multi >> i & 1) {
                cw_jw_str(w, NULL, option->choices[i].id);
            }
        }
        cw_jw_end(w, ']');
        break;
    }
}

void api_write_selection(struct cw_json_writer *w, const char *name,
                         const struct cw_product *product, const struct cw_selection *selection) {
    cw_jw_begin(w, name, '{');
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        if (product->options[pick->option].derive) {
            continue; /* what is written can be sent back as picks */
        }
        api_write_value(w, product->options[pick->option].id, product, pick->option, &pick->value);
    }
    cw_jw_end(w, '}');
}
