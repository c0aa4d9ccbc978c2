/*
 * Responsible for: POST …/configure: from the request to the answer, from memory where it was
 * given before. Does not: compute it (configure step) or write it (answer.c). Server process, loop
 * thread.
 */
#include "api/answer.h"

#include <string.h>

#include "api/answer_memo.h"
#include "api/context.h"
#include "base/clock.h"
#include "cordwain/limits.h"
#include "http/coded.h"

/* A click on its way. */
struct asking {
    struct api_ask ask;
    struct api_answer_asked asked;
    uint8_t key[API_ANSWER_KEY];   /* of the plain form */
    uint8_t meant[API_ANSWER_KEY]; /* of the question by what it means */
    char name[API_ANSWER_NAME + 1];
    const uint64_t *marks; /* of the answer; NULL: nobody asks since it */
    bool keep;
    enum cw_coding coding;
    struct api_shape *shape;
    struct api_click click;
    struct cw_buf buf;
    struct cw_error error;
};

/* As it was sent; or as it was meant, when that is known. */
static void answer_key(struct cw_request *req, const struct cw_snapshot *snapshot,
                       struct asking *asking) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *languages = cw_request_header(req, "Accept-Language"),
               *type = cw_request_header(req, "Content-Type");
    asking->asked =
        (struct api_answer_asked){.product_digest = product->digest,
                                  .art_digest = product->art_digest,
                                  .day = api_now(req) / CW_DAY_MS,
                                  .renderer = cw_pool_generation(api_of(req)->config.pool),
                                  .stock = cw_stock_generation(api_of(req)->config.stock),
                                  .type = type ? type : "",
                                  .languages = languages ? languages : "",
                                  .body = req->body};
    api_answer_key(&asking->asked, asking->key);
    api_answer_memo_meaning(api_of(req)->shared->answers, asking->key);
}

static void meant_key(const struct asking *asking, const struct api_shape *shape,
                      uint8_t ret_key[API_ANSWER_KEY]) {
    const struct api_answer_meant meant = {.asked = &asking->asked,
                                           .locale = shape->locale,
                                           .market = shape->market,
                                           .quantity = shape->quantity,
                                           .selection = &shape->selection};
    api_answer_key_meant(&meant, ret_key);
}

/* Would the same request be answered the same tomorrow, as far as the key tells? Not when a text
 * could not be measured, or when time ran out on the SAT tier. */
static bool lasts(const struct api_shape *shape) {
    for (size_t i = 0; i < shape->context.fit_count; i++) {
        if (shape->context.fits[i].verdict == CW_FIT_UNMEASURED) {
            return false;
        }
    }
    return cw_engine_about(api_engine(shape->snapshot)).tier == CW_TIER_COMPILED &&
           api_artworks_unknown(cw_snapshot_product(shape->snapshot), &shape->selection,
                                &shape->context) == CW_NONE;
}

/* What the earlier answer said, if it is remembered; the request holds it. */
static const uint64_t *find_since(const struct api_shape *shape) {
    const struct cw_product *product = cw_snapshot_product(shape->snapshot);
    uint8_t key[API_ANSWER_KEY];
    api_answer_key_named(product->digest, shape->since, key);
    struct cw_blob *blob = api_answer_memo_find(api_of(shape->req)->shared->answers, key);
    if (!blob) {
        return NULL;
    }
    api_hold_blob(shape->req, blob);
    return cw_blob_length(blob) == api_marks_count(product) * sizeof(uint64_t)
               ? (const uint64_t *)(const void *)cw_blob_data(blob)
               : NULL;
}

/* From here on the question goes by what it means, where nothing else is asked with it. False: by
 * the key it had, as do those since other answers. */
static bool find_meaning(struct asking *asking, const struct api_shape *shape, bool asks_more) {
    if (shape->context.overlay_count > 0) {
        return false;
    }
    meant_key(asking, shape, asking->meant);
    if (asks_more || shape->since || memcmp(asking->meant, asking->key, sizeof asking->key) == 0) {
        return false;
    }
    api_answer_memo_same(api_of(shape->req)->shared->answers, asking->key, asking->meant);
    memcpy(asking->key, asking->meant, sizeof asking->key);
    return true;
}

/* The answer in the coding that was asked for. What is kept is kept in each form that was. */
static void reply_answer(struct cw_request *req, struct asking *asking, struct cw_blob *plain,
                         bool keep) {
    struct cw_bytes text = {cw_blob_data(plain), cw_blob_length(plain)};
    struct cw_blob *packed = asking->coding == CW_CODING_GZIP ? cw_reply_gzip(req, text) : NULL;
    if (packed && keep) {
        api_answer_key_turn(asking->key);
        api_answer_memo_put(api_of(req)->shared->answers, asking->key, packed);
    } else if (keep) {
        api_answer_memo_put(api_of(req)->shared->answers, asking->key, plain);
    }
    cw_reply_coded(req, packed ? CW_CODING_GZIP : CW_CODING_IDENTITY, "application/json",
                   packed ? packed : plain, NULL);
    cw_blob_unref(packed);
}

/* Answered from memory. */
static bool remembered(struct cw_request *req, struct asking *asking) {
    struct api_answer_memo *memo = api_of(req)->shared->answers;
    struct cw_blob *known = NULL;
    if (asking->coding == CW_CODING_GZIP) {
        api_answer_key_turn(asking->key);
        known = api_answer_memo_find(memo, asking->key);
        api_answer_key_turn(asking->key);
    }
    if (known) {
        cw_reply_coded(req, CW_CODING_GZIP, "application/json", known, NULL);
    } else if ((known = api_answer_memo_find(memo, asking->key)) != NULL) {
        /* by now it may be worth compressing */
        reply_answer(req, asking, known, asking->coding == CW_CODING_GZIP);
    }
    bool found = known != NULL;
    cw_blob_unref(known);
    return found;
}

static void compute(void *arg) {
    struct asking *asking = arg;
    (void)!api_answer_click(&asking->click, asking->shape->req->arena, &asking->buf,
                            &asking->error);
}

/* For answers since this one. */
static void keep_marks(const struct asking *asking) {
    size_t count = api_marks_count(cw_snapshot_product(asking->shape->snapshot));
    struct cw_blob *marks = cw_blob_new(asking->marks, count * sizeof *asking->marks);
    uint8_t key[API_ANSWER_KEY];
    api_answer_key_named(asking->asked.product_digest, asking->name, key);
    api_answer_memo_put(api_of(asking->shape->req)->shared->answers, key, marks);
    cw_blob_unref(marks);
}

static void computed(void *arg) {
    struct asking *asking = arg;
    struct cw_request *req = asking->shape->req;
    if (asking->error.status != CW_OK) {
        cw_reply_problem(req, &asking->error);
        return;
    }
    struct cw_blob *blob = cw_blob_take_buf(&asking->buf);
    if (asking->marks) {
        keep_marks(asking);
    }
    reply_answer(req, asking, blob, asking->keep);
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

static void forget_text(void *buf) {
    cw_buf_deinit(buf);
}

/* The answer has a name and is remembered; and it may leave out what another one said. What is
 * whole only because that one is forgotten is not remembered itself. */
static void prepare_since(struct asking *asking) {
    const struct api_shape *shape = asking->shape;
    api_answer_name(api_of(shape->req)->shared->answers, asking->meant, asking->name);
    asking->click.name = asking->name;
    asking->click.ret_marks = &asking->marks;
    asking->click.since = *shape->since ? find_since(shape) : NULL;
    asking->keep = asking->click.since || !*shape->since;
}

static void answer_shape(struct api_shape *shape) {
    struct asking *asking = shape->data;
    cw_arena_defer(shape->req->arena, forget_text, &asking->buf); /* an error may leave some */
    asking->shape = shape;
    asking->click = (struct api_click){.engine = api_engine(shape->snapshot),
                                       .selection = &shape->selection,
                                       .context = &shape->context,
                                       .ask = &asking->ask,
                                       .resolved = &shape->resolved};
    asking->keep = lasts(shape);
    if (asking->keep && shape->since && shape->context.overlay_count == 0) {
        prepare_since(asking);
    }
    if (!is_heavy(asking)) {
        compute(asking);
        computed(asking);
    } else {
        api_work(&(struct api_work){.req = shape->req,
                                    .crew = api_of(shape->req)->config.solvers,
                                    .run = compute,
                                    .done = computed,
                                    .arg = asking});
    }
}

/* The shape of the click; NULL: answered. Most bodies are read quickly. */
static struct api_shape *read_click(struct cw_request *req, struct cw_snapshot *snapshot,
                                    struct asking *asking, bool *ret_asks_more) {
    struct cw_faults faults = {.arena = req->arena};
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct api_click_body said;
    asking->ask = (struct api_ask)API_ASK_DEFAULT;
    if (api_is_type(req, "application/json") &&
        api_click_body_read(product, req->body, req->arena, &said)) {
        return api_shape_of(req, snapshot, &said);
    }
    json_t *body = api_body(req, CW_SCHEMA_CONFIGURE_REQUEST);
    struct api_shape *shape = body ? api_shape_new(req, snapshot, body) : NULL;
    if (!shape) {
        return NULL; /* answered: the body is gone with the request */
    }
    const json_t *more = json_object_get(body, "ask");
    *ret_asks_more = more != NULL;
    if (api_ask_read(more, product, shape->context.now_ms, req->arena, &asking->ask, &faults) !=
        CW_OK) {
        cw_reply_faults(req, 422, "ask.invalid", "Unprocessable question", &faults);
        return NULL;
    }
    return shape;
}

static void configure(struct cw_request *req, const char *version) {
    struct cw_snapshot *snapshot = api_product(req, cw_request_param(req, "product"), version);
    if (!snapshot) {
        return;
    }
    struct asking *asking = cw_arena_alloc(req->arena, sizeof *asking);
    answer_key(req, snapshot, asking);
    asking->coding = cw_reply_coding(req, CW_CODED_GZIP);
    if (remembered(req, asking)) {
        return;
    }
    bool asks_more = false;
    struct api_shape *shape = read_click(req, snapshot, asking, &asks_more);
    if (!shape || (find_meaning(asking, shape, asks_more) && remembered(req, asking))) {
        return;
    }
    shape->data = asking;
    api_shape_measure(shape, answer_shape);
}

void api_configure(struct cw_request *req) {
    configure(req, NULL);
}

void api_configure_version(struct cw_request *req) {
    configure(req, cw_request_param(req, "version"));
}
