/* Messages from the server, decoded; answers, encoded (format: cordwain/scene.h). */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"

struct cw_job {
    enum cw_render_kind kind; /* RENDER, MEASURE or ARTWORK */
    uint32_t id;
    struct cw_scene scene; /* MEASURE: only its decals */
    struct cw_scene_artwork artwork;
};

/**
 * Decode one message. ret->id is set as soon as the header can be read, also on failure, so that
 * the answer can name the job.
 * @param arena where the scene goes
 * @param data  [bytes] the whole message
 * @units   as struct cw_scene
 * @owner   the arena's
 * @errors  CW_E_INPUT "render.message"; CW_E_LIMIT "render.message" above CW_RENDER_MESSAGE_BYTES
 * @cost    O(length)
 * @source  fuzzed by tests/fuzz/fuzz_job.c
 */
enum cw_status cw_job_decode(struct cw_arena *arena, struct cw_bytes data, struct cw_job *ret,
                             struct cw_error *err) CW_MUST_USE;

/* Whole messages, replacing what ret held. */
void cw_job_put_hello(struct cw_buf *ret, const char *build, const char *fonts_digest);
void cw_job_put_image(struct cw_buf *ret, uint32_t id, size_t length, const uint32_t size_px[2],
                      uint32_t draw_us);
void cw_job_put_measured(struct cw_buf *ret, uint32_t id, const struct cw_text_fit *fit);
void cw_job_put_failed(struct cw_buf *ret, uint32_t id, const struct cw_error *err);
