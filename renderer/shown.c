/*
 * Responsible for mapping the pictures a job brings and finding the tiles it names. Does not draw
 * them (decal_picture.c) and does not decode: a level is bare pixels. The worker process runs it,
 * inside the sandbox.
 */
#include "shown.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "base/wire.h"

static enum cw_status refuse(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "render.picture",
                   "a render message came without its picture, or with something else");
}

static bool read_head(const void *map, size_t length, struct cw_artwork *ret) {
    struct cw_wire_reader head;
    cw_wire_reader_init(&head, map, CW_ARTWORK_LEVEL_HEAD_BYTES);
    uint32_t magic = cw_wire_get_u32(&head);
    ret->width_px = cw_wire_get_u32(&head);
    ret->height_px = cw_wire_get_u32(&head);
    ret->rgba = (const uint8_t *)map + CW_ARTWORK_LEVEL_HEAD_BYTES;
    return magic == CW_ARTWORK_LEVEL_MAGIC && ret->width_px >= 1 && ret->height_px >= 1 &&
           ret->width_px <= CW_ARTWORK_LEVEL_PX && ret->height_px <= CW_ARTWORK_LEVEL_PX &&
           length - CW_ARTWORK_LEVEL_HEAD_BYTES == 4 * (size_t)ret->width_px * ret->height_px;
}

static enum cw_status open_level(struct cw_shown *shown, int fd, struct cw_error *err) {
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size <= CW_ARTWORK_LEVEL_HEAD_BYTES)
        return refuse(err);
    size_t length = (size_t)about.st_size;
    void *map = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return cw_fail(err, CW_E_IO, "render.picture", "a picture cannot be mapped");
    shown->items[shown->count].map = map;
    shown->items[shown->count].length = length;
    struct cw_artwork *picture = &shown->items[shown->count++].picture;
    return read_head(map, length, picture) ? CW_OK : refuse(err);
}

/* Decoded a moment ago into the job's own arena. */
static struct cw_scene_decal *decals_of(const struct cw_job *job, size_t *ret_count) {
    bool artwork = job->kind == CW_RENDER_ARTWORK;
    *ret_count = artwork ? job->artwork.decal_count : job->scene.decal_count;
    return (struct cw_scene_decal *)(uintptr_t)(artwork ? job->artwork.decals : job->scene.decals);
}

static bool has_tile(const struct cw_scene_decal *decal) {
    return decal->kind == CW_DECAL_PATTERN && *decal->digest;
}

bool cw_shown_needs_pack(const struct cw_job *job) {
    size_t count;
    const struct cw_scene_decal *decals = decals_of(job, &count);
    bool needs = job->kind == CW_RENDER_RENDER;
    for (size_t i = 0; i < count && job->kind == CW_RENDER_ARTWORK; i++)
        needs = needs || has_tile(&decals[i]);
    return needs;
}

enum cw_status cw_shown_tiles(struct cw_job *job, const struct cw_pack *pack,
                              struct cw_error *err) {
    size_t count;
    struct cw_scene_decal *decals = decals_of(job, &count);
    for (size_t i = 0; i < count; i++) {
        if (!has_tile(&decals[i]))
            continue;
        decals[i].tile = cw_pack_tile_find(pack, decals[i].digest);
        if (!decals[i].tile)
            return cw_fail(err, CW_E_INPUT, "render.tile_unknown", "the art has no tile '%s'",
                           decals[i].digest);
    }
    return CW_OK;
}

enum cw_status cw_shown_open(struct cw_shown *shown, struct cw_job *job,
                             const struct cw_received *in, struct cw_error *err) {
    size_t next = cw_shown_needs_pack(job) ? 1 : 0, count;
    struct cw_scene_decal *decals = decals_of(job, &count);
    for (size_t i = 0; i < count; i++) {
        if (decals[i].kind != CW_DECAL_ARTWORK)
            continue;
        if (next >= in->fd_count || shown->count == CW_RENDER_PICTURES)
            return refuse(err);
        enum cw_status status = open_level(shown, in->fds[next++], err);
        if (status != CW_OK)
            return status;
        decals[i].picture = &shown->items[shown->count - 1].picture;
    }
    return CW_OK;
}

void cw_shown_close(struct cw_shown *shown) {
    for (size_t i = 0; i < shown->count; i++)
        (void)munmap(shown->items[i].map, shown->items[i].length);
    shown->count = 0;
}
