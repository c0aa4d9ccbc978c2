/*
 * Responsible for: a product's complete selections as a JSON Schema: the whole, options and the
 * form of their values. Does not: conditions and rules (selection_conditions.c, selection_rules.c).
 * Pure, any process.
 */
#include "exchange/selection_schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "exchange/exchange.h"

#define NOTES 50 /* named one by one */
/* Characters of which each begins a grapheme of its own, so counting them never counts too many,
 * and which the normal form C leaves as they are when they stand among themselves. */
#define PLAIN                                                                                      \
    " -~\\u00C0-\\u02FF\\u0388-\\u0482\\u048A-\\u052F\\u05D0-\\u05EA\\u0620-\\u064A"               \
    "\\u0660-\\u0669\\u06F0-\\u06F9\\u3041-\\u3096\\u30A1-\\u30FA\\u4E00-\\u9FFF"

void cw_selection_note(struct cw_selection_writer *w, const char *format, ...) {
    va_list args;
    if (++w->note_count > NOTES)
        return;
    va_start(args, format);
    cw_buf_printf(&w->notes, "; %s", cw_arena_vprintf(w->arena, format, args));
    va_end(args);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ' ' || (unsigned char)c >= 0x80;
}

/* [abc], [^a-c]: the character behind it, or NULL. */
static const char *after_class(const char *at) {
    at += at[1] == '^' ? 2 : 1;
    size_t length = strcspn(at, "]");
    for (size_t i = 0; i < length; i++) {
        if (!is_word(at[i]) && at[i] != '-')
            return NULL;
    }
    return length > 0 && at[length] ? at + length + 1 : NULL;
}

/* ?, *, +, {2}, {2,} or {2,3}: the character behind it; `at` where there is none. */
static const char *after_repeat(const char *at) {
    if (*at == '?' || *at == '*' || *at == '+')
        return at + 1;
    if (*at != '{')
        return at;
    size_t digits = strspn(at + 1, "0123456789");
    const char *end = at + 1 + digits;
    end += *end == ',' ? 1 + strspn(end + 1, "0123456789") : 0;
    return digits > 0 && *end == '}' ? end + 1 : NULL;
}

/*
 * Is the pattern read by every dialect as PCRE2 reads it: letters, digits, blanks, classes of them,
 * groups, alternatives, simple repetition? Others are left out.
 */
static bool is_plain_pattern(const char *at) {
    while (at && *at) {
        bool group = *at == '(' || *at == '|';
        if (*at == '(' && (at[1] == '?' || at[1] == '*'))
            return false;
        if (!group && *at != ')' && *at != '[' && !is_word(*at))
            return false;
        at = *at == '[' ? after_class(at) : at + 1;
        const char *next = at && !group ? after_repeat(at) : at;
        if (next && next != at && strchr("?*+{", *next) && *next)
            return false; /* lazy, possessive */
        at = next;
    }
    return at != NULL;
}

/* Without anchors, as it is asked of the whole text anyway; NULL: there is none. */
static const char *own_pattern(const struct cw_selection_writer *w,
                               const struct cw_text_rule *rule) {
    if (!rule->pattern || !rule->pattern[0])
        return NULL;
    const char *start = rule->pattern + (rule->pattern[0] == '^');
    size_t length = strlen(start);
    return cw_arena_strndup(w->arena, start, length - (length > 0 && start[length - 1] == '$'));
}

static void put_text(struct cw_selection_writer *w, const struct cw_option *option,
                     struct cw_buf *buf) {
    const struct cw_text_rule *rule = &option->text;
    const char *own = own_pattern(w, rule);
    cw_buf_printf(buf, "\"type\":\"string\",\"maxLength\":%d", CW_TEXT_BYTES);
    if (option->required && !option->active_if)
        cw_buf_puts(buf, ",\"minLength\":1");
    cw_buf_printf(buf, ",\"pattern\":\"^[^" PLAIN "]*(?:[" PLAIN "][^" PLAIN "]*){0,%u}$\"",
                  rule->max_graphemes);
    cw_buf_puts(buf,
                ",\"not\":{\"pattern\":\"^ |  | $|[\\\\u0000-\\\\u001F\\\\u007F-\\\\u009F]\"}");
    if (own && rule->letter_case == CW_CASE_AS_IS && is_plain_pattern(own)) {
        /* it is asked of the normal form, which may be another text where other characters are */
        cw_buf_puts(buf,
                    ",\"anyOf\":[{\"maxLength\":0},{\"pattern\":\"[^" PLAIN "]\"},{\"pattern\":");
        cw_buf_json(buf, cw_arena_printf(w->arena, "^(?:%s)$", own));
        cw_buf_puts(buf, "}]");
    } else if (own) {
        cw_selection_note(w, "option '%s': the pattern of the text", option->id);
    }
}

/* ---- options --------------------------------------------------------------------------------- */

static void put_choices(const struct cw_option *option, struct cw_buf *buf) {
    cw_buf_puts(buf, "\"enum\":[");
    for (size_t c = 0; c < option->choice_count; c++)
        cw_buf_printf(buf, "%s\"%s\"", c ? "," : "", option->choices[c].id);
    cw_buf_puts(buf, "]");
}

static void put_multi(const struct cw_option *option, struct cw_buf *buf) {
    uint32_t min = option->required && option->multi_min == 0 ? 1 : option->multi_min;
    cw_buf_puts(buf, "\"type\":\"array\",\"items\":{");
    put_choices(option, buf);
    cw_buf_printf(buf, "},\"uniqueItems\":true,\"minItems\":%u,\"maxItems\":%u", min,
                  option->multi_max);
}

static void put_number(struct cw_selection_writer *w, const struct cw_option *option,
                       struct cw_buf *buf) {
    cw_buf_printf(buf, "\"type\":\"integer\",\"minimum\":%" PRId64 ",\"maximum\":%" PRId64,
                  option->number_min, option->number_max);
    if (option->number_step == 1)
        return;
    if (option->number_min % option->number_step == 0)
        cw_buf_printf(buf, ",\"multipleOf\":%" PRId64, option->number_step);
    else
        cw_selection_note(w, "option '%s': the step of the number", option->id);
}

/* A shopper's own picture, as schemas/configure-request.schema.json has it. */
static const char placement[] =
    "\"type\":[\"object\",\"null\"],\"required\":[\"artwork\"],\"additionalProperties\":false,"
    "\"properties\":{\"artwork\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"},"
    "\"xUm\":{\"type\":\"integer\",\"minimum\":-2000000,\"maximum\":2000000},"
    "\"yUm\":{\"type\":\"integer\",\"minimum\":-2000000,\"maximum\":2000000},"
    "\"widthUm\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":2000000},"
    "\"rotationMdeg\":{\"type\":\"integer\",\"minimum\":-360000,\"maximum\":360000}}";

static void put_option(struct cw_selection_writer *w, const struct cw_option *option,
                       const char *locale, struct cw_buf *buf) {
    cw_buf_printf(buf, "\"%s\":{\"title\":", option->id);
    cw_buf_json(buf, cw_l10n_get(&option->title, locale));
    cw_buf_puts(buf, ",");
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        put_choices(option, buf);
        break;
    case CW_OPTION_MULTI:
        put_multi(option, buf);
        break;
    case CW_OPTION_FLAG:
        cw_buf_puts(buf, "\"type\":\"boolean\"");
        break;
    case CW_OPTION_NUMBER:
        put_number(w, option, buf);
        break;
    case CW_OPTION_TEXT:
        if (option->artwork)
            cw_buf_puts(buf, placement);
        else
            put_text(w, option, buf);
        break;
    }
    cw_buf_puts(buf, "}");
}

static void put_options(struct cw_selection_writer *w, const char *locale, struct cw_buf *buf) {
    const char *comma = "";
    cw_buf_puts(buf, ",\"type\":\"object\",\"properties\":{");
    for (size_t o = 0; o < w->product->option_count; o++) {
        if (w->product->options[o].derive)
            continue;
        cw_buf_puts(buf, comma);
        put_option(w, &w->product->options[o], locale, buf);
        comma = ",";
    }
    cw_buf_puts(buf, "},\"required\":[");
    comma = "";
    for (size_t o = 0; o < w->product->option_count; o++) {
        const struct cw_option *option = &w->product->options[o];
        bool text = option->kind == CW_OPTION_TEXT;
        if (option->derive || option->active_if || (text && !option->required))
            continue;
        cw_buf_printf(buf, "%s\"%s\"", comma, option->id);
        comma = ",";
    }
    cw_buf_puts(buf, "],\"additionalProperties\":false");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void put_comment(struct cw_selection_writer *w, struct cw_buf *buf) {
    static const char unsaid[] =
        "A complete selection by the rules. Not said: market, dates, overlays, stock; whether a "
        "text's script, letters and width can be made";
    if (w->note_count > NOTES)
        cw_buf_printf(&w->notes, "; %zu more", w->note_count - NOTES);
    cw_buf_puts(buf, ",\"$comment\":");
    cw_buf_json(buf,
                cw_arena_printf(w->arena, "%s%s.", unsaid, w->notes.data ? w->notes.data : ""));
}

/* Both lists have a comma before each item. */
static void put_list(struct cw_buf *buf, const char *name, const struct cw_buf *items, char open,
                     char close) {
    if (items->length == 0)
        return;
    cw_buf_printf(buf, ",\"%s\":%c", name, open);
    cw_buf_add(buf, items->data + 1, items->length - 1);
    cw_buf_putc(buf, close);
}

void cw_selection_schema(const struct cw_product *product, const char *locale,
                         struct cw_buf *ret_schema) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf options = {0};
    struct cw_selection_writer writer = {.product = product, .arena = arena};
    if (!arena)
        abort(); /* as arenas do */
    put_options(&writer, locale, &options);
    cw_selection_put_rules(&writer);
    cw_buf_puts(ret_schema, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"");
    cw_buf_puts(ret_schema, ",\"title\":");
    cw_buf_json(ret_schema, cw_l10n_get(&product->title, locale));
    put_comment(&writer, ret_schema);
    cw_buf_add(ret_schema, options.data, options.length);
    put_list(ret_schema, "allOf", &writer.all, '[', ']');
    put_list(ret_schema, "$defs", &writer.defs, '{', '}');
    cw_buf_puts(ret_schema, "}");
    cw_buf_deinit(&writer.all);
    cw_buf_deinit(&writer.defs);
    cw_buf_deinit(&writer.notes);
}
