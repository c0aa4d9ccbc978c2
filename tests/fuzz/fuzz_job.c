/*
 * Render messages: the decoder must never read outside its input, and what it accepts must keep the
 * promises the compositor relies on. Input: one whole message.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cordwain/limits.h"
#include "fuzz.h"
#include "job.h"

static void check_decal(const struct cw_scene_decal *decal) {
    assert(decal->surface && decal->text && decal->font_stack && decal->path);
    assert(strlen(decal->text) <= CW_TEXT_BYTES);
    assert(decal->kind <= CW_DECAL_ARTWORK && decal->digest);
    assert(!decal->picture && !decal->tile);
    assert(decal->process < CW_PROCESS_COUNT);
    assert(decal->size_um[0] > 0 && decal->size_um[1] > 0);
    assert(decal->zone_um[2] >= 0 && decal->zone_um[3] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_error err = {0};
    struct cw_job job;
    enum cw_status status = cw_job_decode(arena, (struct cw_bytes){data, size}, &job, &err);
    if (status != CW_OK) {
        assert(status == CW_E_INPUT || status == CW_E_LIMIT);
        assert(err.code && err.message[0]);
        return 0;
    }
    fuzz_accepted++;
    assert(size <= CW_RENDER_MESSAGE_BYTES);
    assert(job.scene.part_count <= CW_RENDER_PARTS && job.scene.decal_count <= CW_RENDER_DECALS);
    assert(job.kind != CW_RENDER_MEASURE || job.scene.decal_count == 1);
    assert(job.kind != CW_RENDER_RENDER || (job.scene.view && job.scene.format <= CW_FORMAT_JPEG));
    for (size_t i = 0; i < job.scene.decal_count; i++)
        check_decal(&job.scene.decals[i]);
    assert(job.artwork.decal_count <= CW_RENDER_DECALS);
    for (size_t i = 0; i < job.artwork.decal_count; i++) {
        check_decal(&job.artwork.decals[i]);
        assert(job.artwork.inks[i]);
    }
    return 0;
}
