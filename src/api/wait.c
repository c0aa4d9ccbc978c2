/*
 * Responsible for: requests that wait for pictures and measured texts: their way to the loop that
 * owns the previews and back, giving up when the client has gone or the server ends, and what a
 * renderer's refusal means to a client. Does not: draw or queue (preview step). Server process;
 * what belongs to which loop's thread stands at each function.
 *
 *    asking loop                     previews' loop
 *    ask ──────── begin ───────────► the preview step
 *    arrived ◄─── the result ─────── drawn, measured         the request goes on
 *    give_up ──── cancel ──────────► no result comes any more, if none was sent before
 *    cancelled ◄─ acknowledged ─────                         only now may the request end
 *
 * Mail keeps its order, so after the acknowledgement nobody knows the request any more. When both
 * loops are the same, all of it are plain calls.
 */
#include <stdlib.h>
#include <string.h>

#include "api/context.h"

enum wait_kind { WAIT_PICTURE, WAIT_ARTWORK, WAIT_MEASURE };

/* In the request's arena, as is all that the questions point to. */
struct api_wait {
    struct cw_request *req;
    enum wait_kind kind;
    union {
        struct cw_scene_request scene;
        struct cw_artwork_request artwork;
        struct cw_measure_request measure;
    } asked;
    /* of the asking loop */
    struct api_wait *next, **link; /* on api->waits until it ends */
    bool given_up;
    cw_preview_fn picture_fn;
    cw_measure_fn measure_fn;
    void *arg;
    /* of the previews' loop: one of the two, from the call to its result */
    struct cw_preview_wait *picture;
    struct cw_measure *measuring;
    /* handed over with the mail */
    struct cw_preview_result picture_result; /* with a reference to its blob */
    struct cw_measure_result measure_result;
    struct cw_text_fit *fits; /* of it, to be freed */
};

/* ---- the previews' loop ---------------------------------------------------------------------- */

static void arrived(void *arg);

static void drawn(void *arg, const struct cw_preview_result *result) {
    struct api_wait *wait = arg;
    wait->picture = NULL;
    wait->picture_result = *result;
    wait->picture_result.blob = result->blob ? cw_blob_ref(result->blob) : NULL;
    api_from_previews(api_of(wait->req), arrived, wait);
}

static void measured(void *arg, const struct cw_measure_result *result) {
    struct api_wait *wait = arg;
    size_t bytes = result->count * sizeof *result->fits;
    wait->measuring = NULL;
    wait->measure_result = *result;
    if (bytes > 0) {
        wait->fits = malloc(bytes);
        if (!wait->fits) {
            abort(); /* as arenas do */
        }
        memcpy(wait->fits, result->fits, bytes);
        wait->measure_result.fits = wait->fits;
    }
    api_from_previews(api_of(wait->req), arrived, wait);
}

/* The result may come within the calls: then `wait` is gone when they return NULL. */
static void begin(void *arg) {
    struct api_wait *wait = arg;
    struct cw_preview *preview = api_of(wait->req)->config.preview;
    struct cw_preview_wait *picture = NULL;
    struct cw_measure *measuring = NULL;
    switch (wait->kind) {
    case WAIT_PICTURE:
        picture = cw_preview_get(preview, &wait->asked.scene, drawn, wait);
        break;
    case WAIT_ARTWORK:
        picture = cw_preview_artwork(preview, &wait->asked.artwork, drawn, wait);
        break;
    case WAIT_MEASURE:
        measuring = cw_preview_measure(preview, &wait->asked.measure, measured, wait);
        break;
    }
    if (picture) {
        wait->picture = picture;
    }
    if (measuring) {
        wait->measuring = measuring;
    }
}

static void cancelled(void *arg);

static void cancel(void *arg) {
    struct api_wait *wait = arg;
    if (wait->picture) {
        cw_preview_cancel(wait->picture);
    }
    if (wait->measuring) {
        cw_preview_measure_cancel(wait->measuring);
    }
    api_from_previews(api_of(wait->req), cancelled, wait);
}

/* ---- the asking loop ------------------------------------------------------------------------- */

static struct api_wait *wait_new(struct cw_request *req, enum wait_kind kind, void *arg) {
    struct cw_api *api = api_of(req);
    struct api_wait *wait = cw_arena_alloc(req->arena, sizeof *wait);
    *wait = (struct api_wait){
        .req = req, .kind = kind, .next = api->waits, .link = &api->waits, .arg = arg};
    if (wait->next) {
        wait->next->link = &wait->next;
    }
    api->waits = wait;
    return wait;
}

static void wait_end(struct api_wait *wait) {
    *wait->link = wait->next;
    if (wait->next) {
        wait->next->link = wait->link;
    }
    cw_request_on_cancel(wait->req, NULL, NULL);
}

/*
 * Clients choose options and texts, and both were checked before anything was drawn. So a worker
 * that refuses for another reason than a text, or a crop below the picture, shows a fault of ours
 * (art that lacks a part, a message of the wrong form): 500.
 */
static void judge(struct cw_error *error) {
    static const char *const theirs[] = {"render.text", "render.text_does_not_fit", "render.crop"};
    bool refused = error->status == CW_E_INPUT || error->status == CW_E_NOT_FOUND;
    if (!refused || strncmp(error->code, "render.", 7) != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        if (strcmp(error->code, theirs[i]) == 0) {
            return;
        }
    }
    error->status = CW_E_BUG;
}

static void arrived(void *arg) {
    struct api_wait *wait = arg;
    struct cw_blob *blob = wait->picture_result.blob;
    struct cw_text_fit *fits = wait->fits;
    if (!wait->given_up) {
        wait_end(wait);
        judge(&wait->picture_result.error);
        judge(&wait->measure_result.error);
        if (wait->kind == WAIT_MEASURE) { /* either may end the request, and with it `wait` */
            wait->measure_fn(wait->arg, &wait->measure_result);
        } else {
            wait->picture_fn(wait->arg, &wait->picture_result);
        }
    }
    cw_blob_unref(blob);
    free(fits);
}

static void cancelled(void *arg) {
    struct api_wait *wait = arg;
    struct cw_error err = {0};
    (void)cw_fail(&err, CW_E_BUSY, "render.busy", "the picture was given up");
    cw_reply_problem(wait->req, &err);
}

/* The callback will not run: the request ends when the previews have forgotten it. */
static void give_up(void *arg) {
    struct api_wait *wait = arg;
    wait_end(wait);
    wait->given_up = true;
    api_to_previews(api_of(wait->req), cancel, wait);
}

/* A picture in memory needs no other loop; true: `fn` has run. */
static bool from_memory(struct cw_request *req, const struct cw_scene_request *scene,
                        cw_preview_fn fn, void *arg) {
    struct cw_preview *preview = api_of(req)->config.preview;
    struct cw_preview_result result = {.content_type = cw_format_content_type(scene->format),
                                       .source = CW_PREVIEW_MEMORY};
    if (cw_preview_identity(preview, scene, result.identity, NULL) == CW_OK) {
        result.blob = cw_preview_peek(preview, result.identity);
    }
    if (!result.blob) {
        return false;
    }
    fn(arg, &result);
    cw_blob_unref(result.blob);
    return true;
}

static void ask(struct cw_request *req, const struct cw_scene_request *scene, cw_preview_fn fn,
                void *arg, bool while_wanted) {
    if (from_memory(req, scene, fn, arg)) {
        return;
    }
    struct api_wait *wait = wait_new(req, WAIT_PICTURE, arg);
    wait->picture_fn = fn;
    wait->asked.scene = *scene;
    if (while_wanted) {
        cw_request_on_cancel(req, give_up, wait);
    }
    api_to_previews(api_of(req), begin, wait);
}

void api_preview(struct cw_request *req, const struct cw_scene_request *scene, cw_preview_fn fn,
                 void *arg) {
    ask(req, scene, fn, arg, /* while_wanted: */ false);
}

void api_preview_while_wanted(struct cw_request *req, const struct cw_scene_request *scene,
                              cw_preview_fn fn, void *arg) {
    ask(req, scene, fn, arg, /* while_wanted: */ true);
}

void api_artwork(struct cw_request *req, const struct cw_artwork_request *request, cw_preview_fn fn,
                 void *arg) {
    struct api_wait *wait = wait_new(req, WAIT_ARTWORK, arg);
    wait->picture_fn = fn;
    wait->asked.artwork = *request;
    api_to_previews(api_of(req), begin, wait);
}

/* Texts that were measured before need no other loop; true: `fn` has run. */
static bool recalled(struct cw_request *req, const struct cw_measure_request *request,
                     cw_measure_fn fn, void *arg) {
    struct cw_text_fit *fits = cw_arena_array(req->arena, request->count + 1, sizeof *fits);
    struct cw_measure_result result = {.fits = fits};
    if (!cw_preview_measured(api_of(req)->config.preview, request, fits, &result.count)) {
        return false;
    }
    fn(arg, &result);
    return true;
}

void api_measure(struct cw_request *req, const struct cw_measure_request *request, cw_measure_fn fn,
                 void *arg) {
    if (recalled(req, request, fn, arg)) {
        return;
    }
    struct api_wait *wait = wait_new(req, WAIT_MEASURE, arg);
    wait->measure_fn = fn;
    wait->asked.measure = *request;
    api_to_previews(api_of(req), begin, wait);
}

void api_waits_end(struct cw_api *api) {
    while (api->waits) {
        give_up(api->waits);
    }
}
