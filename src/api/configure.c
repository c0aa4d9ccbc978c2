/*
 * Responsible for: POST …/configure: the answer to a shopper's click, as JSON.
 * Does not: compute it (configure step). Server process, loop thread.
 */
#include "api/answer.h"

#include <stdio.h>
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
        char key[12];
    } * items;
};

static struct reason *new_reason(struct reasons *r) {
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 32;
        struct reason *items = cw_arena_array(r->arena, capacity, sizeof *items);
        if (r->count > 0) {
            memcpy(items, r->items, r->count * sizeof *items);
        }
        r->items = items;
        r->capacity = capacity;
    }
    struct reason *item = &r->items[r->count];
    snprintf(item->key, sizeof item->key, "k%zu", r->count++);
    return item;
}

static const char *reason_key(struct reasons *r, uint32_t option, uint32_t choice) {
    const struct cw_choice_answer *answer = &r->answer->options[option].choices[choice];
    const struct cw_choice_ref ref = {option, choice};
    const char *message = cw_choice_reason_text(r->product, r->answer, &ref, r->locale, r->arena);
    for (size_t i = 0; i < r->count; i++) {
        const struct reason *have = &r->items[i];
        if (have->rule == answer->reason_rule && have->option == answer->reason_option &&
            strcmp(have->message, message) == 0) {
            return have->key;
        }
    }
    struct reason *item = new_reason(r);
    item->rule = answer->reason_rule;
    item->option = answer->reason_option;
    item->message = message;
    return item->key;
}

static void write_choice(struct cw_json_writer *w, struct reasons *reasons, uint32_t option_index,
                         uint32_t choice, const struct cw_choice_answer *answer) {
    static const char *const states[] = {"selected", "forced", "possible", "impossible",
                                         "unavailable"};
    const struct cw_option *option = &reasons->product->options[option_index];
    const char *id =
        option->kind == CW_OPTION_FLAG ? (choice ? "true" : "false") : option->choices[choice].id;
    cw_jw_begin(w, id, '{');
    cw_jw_str(w, "state", states[answer->state]);
    if (answer->delta_minor != 0) {
        cw_jw_int(w, "delta", answer->delta_minor);
    }
    if (answer->state == CW_CHOICE_IMPOSSIBLE || answer->state == CW_CHOICE_UNAVAILABLE) {
        cw_jw_str(w, "reason", reason_key(reasons, option_index, choice));
    }
    cw_jw_end(w, '}');
}

static void write_option(struct cw_json_writer *w, struct reasons *reasons, uint32_t index,
                         const struct cw_option_answer *answer) {
    const struct cw_option *option = &reasons->product->options[index];
    cw_jw_begin(w, option->id, '{');
    cw_jw_bool(w, "active", answer->active);
    cw_jw_bool(w, "required", answer->required);
    cw_jw_bool(w, "picked", answer->picked);
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

static bool fits(const struct api_answer *a, uint32_t option) {
    for (size_t i = 0; i < a->fit_count; i++) {
        if (a->fits[i].option == option) {
            return a->fits[i].verdict == CW_FIT_OK || a->fits[i].verdict == CW_FIT_UNMEASURED;
        }
    }
    return true;
}

/* What the pictures show: the completion, or the picks while they conflict, without the texts that
 * cannot be drawn, so that every address we give out leads to a picture. */
static void shown_selection(const struct api_answer *a, struct cw_arena *arena,
                            struct cw_selection *ret) {
    const struct cw_selection *from = a->answer->consistent ? &a->answer->completion : a->selection;
    struct cw_pick *picks = cw_arena_array(arena, from->count, sizeof *picks);
    ret->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (fits(a, from->picks[i].option)) {
            picks[ret->count++] = from->picks[i];
        }
    }
    ret->picks = picks;
}

void api_write_answer(struct cw_buf *buf, const struct api_answer *a, struct cw_arena *arena) {
    struct cw_json_writer w = {.buf = buf};
    const struct cw_product *product = cw_engine_product(a->engine);
    struct reasons reasons = {
        .arena = arena, .product = product, .answer = a->answer, .locale = a->locale};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_str(&w, "product", product->id);
    cw_jw_str(&w, "version", product->version);
    cw_jw_str(&w, "locale", a->locale);
    cw_jw_bool(&w, "consistent", a->answer->consistent);
    cw_jw_bool(&w, "complete", a->answer->complete);
    cw_jw_bool(&w, "exact", a->answer->exact);
    write_issues(&w, product, a->answer);
    cw_jw_begin(&w, "options", '{');
    for (uint32_t i = 0; i < a->answer->option_count; i++) {
        write_option(&w, &reasons, i, &a->answer->options[i]);
    }
    cw_jw_end(&w, '}');
    write_reasons(&w, &reasons);
    struct cw_selection shown;
    shown_selection(a, arena, &shown);
    api_write_selection(&w, "completion", product, &a->answer->completion);
    api_write_price(&w, &a->answer->price);
    api_write_lead(&w, &a->answer->lead);
    cw_jw_str(&w, "alt", cw_alt_text(product, a->resolved, a->locale, arena));
    api_write_previews(&w, product, &shown);
    cw_jw_end(&w, '}');
}

static void answer_click(struct api_shape *shape) {
    struct cw_request *req = shape->req;
    const struct cw_engine *engine = api_engine(shape->snapshot);
    struct cw_error err = {0};
    struct cw_answer answer;
    if (cw_configure(engine, &shape->selection, &shape->context, req->arena, &answer, &err) !=
        CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct api_answer a = {engine,           shape->locale,       &shape->selection,       &answer,
                           &shape->resolved, shape->context.fits, shape->context.fit_count};
    api_write_answer(&buf, &a, req->arena);
    api_reply(req, 200, &buf, NULL);
}

static void configure(struct cw_request *req, const char *version) {
    json_t *body = api_body(req, CW_SCHEMA_CONFIGURE_REQUEST);
    if (!body) {
        return;
    }
    struct cw_snapshot *snapshot = api_product(req, cw_request_param(req, "product"), version);
    struct api_shape *shape = snapshot ? api_shape_new(req, snapshot, body) : NULL;
    if (shape) {
        api_shape_measure(shape, answer_click);
    }
}

void api_configure(struct cw_request *req) {
    configure(req, NULL);
}

void api_configure_version(struct cw_request *req) {
    configure(req, cw_request_param(req, "version"));
}
