/*
 * Responsible for: POST …/configure: the answer to a shopper's click, as JSON.
 * Does not: compute it (configure step). Server process, loop thread.
 */
#include "api/answer.h"

#include <stdio.h>
#include <string.h>

#include "api/answer_memo.h"
#include "api/context.h"
#include "base/clock.h"
#include "cordwain/limits.h"
#include "http/coded.h"

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
        write_answer(&w, click, &answer, &asked, arena);
    }
    return status;
}

/* ---- the request ----------------------------------------------------------------------------- */

/* A click on its way. */
struct asking {
    struct api_ask ask;
    uint8_t key[API_ANSWER_KEY]; /* of the plain form */
    enum cw_coding coding;
    struct api_shape *shape;
    struct api_click click;
    struct cw_buf buf;
    struct cw_error error;
};

static void answer_key(struct cw_request *req, const struct cw_snapshot *snapshot,
                       uint8_t ret_key[API_ANSWER_KEY]) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *languages = cw_request_header(req, "Accept-Language"),
               *type = cw_request_header(req, "Content-Type");
    const struct api_answer_asked asked = {.product_digest = product->digest,
                                           .art_digest = product->art_digest,
                                           .day = api_now(req) / CW_DAY_MS,
                                           .renderer = cw_pool_generation(api_of(req)->config.pool),
                                           .stock = cw_stock_generation(api_of(req)->config.stock),
                                           .type = type ? type : "",
                                           .languages = languages ? languages : "",
                                           .body = req->body};
    api_answer_key(&asked, ret_key);
}

/* Would the same request be answered the same tomorrow, as far as the key tells? Not when a text
 * could not be measured, or when time ran out on the SAT tier. */
static bool lasts(const struct api_shape *shape) {
    for (size_t i = 0; i < shape->context.fit_count; i++) {
        if (shape->context.fits[i].verdict == CW_FIT_UNMEASURED) {
            return false;
        }
    }
    return cw_engine_about(api_engine(shape->snapshot)).tier == CW_TIER_COMPILED;
}

/* The answer in the coding that was asked for. What is kept is kept in each form that was. */
static void reply_answer(struct cw_request *req, struct asking *asking, struct cw_blob *plain,
                         bool keep) {
    struct cw_bytes text = {cw_blob_data(plain), cw_blob_length(plain)};
    struct cw_blob *packed = asking->coding == CW_CODING_GZIP ? cw_reply_gzip(req, text) : NULL;
    if (packed && keep) {
        api_answer_key_turn(asking->key);
        api_answer_memo_put(api_of(req)->answers, asking->key, packed);
    } else if (keep) {
        api_answer_memo_put(api_of(req)->answers, asking->key, plain);
    }
    cw_reply_coded(req, packed ? CW_CODING_GZIP : CW_CODING_IDENTITY, "application/json",
                   packed ? packed : plain, NULL);
    cw_blob_unref(packed);
}

/* Answered from memory. */
static bool remembered(struct cw_request *req, struct asking *asking) {
    struct api_answer_memo *memo = api_of(req)->answers;
    struct cw_blob *known = NULL;
    if (asking->coding == CW_CODING_GZIP) {
        api_answer_key_turn(asking->key);
        known = api_answer_memo_find(memo, asking->key);
        api_answer_key_turn(asking->key);
    }
    if (known) {
        cw_reply_coded(req, CW_CODING_GZIP, "application/json", known, NULL);
        return true;
    }
    known = api_answer_memo_find(memo, asking->key);
    if (known) { /* by now it may be worth compressing */
        struct cw_blob *plain = cw_blob_ref(known);
        reply_answer(req, asking, plain, asking->coding == CW_CODING_GZIP);
        cw_blob_unref(plain);
    }
    return known != NULL;
}

static void compute(void *arg) {
    struct asking *asking = arg;
    (void)!api_answer_click(&asking->click, asking->shape->req->arena, &asking->buf,
                            &asking->error);
}

static void computed(void *arg) {
    struct asking *asking = arg;
    struct cw_request *req = asking->shape->req;
    CW_AUTO_BUF struct cw_buf buf = asking->buf;
    struct cw_error err = asking->error;
    if (err.status == CW_OK && !buf.data) { /* the crew has not begun it */
        (void)cw_fail(&err, CW_E_BUSY, "crew.stopping", "the server is shutting down");
    }
    if (err.status != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    struct cw_blob *blob = cw_blob_new(buf.data, buf.length);
    reply_answer(req, asking, blob, lasts(asking->shape));
    cw_blob_unref(blob);
}

/* What takes a millisecond or more goes to the crew, so that nobody else waits for it. */
static bool is_heavy(const struct asking *asking) {
    const struct api_ask *ask = &asking->ask;
    const struct cw_engine *engine = asking->click.engine;
    struct cw_engine_facts about = cw_engine_about(engine);
    return about.tier != CW_TIER_COMPILED || about.artefact_bytes > CW_RULES_SMALL_BYTES ||
           cw_engine_product(engine)->option_count > CW_RULES_SMALL_OPTIONS || ask->has_goal ||
           ask->sample.count > 0;
}

static void answer_shape(struct api_shape *shape) {
    struct asking *asking = shape->data;
    struct cw_error err = {0};
    asking->shape = shape;
    asking->click = (struct api_click){api_engine(shape->snapshot), &shape->selection,
                                       &shape->context, &asking->ask, &shape->resolved};
    if (!is_heavy(asking)) {
        compute(asking);
        computed(asking);
    } else if (cw_crew_push(api_of(shape->req)->config.solvers, compute, computed, asking, &err) !=
               CW_OK) {
        cw_reply_problem(shape->req, &err);
    }
}

static bool read_ask(struct api_shape *shape, const json_t *body, struct api_ask *ask) {
    struct cw_request *req = shape->req;
    struct cw_faults faults = {.arena = req->arena};
    *ask = (struct api_ask)API_ASK_DEFAULT;
    if (api_ask_read(json_object_get(body, "ask"), cw_snapshot_product(shape->snapshot),
                     shape->context.now_ms, req->arena, ask, &faults) != CW_OK) {
        cw_reply_faults(req, 422, "ask.invalid", "Unprocessable question", &faults);
        return false;
    }
    return true;
}

static void configure(struct cw_request *req, const char *version) {
    struct cw_snapshot *snapshot = api_product(req, cw_request_param(req, "product"), version);
    if (!snapshot) {
        return;
    }
    struct asking *asking = cw_arena_alloc(req->arena, sizeof *asking);
    answer_key(req, snapshot, asking->key);
    asking->coding = cw_reply_coding(req, CW_CODED_GZIP);
    if (remembered(req, asking)) {
        return;
    }
    json_t *body = api_body(req, CW_SCHEMA_CONFIGURE_REQUEST);
    struct api_shape *shape = body ? api_shape_new(req, snapshot, body) : NULL;
    if (shape && read_ask(shape, body, &asking->ask)) {
        shape->data = asking;
        api_shape_measure(shape, answer_shape);
    }
}

void api_configure(struct cw_request *req) {
    configure(req, NULL);
}

void api_configure_version(struct cw_request *req) {
    configure(req, cw_request_param(req, "version"));
}
