/*
 * Responsible for: the answer to a shopper's click, as JSON; its options are answer_options.c's.
 * Does not: compute it (configure step). Server process, any thread; command line.
 */
#include "api/answer.h"

#include <string.h>

#include "api/context.h"

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
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "product", product->id);
    cw_jw_str(w, "version", product->version);
    cw_jw_str(w, "locale", locale);
    cw_jw_bool(w, "consistent", answer->consistent);
    cw_jw_bool(w, "complete", answer->complete);
    cw_jw_bool(w, "exact", answer->exact);
    if (click->name) {
        cw_jw_str(w, "answer", click->name);
    }
    if (click->since) {
        cw_jw_bool(w, "partial", true);
    }
    write_issues(w, product, answer);
    api_write_options(w, click, answer, arena);
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

#define SINCE_BYTES 4096 /* an answer since another one mostly has less */

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
        cw_buf_reserve(buf,
                       click->since ? SINCE_BYTES : most_bytes(cw_engine_product(click->engine)));
        write_answer(&w, click, &answer, &asked, arena);
    }
    return status;
}
