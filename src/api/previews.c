/*
 * Responsible for: GET /v1/previews/…: query to resolved configuration to picture, with caching
 * headers. Does not: draw or cache (preview step). Server process, loop thread.
 */
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "api/preview_memo.h"
#include "preview/frame.h"

#define IMMUTABLE "public, max-age=31536000, immutable"

struct query {
    struct cw_frame_texts frame;
    struct cw_selection_text *pairs;
    size_t pair_count;
};

/* Where a parameter's text goes; NULL when there is no such parameter. */
static const char **frame_text(struct cw_frame_texts *texts, const char *name) {
    const struct {
        const char *name;
        const char **text;
    } known[] = {{"w", &texts->width},
                 {"dpr", &texts->dpr},
                 {"crop", &texts->crop},
                 {"bg", &texts->background},
                 {"shadow", &texts->shadow}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].text;
        }
    }
    return NULL;
}

static void parse_query(struct cw_request *req, struct query *q, struct cw_faults *faults) {
    *q = (struct query){0};
    q->pairs = cw_arena_array(req->arena, req->param_count, sizeof *q->pairs);
    for (size_t i = 0; i < req->param_count; i++) {
        const char *name = req->params[i].name, *value = req->params[i].value;
        const char **text = frame_text(&q->frame, name);
        if (strncmp(name, "o.", 2) == 0) {
            q->pairs[q->pair_count++] = (struct cw_selection_text){name + 2, value};
        } else if (text && !*text) {
            *text = value;
        } else {
            cw_fault_add(faults, "preview.parameter", cw_json_pointer(req->arena, "", name),
                         "'%s' is no parameter of a preview, or is given twice", name);
        }
    }
}

static uint32_t find_view(const struct cw_product *product, const char *id) {
    for (uint32_t i = 0; i < product->view_count; i++) {
        if (strcmp(product->views[i].id, id) == 0) {
            return i;
        }
    }
    return CW_NONE;
}

static bool find_format(const char *extension, enum cw_format *ret) {
    static const struct {
        const char *extension;
        enum cw_format format;
    } formats[] = {{"png", CW_FORMAT_PNG}, {"webp", CW_FORMAT_WEBP}, {"jpg", CW_FORMAT_JPEG}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].extension, extension) == 0) {
            *ret = formats[i].format;
            return true;
        }
    }
    return false;
}

static void quote_identity(const uint8_t identity[CW_IDENTITY_BYTES],
                           char ret_etag[CW_IDENTITY_TEXT + 2]) {
    char text[CW_IDENTITY_TEXT];
    cw_identity_text(identity, text);
    snprintf(ret_etag, CW_IDENTITY_TEXT + 2, "\"%s\"", text);
}

static uint32_t generation(const struct cw_request *req) {
    return cw_pool_generation(api_of(req)->config.pool);
}

static void reply_picture(struct cw_request *req, const struct api_preview_known *known,
                          struct cw_blob *blob, const char *source) {
    char etag[CW_IDENTITY_TEXT + 2];
    quote_identity(known->identity, etag);
    const struct cw_header headers[] = {
        {"ETag", etag}, {"Cache-Control", IMMUTABLE}, {"X-Preview-Source", source}, {NULL, NULL}};
    cw_reply_blob(req, 200, known->content_type, blob, headers);
}

static bool is_conditional(struct cw_request *req) {
    return cw_request_header(req, "If-None-Match") || cw_request_header(req, "If-Match");
}

/* True: answered without the picture, because of what the request makes a condition. */
static bool precondition(struct cw_request *req, const uint8_t identity[CW_IDENTITY_BYTES]) {
    char etag[CW_IDENTITY_TEXT + 2];
    if (!is_conditional(req)) {
        return false;
    }
    quote_identity(identity, etag);
    (void)!cw_reply_header(req, "Cache-Control", IMMUTABLE, NULL);
    return cw_reply_precondition(req, etag);
}

static void drawn(void *arg, const struct cw_preview_result *result) {
    static const char *const sources[] = {"memory", "shared", "rendered"};
    struct cw_request *req = arg;
    if (result->error.status != CW_OK) {
        (void)!cw_reply_header(req, "Cache-Control", "no-store", NULL);
        cw_reply_problem(req, &result->error);
        return;
    }
    struct api_preview_known known = {.content_type = result->content_type};
    memcpy(known.identity, result->identity, sizeof known.identity);
    api_preview_memo_put(api_of(req)->memo, req->path, req->query, generation(req), &known);
    reply_picture(req, &known, result->blob, sources[result->source]);
}

/* An address seen before whose picture is still in memory; true: answered. */
static bool answer_known(struct cw_request *req) {
    struct api_preview_known known;
    struct cw_api *api = api_of(req);
    if (!api_preview_memo_find(api->memo, req->path, req->query, generation(req), &known)) {
        return false;
    }
    if (precondition(req, known.identity)) {
        return true;
    }
    struct cw_blob *blob = cw_preview_peek(api->config.preview, known.identity);
    if (blob) {
        reply_picture(req, &known, blob, "memory");
        cw_blob_unref(blob);
    }
    return blob != NULL;
}

/* A picture on its way from a selection to the renderer; in the request's arena. */
struct showing {
    struct cw_request *req;
    struct cw_snapshot *snapshot;
    struct cw_selection selection;
    struct cw_configure_context context;
    struct cw_scene_request scene;
    struct cw_resolved resolved;
};

/* Its address is kept for ever, so it must show all that it names. */
static bool refuse_unknown(const struct showing *showing) {
    const struct cw_product *product = cw_snapshot_product(showing->snapshot);
    struct cw_faults faults = {.arena = showing->req->arena};
    uint32_t option = api_artworks_unknown(product, &showing->selection, &showing->context);
    if (option == CW_NONE) {
        return false;
    }
    cw_fault_add(&faults, "artwork.unknown",
                 cw_arena_printf(showing->req->arena, "/o.%s", product->options[option].id), "%s",
                 "nobody uploaded this picture here");
    cw_reply_faults(showing->req, 422, "preview.invalid", "This picture cannot be drawn", &faults);
    return true;
}

static void show(void *arg) {
    struct showing *showing = arg;
    struct cw_request *req = showing->req;
    if (refuse_unknown(showing)) {
        return;
    }
    struct cw_faults ignored = {.arena = req->arena};
    if (cw_resolve(api_engine(showing->snapshot), &showing->selection, &showing->context,
                   CW_RESOLVE_LENIENT, req->arena, &showing->resolved, &ignored) != CW_OK) {
        api_reply_disagreement(req);
        return;
    }
    showing->scene.resolved = &showing->resolved;
    uint8_t identity[CW_IDENTITY_BYTES];
    if (is_conditional(req) &&
        cw_preview_identity(api_of(req)->config.preview, &showing->scene, identity, NULL) ==
            CW_OK &&
        precondition(req, identity)) {
        return;
    }
    api_preview_while_wanted(req, &showing->scene, drawn, req);
}

void api_previews_get(struct cw_request *req) {
    if (answer_known(req)) {
        return;
    }
    struct cw_snapshot *snapshot =
        api_product(req, cw_request_param(req, "product"), cw_request_param(req, "version"));
    if (!snapshot) {
        return;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *extension = cw_request_param(req, "format");
    struct cw_faults faults = {.arena = req->arena};
    struct cw_scene_request scene = {.view = find_view(product, cw_request_param(req, "view"))};
    struct cw_selection selection = {0};
    struct query q;
    if (scene.view == CW_NONE || !find_format(extension, &scene.format)) {
        struct cw_error err = {0};
        (void)(scene.view == CW_NONE
                   ? cw_fail(&err, CW_E_NOT_FOUND, "preview.view", "this product has no such view")
                   : cw_fail(&err, CW_E_NOT_FOUND, "preview.format",
                             "previews end in .png, .webp or .jpg"));
        cw_reply_problem(req, &err);
        return;
    }
    parse_query(req, &q, &faults);
    cw_frame_read(&q.frame, &scene, &faults);
    size_t first = faults.count;
    (void)!cw_selection_decode_pairs(product, q.pairs, q.pair_count, req->arena, &selection,
                                     &faults);
    for (size_t i = first; i < faults.count; i++) { /* the step knows options, not parameters */
        faults.items[i].pointer = cw_arena_printf(req->arena, "/o.%s", faults.items[i].pointer + 1);
    }
    if (faults.count > 0) {
        cw_reply_faults(req, 422, "preview.invalid", "This picture cannot be drawn", &faults);
        return;
    }
    struct showing *showing = cw_arena_alloc(req->arena, sizeof *showing);
    *showing = (struct showing){req, snapshot, selection, {.locale = "en"}, scene, {0}};
    struct api_question question = {req, snapshot, &showing->selection, &showing->context, NULL};
    api_solve(&question, show, showing);
}
