/*
 * Responsible for: the text of an imported product document, and faults with their place.
 * Does not: know any foreign format. Any process.
 */
#include "exchange/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_write.h"
#include "base/unicode.h"
#include "cordwain/limits.h"

#define TITLE_BYTES 500  /* the schema allows 600 characters */
#define FRAME_BYTES 4096 /* more than all of a document but its options and rules */

void cw_draft_deinit(struct cw_draft *draft) {
    cw_buf_deinit(&draft->options);
    cw_buf_deinit(&draft->rules);
}

void cw_draft_cut(struct cw_buf *buf, const char *text, size_t limit) {
    size_t length = strlen(text);
    if (length <= limit) {
        cw_buf_add(buf, text, length);
        return;
    }
    length = limit - strlen("…");
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    cw_buf_add(buf, text, length);
    cw_buf_puts(buf, "…");
}

static void put_text(struct cw_json_writer *w, const char *name, const char *text) {
    CW_AUTO_BUF struct cw_buf cut = {0};
    cw_draft_cut(&cut, text, TITLE_BYTES);
    for (char *c = cut.data; *c; c++) { /* a constraint may go over several lines */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    }
    cw_jw_begin(w, name, '{');
    cw_jw_str(w, "en", cut.data);
    cw_jw_end(w, '}');
}

/* ---- lines ----------------------------------------------------------------------------------- */

static struct cw_json_writer begin_line(struct cw_buf *lines, size_t *count) {
    struct cw_json_writer w = {.buf = lines};
    cw_buf_puts(lines, (*count)++ ? ",\n" : "\n");
    cw_jw_begin(&w, NULL, '{');
    return w;
}

static void put_raw(struct cw_json_writer *w, const char *name, const char *json) {
    if (json)
        cw_jw_raw(w, name, json);
}

void cw_draft_flag(struct cw_draft *draft, const struct cw_draft_option *option) {
    struct cw_json_writer w = begin_line(&draft->options, &draft->option_count);
    put_raw(&w, "activeIf", option->active_if);
    put_raw(&w, "attributes", option->attributes);
    if (option->preferred)
        cw_jw_bool(&w, "default", true);
    cw_jw_str(&w, "id", option->id);
    cw_jw_str(&w, "kind", "flag");
    put_text(&w, "title", option->title);
    cw_jw_end(&w, '}');
}

void cw_draft_put_choice(struct cw_buf *buf, const char *id, const char *title,
                         const char *attributes) {
    struct cw_json_writer w = {.buf = buf};
    cw_jw_begin(&w, NULL, '{');
    put_raw(&w, "attributes", attributes);
    cw_jw_str(&w, "id", id);
    put_text(&w, "title", title);
    cw_jw_end(&w, '}');
}

void cw_draft_choice(struct cw_draft *draft, const struct cw_draft_option *option,
                     const char *choices, const char *preferred) {
    struct cw_json_writer w = begin_line(&draft->options, &draft->option_count);
    put_raw(&w, "activeIf", option->active_if);
    cw_jw_raw(&w, "choices", choices);
    cw_jw_str(&w, "default", preferred);
    cw_jw_str(&w, "id", option->id);
    cw_jw_str(&w, "kind", "choice");
    put_text(&w, "title", option->title);
    cw_jw_end(&w, '}');
}

void cw_draft_number(struct cw_draft *draft, const struct cw_draft_option *option,
                     struct cw_draft_range range) {
    struct cw_json_writer w = begin_line(&draft->options, &draft->option_count);
    put_raw(&w, "activeIf", option->active_if);
    put_raw(&w, "attributes", option->attributes);
    cw_jw_int(&w, "default", range.min);
    cw_jw_str(&w, "id", option->id);
    cw_jw_str(&w, "kind", "number");
    cw_jw_int(&w, "max", range.max);
    cw_jw_int(&w, "min", range.min);
    cw_jw_int(&w, "step", range.step);
    put_text(&w, "title", option->title);
    cw_jw_end(&w, '}');
}

void cw_draft_append_options(struct cw_draft *draft, const struct cw_draft *more) {
    if (more->option_count == 0)
        return;
    cw_buf_puts(&draft->options, draft->option_count ? "," : "");
    cw_buf_add(&draft->options, more->options.data, more->options.length);
    draft->option_count += more->option_count;
}

void cw_draft_formula(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *expr) {
    struct cw_json_writer w = begin_line(&draft->rules, &draft->rule_count);
    cw_jw_raw(&w, "expr", expr);
    cw_jw_str(&w, "id", rule->id);
    cw_jw_str(&w, "kind", "formula");
    put_text(&w, "message", rule->message);
    cw_jw_end(&w, '}');
}

void cw_draft_requires(struct cw_draft *draft, const struct cw_draft_rule *rule,
                       const char *condition, const char *then) {
    struct cw_json_writer w = begin_line(&draft->rules, &draft->rule_count);
    cw_jw_str(&w, "id", rule->id);
    cw_jw_raw(&w, "if", condition);
    cw_jw_str(&w, "kind", "requires");
    put_text(&w, "message", rule->message);
    cw_jw_raw(&w, "then", then);
    cw_jw_end(&w, '}');
}

void cw_draft_iff(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *left,
                  const char *right) {
    struct cw_json_writer w = begin_line(&draft->rules, &draft->rule_count);
    cw_jw_str(&w, "id", rule->id);
    cw_jw_str(&w, "kind", "iff");
    cw_jw_raw(&w, "left", left);
    put_text(&w, "message", rule->message);
    cw_jw_raw(&w, "right", right);
    cw_jw_end(&w, '}');
}

void cw_draft_cardinality(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *of,
                          struct cw_draft_range range) {
    struct cw_json_writer w = begin_line(&draft->rules, &draft->rule_count);
    cw_jw_str(&w, "id", rule->id);
    cw_jw_str(&w, "kind", "cardinality");
    cw_jw_int(&w, "max", range.max);
    put_text(&w, "message", rule->message);
    cw_jw_int(&w, "min", range.min);
    cw_jw_raw(&w, "of", of);
    cw_jw_end(&w, '}');
}

void cw_draft_sum(struct cw_draft *draft, const struct cw_draft_rule *rule,
                  const struct cw_draft_sum *sum) {
    struct cw_json_writer w = begin_line(&draft->rules, &draft->rule_count);
    cw_jw_str(&w, "attribute", sum->attribute);
    cw_jw_str(&w, "id", rule->id);
    cw_jw_str(&w, "kind", "sum");
    put_text(&w, "message", rule->message);
    cw_jw_raw(&w, "of", sum->of);
    cw_jw_str(&w, "op", sum->op);
    cw_jw_int(&w, "value", sum->value);
    cw_jw_end(&w, '}');
}

/* ---- the whole ------------------------------------------------------------------------------- */

enum cw_status cw_draft_write(const struct cw_draft *draft, const char *id, const char *title,
                              struct cw_buf *ret_document, struct cw_error *err) {
    if (draft->option_count > CW_MAX_OPTIONS || draft->rule_count > CW_MAX_RULES ||
        draft->options.length + draft->rules.length > CW_PRODUCT_BYTES - FRAME_BYTES)
        return cw_fail(err, CW_E_LIMIT, "exchange.too_large",
                       "the product would have %zu options, %zu rules and %zu bytes: limits are "
                       "%d, %d and %d",
                       draft->option_count, draft->rule_count,
                       draft->options.length + draft->rules.length, CW_MAX_OPTIONS, CW_MAX_RULES,
                       CW_PRODUCT_BYTES);
    struct cw_json_writer w = {.buf = ret_document};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_str(&w, "format", "cordwain-product/1");
    cw_jw_str(&w, "id", id);
    cw_jw_raw(&w, "locales", "[\"en\"]");
    cw_buf_puts(ret_document, ",\n\"options\":[");
    cw_buf_add(ret_document, draft->options.data ? draft->options.data : "", draft->options.length);
    cw_buf_puts(ret_document, "],\n\"rules\":[");
    cw_buf_add(ret_document, draft->rules.data ? draft->rules.data : "", draft->rules.length);
    cw_buf_puts(ret_document, "],\n\"rulesOnly\":true");
    put_text(&w, "title", *title ? title : "Model");
    cw_jw_str(&w, "version", "1");
    cw_jw_end(&w, '}');
    cw_buf_putc(ret_document, '\n');
    return CW_OK;
}

const char *cw_draft_file_stem(struct cw_arena *arena, const char *file) {
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    const char *dot = strrchr(name, '.');
    char *stem =
        cw_arena_strndup(arena, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
    bool readable = cw_utf8_valid(stem, strlen(stem));
    for (char *c = stem; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f || (!readable && (unsigned char)*c >= 0x80))
            *c = '_';
    }
    return stem;
}

void cw_spot_fault(struct cw_faults *faults, const char *code, struct cw_spot spot,
                   const char *hint, const char *format, ...) {
    char text[320], message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(message, sizeof message, "line %zu, column %zu: %s", spot.line, spot.column, text);
    cw_fault_add_hint(faults, code, "", hint, message);
}

bool cw_spot_check_encoding(const char *text, size_t length, struct cw_faults *faults) {
    const char *nul = memchr(text, '\0', length), *start = text;
    size_t good = cw_utf8_good(text, nul ? (size_t)(nul - text) : length);
    if (good == length)
        return true;
    struct cw_spot spot = {1, 1};
    for (const char *feed; (feed = memchr(start, '\n', (size_t)(text + good - start)));) {
        start = feed + 1;
        spot.line++;
    }
    spot.column = (size_t)(text + good - start) + 1;
    cw_spot_fault(faults, "exchange.encoding", spot, "save the file as UTF-8",
                  "this byte is no UTF-8 text");
    return false;
}
