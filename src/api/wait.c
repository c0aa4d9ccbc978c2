/*
 * Responsible for: requests that wait for pictures and measured texts: one list of all that wait,
 * given up when the client has gone or the server ends; what a renderer's refusal means to a
 * client. Does not: draw or queue (preview step). Server process, loop thread.
 */
#include <string.h>

#include "api/context.h"

/* In the request's arena; on api->waits until its callback runs. */
struct api_wait {
    struct api_wait *next, **link;
    struct cw_request *req;
    struct cw_preview_wait *picture; /* one of the two, once the call has returned */
    struct cw_measure *measure;
    cw_preview_fn picture_fn;
    cw_measure_fn measure_fn;
    void *arg;
};

static struct api_wait *wait_new(struct cw_request *req, void *arg) {
    struct cw_api *api = api_of(req);
    struct api_wait *wait = cw_arena_alloc(req->arena, sizeof *wait);
    *wait = (struct api_wait){.next = api->waits, .link = &api->waits, .req = req, .arg = arg};
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

static void drawn(void *arg, const struct cw_preview_result *result) {
    struct api_wait *wait = arg;
    struct cw_preview_result judged = *result;
    wait_end(wait);
    judge(&judged.error);
    wait->picture_fn(wait->arg, &judged); /* may end the request, and with it `wait` */
}

static void measured(void *arg, const struct cw_measure_result *result) {
    struct api_wait *wait = arg;
    struct cw_measure_result judged = *result;
    wait_end(wait);
    judge(&judged.error);
    wait->measure_fn(wait->arg, &judged);
}

/* The callback will not run: the request ends here. */
static void give_up(void *arg) {
    struct api_wait *wait = arg;
    struct cw_error err = {0};
    wait_end(wait);
    if (wait->picture) {
        cw_preview_cancel(wait->picture);
    } else {
        cw_preview_measure_cancel(wait->measure);
    }
    (void)cw_fail(&err, CW_E_BUSY, "render.busy", "the picture was given up");
    cw_reply_problem(wait->req, &err);
}

/* NULL when `fn` has run: the request may be gone then. */
static struct api_wait *ask(struct cw_request *req, const struct cw_scene_request *scene,
                            cw_preview_fn fn, void *arg) {
    struct api_wait *wait = wait_new(req, arg);
    wait->picture_fn = fn;
    struct cw_preview_wait *picture =
        cw_preview_get(api_of(req)->config.preview, scene, drawn, wait);
    if (!picture) {
        return NULL;
    }
    wait->picture = picture;
    return wait;
}

void api_preview(struct cw_request *req, const struct cw_scene_request *scene, cw_preview_fn fn,
                 void *arg) {
    (void)ask(req, scene, fn, arg);
}

void api_preview_while_wanted(struct cw_request *req, const struct cw_scene_request *scene,
                              cw_preview_fn fn, void *arg) {
    struct api_wait *wait = ask(req, scene, fn, arg);
    if (wait) {
        cw_request_on_cancel(req, give_up, wait);
    }
}

void api_artwork(struct cw_request *req, const struct cw_artwork_request *request, cw_preview_fn fn,
                 void *arg) {
    struct api_wait *wait = wait_new(req, arg);
    wait->picture_fn = fn;
    struct cw_preview_wait *picture =
        cw_preview_artwork(api_of(req)->config.preview, request, drawn, wait);
    if (picture) {
        wait->picture = picture;
    }
}

void api_measure(struct cw_request *req, const struct cw_measure_request *request, cw_measure_fn fn,
                 void *arg) {
    struct api_wait *wait = wait_new(req, arg);
    wait->measure_fn = fn;
    struct cw_measure *measure =
        cw_preview_measure(api_of(req)->config.preview, request, measured, wait);
    if (measure) {
        wait->measure = measure;
    }
}

void api_waits_end(struct cw_api *api) {
    while (api->waits) {
        give_up(api->waits);
    }
}
