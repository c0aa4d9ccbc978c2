/*
 * Responsible for mapping packs and for believing nothing in them. Does not write packs. Workers
 * run it.
 *
 * Everything that later code relies on is checked here once: a plane handed out lies inside the
 * mapping and inside its view, indexes point into the name lists, and a finish's planes cover every
 * mask of their view.
 */
#include "pack.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "art.h"
#include "base/digest.h"
#include "base/wire.h"
#include "cordwain/limits.h"

struct parser {
    struct cw_wire_reader in;
    struct cw_pack *pack;
    struct cw_arena *arena;
    const struct cw_pack_view *view;
    bool bad;
};

static uint16_t get_count(struct parser *p) {
    uint16_t count = cw_wire_get_u16(&p->in);
    if (count > CW_ART_NAMES)
        p->bad = true;
    return p->bad || p->in.failed ? 0 : count;
}

static struct cw_plane get_plane(struct parser *p, size_t pixel_bytes) {
    struct cw_plane plane = {.x = cw_wire_get_u32(&p->in), .y = cw_wire_get_u32(&p->in)};
    plane.w = cw_wire_get_u32(&p->in);
    plane.h = cw_wire_get_u32(&p->in);
    uint64_t offset = cw_wire_get_u64(&p->in);
    if (plane.w == 0)
        return (struct cw_plane){0};
    uint32_t width = p->view->width_px, height = p->view->height_px;
    bool inside = plane.w <= width && plane.x <= width - plane.w && plane.h >= 1 &&
                  plane.h <= height && plane.y <= height - plane.h;
    uint64_t length =
        (uint64_t)plane.w * plane.h * pixel_bytes; /* sides ≤ CW_ART_SIDE_PX once inside */
    uint64_t total = p->pack->map_length;
    if (!inside || offset % CW_PACK_ALIGN || offset < CW_PACK_HEADER_BYTES || length > total ||
        offset > total - length) {
        p->bad = true;
        return (struct cw_plane){0};
    }
    plane.data = p->pack->map + offset;
    return plane;
}

static void get_names(struct parser *p, struct cw_names *names) {
    names->count = get_count(p);
    names->items = cw_arena_array(p->arena, names->count + 1, sizeof *names->items);
    for (size_t i = 0; i < names->count; i++)
        names->items[i] = cw_wire_get_str(&p->in, p->arena, 63);
}

static uint32_t get_index(struct parser *p, const struct cw_names *names) {
    uint32_t index = cw_wire_get_u16(&p->in);
    if (index >= names->count)
        p->bad = true;
    return index;
}

static bool same_rect(const struct cw_plane *a, const struct cw_plane *b) {
    return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

static bool covers(const struct cw_plane *outer, const struct cw_plane *inner) {
    return inner->w == 0 || (inner->x >= outer->x && inner->y >= outer->y &&
                             inner->x + inner->w <= outer->x + outer->w &&
                             inner->y + inner->h <= outer->y + outer->h);
}

static void get_parts(struct parser *p, struct cw_pack_view *view) {
    view->part_count = get_count(p);
    view->parts = cw_arena_array(p->arena, view->part_count + 1, sizeof *view->parts);
    for (size_t i = 0; i < view->part_count; i++) {
        view->parts[i].part = get_index(p, &p->pack->parts);
        view->parts[i].mask = get_plane(p, 1);
    }
}

static void get_finishes(struct parser *p, struct cw_pack_view *view) {
    view->finish_count = get_count(p);
    view->finishes = cw_arena_array(p->arena, view->finish_count + 1, sizeof *view->finishes);
    for (size_t i = 0; i < view->finish_count; i++) {
        struct cw_pack_finish *finish = &view->finishes[i];
        finish->finish = get_index(p, &p->pack->finishes);
        finish->metal_parts = cw_wire_get_u64(&p->in);
        finish->diffuse = get_plane(p, 1);
        finish->specular = get_plane(p, 1);
        if (!same_rect(&finish->diffuse, &finish->specular))
            p->bad = true;
        for (size_t k = 0; k < view->part_count; k++)
            if (!covers(&finish->diffuse, &view->parts[k].mask))
                p->bad = true;
    }
}

static void get_surfaces(struct parser *p, struct cw_pack_view *view) {
    view->surface_count = get_count(p);
    view->surfaces = cw_arena_array(p->arena, view->surface_count + 1, sizeof *view->surfaces);
    for (size_t i = 0; i < view->surface_count; i++) {
        struct cw_pack_surface *surface = &view->surfaces[i];
        surface->surface = get_index(p, &p->pack->surfaces);
        for (size_t k = 0; k < 2; k++) {
            surface->size_um[k] = cw_wire_get_i32(&p->in);
            if (surface->size_um[k] < 1 || surface->size_um[k] > 2000000)
                p->bad = true;
        }
        surface->parts = cw_wire_get_u64(&p->in);
        surface->uv = get_plane(p, 4);
        surface->mask = get_plane(p, 1);
        if (!same_rect(&surface->uv, &surface->mask))
            p->bad = true;
    }
}

static float get_scale(struct parser *p) {
    uint32_t scale = cw_wire_get_u32(&p->in);
    if (scale == 0 || scale > 100 * CW_PACK_SCALE_ONE)
        p->bad = true;
    return (float)((double)scale / CW_PACK_SCALE_ONE);
}

static void get_view(struct parser *p, struct cw_pack_view *view) {
    p->view = view;
    view->name = cw_wire_get_str(&p->in, p->arena, 63);
    view->width_px = cw_wire_get_u32(&p->in);
    view->height_px = cw_wire_get_u32(&p->in);
    if (view->width_px < 16 || view->width_px > CW_ART_SIDE_PX || view->height_px < 16 ||
        view->height_px > CW_ART_SIDE_PX) {
        p->bad = true;
        return;
    }
    view->diffuse_scale = get_scale(p);
    view->specular_scale = get_scale(p);
    view->shadow = get_plane(p, 1);
    get_parts(p, view);
    get_finishes(p, view);
    get_surfaces(p, view);
}

static bool parse(struct cw_pack *pack) {
    struct cw_wire_reader header;
    cw_wire_reader_init(&header, pack->map, CW_PACK_HEADER_BYTES);
    uint32_t magic = cw_wire_get_u32(&header), version = cw_wire_get_u32(&header);
    uint64_t length = cw_wire_get_u64(&header);
    memcpy(pack->hash, pack->map + 16, 32);
    cw_wire_reader_init(&header, pack->map + CW_PACK_HASHED_FROM, 16);
    uint64_t table = cw_wire_get_u64(&header);
    if (magic != CW_PACK_MAGIC || version != CW_PACK_VERSION || length != pack->map_length ||
        table > pack->map_length - CW_PACK_HEADER_BYTES)
        return false;
    struct parser p = {.pack = pack, .arena = pack->arena};
    cw_wire_reader_init(&p.in, pack->map + CW_PACK_HEADER_BYTES, (size_t)table);
    pack->product = cw_wire_get_str(&p.in, p.arena, 63);
    get_names(&p, &pack->parts);
    get_names(&p, &pack->finishes);
    get_names(&p, &pack->surfaces);
    pack->fixed_parts = cw_wire_get_u64(&p.in);
    pack->view_count = get_count(&p);
    pack->views = cw_arena_array(p.arena, pack->view_count + 1, sizeof *pack->views);
    for (size_t i = 0; i < pack->view_count && !p.bad && !p.in.failed; i++)
        get_view(&p, &pack->views[i]);
    return !p.bad && cw_wire_done(&p.in);
}

enum cw_status cw_pack_open(int fd, struct cw_pack **ret, struct cw_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return cw_fail(err, CW_E_IO, "render.pack_map", "cannot examine the art pack");
    if (!S_ISREG(st.st_mode) || st.st_size < CW_PACK_HEADER_BYTES)
        return cw_fail(err, CW_E_INPUT, "render.pack", "the art pack is not a pack file");
    if ((uint64_t)st.st_size > CW_PACK_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.pack", "the art pack is too large");
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_pack *pack = cw_arena_alloc(arena, sizeof *pack);
    pack->arena = arena;
    void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        cw_arena_free(arena);
        return cw_fail(err, CW_E_IO, "render.pack_map", "cannot map the art pack");
    }
    pack->map = map;
    pack->map_length = (size_t)st.st_size;
    if (!parse(pack)) {
        cw_pack_free(pack);
        return cw_fail(err, CW_E_INPUT, "render.pack",
                       "the art pack is damaged or of another version");
    }
    *ret = pack;
    return CW_OK;
}

enum cw_status cw_pack_verify(const struct cw_pack *pack, struct cw_error *err) {
    uint8_t hash[32];
    cw_sha256(pack->map + CW_PACK_HASHED_FROM, pack->map_length - CW_PACK_HASHED_FROM, hash);
    if (memcmp(hash, pack->hash, sizeof hash) != 0)
        return cw_fail(err, CW_E_INPUT, "render.pack",
                       "the art pack's content does not have its hash");
    return CW_OK;
}

void cw_pack_free(struct cw_pack *pack) {
    if (!pack)
        return;
    munmap((void *)(uintptr_t)pack->map, pack->map_length);
    cw_arena_free(pack->arena); /* holds the struct too */
}

uint32_t cw_names_find(const struct cw_names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return (uint32_t)i;
    return CW_NONE;
}

const struct cw_pack_view *cw_pack_view_find(const struct cw_pack *pack, const char *name) {
    for (size_t i = 0; i < pack->view_count; i++)
        if (strcmp(pack->views[i].name, name) == 0)
            return &pack->views[i];
    return NULL;
}

const struct cw_pack_part *cw_pack_part_at(const struct cw_pack_view *view, uint32_t part) {
    for (size_t i = 0; i < view->part_count; i++)
        if (view->parts[i].part == part)
            return &view->parts[i];
    return NULL;
}

const struct cw_pack_finish *cw_pack_finish_at(const struct cw_pack_view *view, uint32_t finish) {
    for (size_t i = 0; i < view->finish_count; i++)
        if (view->finishes[i].finish == finish)
            return &view->finishes[i];
    return NULL;
}

const struct cw_pack_surface *cw_pack_surface_at(const struct cw_pack_view *view,
                                                 uint32_t surface) {
    for (size_t i = 0; i < view->surface_count; i++)
        if (view->surfaces[i].surface == surface)
            return &view->surfaces[i];
    return NULL;
}
