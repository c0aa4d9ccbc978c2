/*
 * Responsible for: POST …/configure: the answer to a shopper's click, as JSON.
 * Does not: compute it (configure step). Server process, loop thread.
 */
#include "api/answer.h"

#include <stdio.h>
#include <string.h>

#include "api/context.h"

/* Reasons are told once and named k0, k1 …: hundreds of choices share a few. */
struct reasons {
    struct cw_arena *arena;
    const struct cw_product *product;
    const char *locale;
    size_t count;
    struct reason {
        uint32_t rule, option, choice_option, choice; /* choice: only for its own onlyIf */
        enum cw_choice_state state;
        char key[12];
    } *items;
    size_t capacity;
};

static const char *reason_key(struct reasons *r, struct reason wanted) {
    for (size_t i = 0; i < r->count; i++) {
        struct reason *have = &r->items[i];
        if (have->rule == wanted.rule && have->option == wanted.option &&
            have->state == wanted.state && have->choice_option == wanted.choice_option &&
            have->choice == wanted.choice) {
            return have->key;
        }
    }
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct reason *items = cw_arena_array(r->arena, capacity, sizeof *items);
        if (r->count > 0) {
            memcpy(items, r->items, r->count * sizeof *items);
        }
        r->items = items;
        r->capacity = capacity;
    }
    struct reason *item = &r->items[r->count];
    *item = wanted;
    snprintf(item->key, sizeof item->key, "k%zu", r->count++);
    return item->key;
}

/* Choices of one group of an option usually share their onlyIf message; the first stands for all. */
static uint32_t first_with_same_message(const struct cw_option *option, uint32_t choice) {
    const struct cw_l10n *message = &option->choices[choice].only_if_message;
    for (uint32_t i = 0; i < choice; i++) {
        const struct cw_l10n *other = &option->choices[i].only_if_message;
        if (other->count == message->count && message->count > 0 &&
            strcmp(other->items[0].text, message->items[0].text) == 0) {
            return i;
        }
    }
    return choice;
}

static void write_choice(struct cw_json_writer *w, struct reasons *reasons, uint32_t option_index,
                         uint32_t choice, const struct cw_choice_answer *answer) {
    static const char *const states[] = {"selected", "forced", "possible", "impossible",
                                         "unavailable"};
    const struct cw_option *option = &reasons->product->options[option_index];
    const char *id = option->kind == CW_OPTION_FLAG ? (choice ? "true" : "false")
                                                    : option->choices[choice].id;
    cw_jw_begin(w, id, '{');
    cw_jw_str(w, "state", states[answer->state]);
    if (answer->delta_minor != 0) {
        cw_jw_int(w, "delta", answer->delta_minor);
    }
    if (answer->state == CW_CHOICE_IMPOSSIBLE || answer->state == CW_CHOICE_UNAVAILABLE) {
        struct reason reason = {.rule = answer->reason_rule,
                                .option = answer->reason_option,
                                .choice_option = CW_NONE,
                                .choice = CW_NONE,
                                .state = answer->state};
        if (answer->only_if) {
            reason.choice_option = option_index;
            reason.choice = first_with_same_message(option, choice);
        }
        cw_jw_str(w, "reason", reason_key(reasons, reason));
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
    if (answer->choice_count > 0) {
        cw_jw_begin(w, "choices", '{');
        for (uint32_t i = 0; i < answer->choice_count; i++) {
            write_choice(w, reasons, index, i, &answer->choices[i]);
        }
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, '}');
}

static const char *reason_message(const struct reasons *r, const struct reason *reason) {
    if (reason->state == CW_CHOICE_UNAVAILABLE) {
        return strcmp(r->locale, "fa") == 0   ? "اکنون یا در این بازار موجود نیست"
               : strcmp(r->locale, "uz") == 0 ? "Hozir yoki bu bozorda mavjud emas"
               : strcmp(r->locale, "zh") == 0 ? "目前或在该市场不提供"
                                              : "Not offered now or in this market";
    }
    if (reason->choice != CW_NONE) {
        const struct cw_choice *choice =
            &r->product->options[reason->choice_option].choices[reason->choice];
        if (choice->only_if_message.count > 0) {
            return cw_l10n_get(&choice->only_if_message, r->locale);
        }
    }
    if (reason->rule != CW_NONE) {
        return cw_l10n_get(&r->product->rules[reason->rule].message, r->locale);
    }
    if (reason->option != CW_NONE) {
        const char *title = cw_l10n_get(&r->product->options[reason->option].title, r->locale);
        const char *format = strcmp(r->locale, "fa") == 0   ? "با انتخاب شما برای «%s» سازگار نیست"
                             : strcmp(r->locale, "uz") == 0 ? "“%s” tanlovingizga mos kelmaydi"
                             : strcmp(r->locale, "zh") == 0 ? "与您选择的“%s”不兼容"
                                                            : "Does not go with your choice of “%s”";
        CW_AUTO_BUF struct cw_buf buf = {0};
        const char *mark = strstr(format, "%s");
        cw_buf_add(&buf, format, (size_t)(mark - format));
        cw_buf_puts(&buf, title);
        cw_buf_puts(&buf, mark + 2);
        return cw_arena_strdup(r->arena, buf.data);
    }
    return strcmp(r->locale, "fa") == 0   ? "با انتخاب‌های شما سازگار نیست"
           : strcmp(r->locale, "uz") == 0 ? "Tanlovlaringizga mos kelmaydi"
           : strcmp(r->locale, "zh") == 0 ? "与您的选择不兼容"
                                          : "Does not go with your choices";
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
        cw_jw_str(w, "message", reason_message(r, reason));
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

void api_write_answer(struct cw_buf *buf, const struct api_answer *a, struct cw_arena *arena) {
    struct cw_json_writer w = {.buf = buf};
    const struct cw_product *product = cw_engine_product(a->engine);
    struct reasons reasons = {.arena = arena, .product = product, .locale = a->locale};
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
    const struct cw_selection *shown =
        a->answer->consistent ? &a->answer->completion : a->selection;
    api_write_selection(&w, "completion", product, &a->answer->completion);
    api_write_price(&w, &a->answer->price);
    api_write_lead(&w, &a->answer->lead);
    cw_jw_str(&w, "alt", cw_alt_text(product, a->resolved, a->locale, arena));
    api_write_previews(&w, product, shown);
    cw_jw_end(&w, '}');
}

static void answer_click(struct api_shape *shape) {
    struct cw_request *req = shape->req;
    const struct cw_engine *engine = api_engine(shape->snapshot);
    struct cw_error err = {0};
    struct cw_answer answer;
    if (cw_configure(engine, &shape->selection, &shape->context, req->arena, &answer, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    struct cw_faults ignored = {.arena = req->arena};
    (void)!cw_resolve(engine, &shape->selection, &shape->context, CW_RESOLVE_LENIENT, req->arena,
                      &shape->resolved, &ignored);
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct api_answer a = {engine, shape->locale, &shape->selection, &answer, &shape->resolved};
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
