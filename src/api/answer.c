/*
 * Responsible for: the answer to a shopper's click, as JSON. An answer names hundreds of choices,
 * so what stands around each is written in one piece; ids need no escaping, because their schema
 * leaves letters, digits and . _ - only. Does not: compute it (configure step). Server process, any
 * thread; command line.
 */
#include "api/answer.h"

#include <string.h>

#include "api/context.h"

/* Reasons are told once and named k0, k1 …: hundreds of choices share a few sentences. */
struct reasons {
    struct cw_arena *arena;
    const struct cw_product *product;
    const struct cw_answer *answer;
    const char *locale;
    size_t count, capacity;
    struct reason {
        uint32_t rule, option; /* or CW_NONE */
        const char *message;
        bool plain[2]; /* stands for every choice of that rule and option that is impossible
                          ([1]: unavailable), but for those with words of their own */
        char key[24];
    } * items;
};

static char *put(char *at, const char *text, size_t length) {
    memcpy(at, text, length);
    return at + length;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *put_int(char *at, int64_t value) {
    char digits[24], *first = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) {
        *--first = '-';
    }
    return put(at, first, (size_t)(digits + sizeof digits - first));
}

static struct reason *new_reason(struct reasons *r) {
    r->items = cw_arena_grow(r->arena, r->items, r->count, &r->capacity, sizeof *r->items);
    struct reason *item = &r->items[r->count];
    item->key[0] = 'k';
    *put_int(item->key + 1, (int64_t)r->count++) = '\0';
    return item;
}

static struct reason *reason_of_text(struct reasons *r, uint32_t option, uint32_t choice) {
    const struct cw_choice_answer *answer = &r->answer->options[option].choices[choice];
    const struct cw_choice_ref ref = {option, choice};
    const char *message = cw_choice_reason_text(r->product, r->answer, &ref, r->locale, r->arena);
    for (size_t i = 0; i < r->count; i++) {
        struct reason *have = &r->items[i];
        if (have->rule == answer->reason_rule && have->option == answer->reason_option &&
            strcmp(have->message, message) == 0) {
            return have;
        }
    }
    struct reason *item = new_reason(r);
    item->rule = answer->reason_rule;
    item->option = answer->reason_option;
    item->message = message;
    return item;
}

/* The words depend on the rule and the option alone, unless the choice has its own. */
static const char *reason_key(struct reasons *r, uint32_t option, uint32_t choice) {
    const struct cw_choice_answer *answer = &r->answer->options[option].choices[choice];
    bool unavailable = answer->state == CW_CHOICE_UNAVAILABLE;
    for (size_t i = 0; i < r->count && !answer->only_if; i++) {
        const struct reason *have = &r->items[i];
        if (have->plain[unavailable] && have->rule == answer->reason_rule &&
            have->option == answer->reason_option) {
            return have->key;
        }
    }
    struct reason *item = reason_of_text(r, option, choice);
    item->plain[unavailable] |= !answer->only_if;
    return item->key;
}

#define CHOICE_BYTES 128 /* one choice besides its id, with the longest state, number and key */

/* "id":{"state":…,"delta":…,"reason":…} */
static void write_choice(struct cw_json_writer *w, struct reasons *reasons, uint32_t option_index,
                         uint32_t choice, const struct cw_choice_answer *answer) {
#define STATE(name)                                                                                \
    { "\":{\"state\":\"" name "\"", sizeof("\":{\"state\":\"" name "\"") - 1 }
    static const struct {
        const char *text;
        size_t length;
    } states[] = {STATE("selected"), STATE("forced"), STATE("possible"), STATE("impossible"),
                  STATE("unavailable")};
#undef STATE
    const struct cw_option *option = &reasons->product->options[option_index];
    const char *id =
        option->kind == CW_OPTION_FLAG ? (choice ? "true" : "false") : option->choices[choice].id;
    size_t id_length = strlen(id);
    cw_buf_reserve(w->buf, id_length + CHOICE_BYTES);
    char *at = w->buf->data + w->buf->length;
    at = w->comma ? PUT(at, ",\"") : PUT(at, "\"");
    at = put(at, id, id_length);
    at = put(at, states[answer->state].text, states[answer->state].length);
    if (answer->delta_minor != 0) {
        at = put_int(PUT(at, ",\"delta\":"), answer->delta_minor);
    }
    if (answer->state == CW_CHOICE_IMPOSSIBLE || answer->state == CW_CHOICE_UNAVAILABLE) {
        const char *key = reason_key(reasons, option_index, choice);
        at = put(PUT(at, ",\"reason\":\""), key, strlen(key));
        at = PUT(at, "\"");
    }
    at = PUT(at, "}");
    *at = '\0';
    w->buf->length = (size_t)(at - w->buf->data);
    w->comma = true;
}

#define OPTION_BYTES 128 /* what stands before an option's value, besides its id */

/* "id":{"active":…,"required":…,"picked":… */
static void begin_option(struct cw_json_writer *w, const char *id,
                         const struct cw_option_answer *answer) {
    size_t id_length = strlen(id);
    cw_buf_reserve(w->buf, id_length + OPTION_BYTES);
    char *at = w->buf->data + w->buf->length;
    at = w->comma ? PUT(at, ",\"") : PUT(at, "\"");
    at = put(at, id, id_length);
    at = answer->active ? PUT(at, "\":{\"active\":true") : PUT(at, "\":{\"active\":false");
    at = answer->required ? PUT(at, ",\"required\":true") : PUT(at, ",\"required\":false");
    at = answer->picked ? PUT(at, ",\"picked\":true") : PUT(at, ",\"picked\":false");
    *at = '\0';
    w->buf->length = (size_t)(at - w->buf->data);
    w->comma = true;
}

static void write_option(struct cw_json_writer *w, struct reasons *reasons, uint32_t index,
                         const struct cw_option_answer *answer) {
    const struct cw_option *option = &reasons->product->options[index];
    begin_option(w, option->id, answer);
    if (answer->known) {
        api_write_value(w, "value", reasons->product, index, &answer->value);
    }
    if (option->derive) {
        cw_jw_bool(w, "derived", true);
    } else if (answer->choice_count > 0) {
        cw_jw_begin(w, "choices", '{');
        for (uint32_t i = 0; i < answer->choice_count; i++) {
            write_choice(w, reasons, index, i, &answer->choices[i]);
        }
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, '}');
}

static void write_reasons(struct cw_json_writer *w, const struct reasons *r) {
    cw_jw_begin(w, "reasons", '{');
    for (size_t i = 0; i < r->count; i++) {
        const struct reason *reason = &r->items[i];
        cw_jw_begin(w, reason->key, '{');
        if (reason->rule != CW_NONE) {
            cw_jw_str(w, "rule", r->product->rules[reason->rule].id);
        }
        if (reason->option != CW_NONE) {
            cw_jw_str(w, "option", r->product->options[reason->option].id);
        }
        cw_jw_str(w, "message", reason->message);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, '}');
}

static void write_issues(struct cw_json_writer *w, const struct cw_product *product,
                         const struct cw_answer *answer) {
    cw_jw_begin(w, "issues", '[');
    for (size_t i = 0; i < answer->issue_count; i++) {
        const struct cw_issue *issue = &answer->issues[i];
        cw_jw_begin(w, NULL, '{');
        cw_jw_str(w, "severity", issue->severity == CW_SEVERITY_ERROR ? "error" : "warning");
        cw_jw_str(w, "code", issue->code);
        cw_jw_str(w, "pointer", issue->pointer);
        if (issue->option != CW_NONE) {
            cw_jw_str(w, "option", product->options[issue->option].id);
        }
        if (issue->rule != CW_NONE) {
            cw_jw_str(w, "rule", product->rules[issue->rule].id);
        }
        cw_jw_str(w, "message", issue->message);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
}

static bool fits(const struct cw_configure_context *context, uint32_t option) {
    for (size_t i = 0; i < context->fit_count; i++) {
        if (context->fits[i].option == option) {
            return context->fits[i].verdict == CW_FIT_OK ||
                   context->fits[i].verdict == CW_FIT_UNMEASURED;
        }
    }
    return true;
}

/* What the pictures show: the completion, or the picks while they conflict, without the texts that
 * cannot be drawn, so that every address we give out leads to a picture. */
static void shown_selection(const struct api_click *click, const struct cw_answer *answer,
                            struct cw_arena *arena, struct cw_selection *ret) {
    const struct cw_selection *from = answer->consistent ? &answer->completion : click->selection;
    struct cw_pick *picks = cw_arena_array(arena, from->count, sizeof *picks);
    ret->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (fits(click->context, from->picks[i].option)) {
            picks[ret->count++] = from->picks[i];
        }
    }
    ret->picks = picks;
}

static void write_answer(struct cw_json_writer *w, const struct api_click *click,
                         const struct cw_answer *answer, const struct api_asked *asked,
                         struct cw_arena *arena) {
    const struct cw_product *product = cw_engine_product(click->engine);
    const char *locale = click->context->locale;
    struct reasons reasons = {
        .arena = arena, .product = product, .answer = answer, .locale = locale};
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "product", product->id);
    cw_jw_str(w, "version", product->version);
    cw_jw_str(w, "locale", locale);
    cw_jw_bool(w, "consistent", answer->consistent);
    cw_jw_bool(w, "complete", answer->complete);
    cw_jw_bool(w, "exact", answer->exact);
    write_issues(w, product, answer);
    cw_jw_begin(w, "options", '{');
    for (uint32_t i = 0; i < answer->option_count; i++) {
        write_option(w, &reasons, i, &answer->options[i]);
    }
    cw_jw_end(w, '}');
    write_reasons(w, &reasons);
    struct cw_selection shown;
    shown_selection(click, answer, arena, &shown);
    api_write_selection(w, "completion", product, &answer->completion);
    api_write_price(w, &answer->price);
    api_write_lead(w, &answer->lead);
    api_write_asked(w, product, asked);
    cw_jw_str(w, "alt", cw_alt_text(product, click->resolved, locale, arena));
    api_write_previews(w, product, &shown);
    cw_jw_end(w, '}');
}

/* About as many as the answer has: growing copies it several times. */
static size_t most_bytes(const struct cw_product *product) {
    size_t bytes = 3072;
    for (size_t i = 0; i < product->option_count; i++) {
        bytes += 96 + 44 * product->options[i].choice_count;
    }
    return bytes;
}

enum cw_status api_answer_click(const struct api_click *click, struct cw_arena *arena,
                                struct cw_buf *buf, struct cw_error *err) {
    struct cw_answer answer;
    struct api_asked asked;
    enum cw_status status =
        cw_configure(click->engine, click->selection, click->context, arena, &answer, err);
    if (status == CW_OK) {
        status = api_ask_run(click, answer.consistent, arena, &asked, err);
    }
    if (status == CW_OK) {
        struct cw_json_writer w = {.buf = buf};
        cw_buf_reserve(buf, most_bytes(cw_engine_product(click->engine)));
        write_answer(&w, click, &answer, &asked, arena);
    }
    return status;
}
