/*
 * Responsible for mapping packs and for believing nothing in them. Does not write packs. Workers
 * run it.
 *
 * Everything that later code relies on is checked here once: data handed out lies inside the
 * mapping and is long enough for its plane or its spans, rectangles and spans lie inside their
 * level, and indexes point into the name lists.
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
    const struct cw_pack_level *level;
    bool bad;
};

static uint16_t get_count(struct parser *p, size_t max) {
    uint16_t count = cw_wire_get_u16(&p->in);
    if (count > max)
        p->bad = true;
    return p->bad || p->in.failed ? 0 : count;
}

/* `length` bytes of the file at an offset read from the table; NULL and bad when they are not
 * inside. */
static const void *get_data(struct parser *p, uint64_t length) {
    uint64_t offset = cw_wire_get_u64(&p->in), total = p->pack->map_length;
    if (offset % CW_PACK_ALIGN || offset < CW_PACK_HEADER_BYTES || length > total ||
        offset > total - length) {
        p->bad = true;
        return NULL;
    }
    return p->pack->map + offset;
}

static struct cw_plane get_plane(struct parser *p, size_t pixel_bytes) {
    struct cw_plane plane = {.x = cw_wire_get_u32(&p->in), .y = cw_wire_get_u32(&p->in)};
    plane.w = cw_wire_get_u32(&p->in);
    plane.h = cw_wire_get_u32(&p->in);
    if (plane.w == 0) {
        (void)cw_wire_get_u64(&p->in);
        return (struct cw_plane){0};
    }
    uint32_t width = p->level->width_px, height = p->level->height_px;
    bool inside = plane.w <= width && plane.x <= width - plane.w && plane.h >= 1 &&
                  plane.h <= height && plane.y <= height - plane.h;
    if (inside) /* sides ≤ CW_ART_SIDE_PX, so the product fits */
        plane.data = get_data(p, (uint64_t)plane.w * plane.h * pixel_bytes);
    if (!plane.data) {
        p->bad = true;
        return (struct cw_plane){0};
    }
    return plane;
}

/* Spans of one row: ascending, apart from each other, inside the level. */
static bool row_fits(const struct cw_spans *spans, uint32_t row, uint32_t width_blocks) {
    const struct cw_span_row *here = &spans->rows[row], *next = here + 1;
    if (next->span < here->span || next->span > spans->count)
        return false;
    uint32_t end = 0, blocks = 0;
    for (uint32_t i = here->span; i < next->span; i++) {
        const struct cw_span *span = &spans->spans[i];
        if (span->count == 0 || (i > here->span && span->block <= end) ||
            span->block > width_blocks || span->count > width_blocks - span->block)
            return false;
        end = (uint32_t)span->block + span->count;
        blocks += span->count;
    }
    return next->block - here->block == blocks && next->block <= spans->blocks;
}

static struct cw_spans get_spans(struct parser *p) {
    struct cw_spans spans = {.y = cw_wire_get_u32(&p->in), .h = cw_wire_get_u32(&p->in)};
    spans.count = cw_wire_get_u32(&p->in);
    spans.blocks = cw_wire_get_u32(&p->in);
    uint32_t width_blocks = cw_pack_blocks(p->level->width_px), height = p->level->height_px;
    /* rows ≤ CW_ART_SIDE_PX, blocks of a row likewise: the lengths below cannot overflow */
    bool fine = spans.h <= height && spans.y <= height - spans.h &&
                spans.blocks <= (uint64_t)spans.h * width_blocks && spans.count <= spans.blocks;
    spans.rows = get_data(p, ((uint64_t)spans.h + 1) * sizeof *spans.rows);
    spans.spans = get_data(p, (uint64_t)spans.count * sizeof *spans.spans);
    fine = fine && !p->bad && spans.rows[0].span == 0 && spans.rows[0].block == 0;
    for (uint32_t row = 0; fine && row < spans.h; row++)
        fine = row_fits(&spans, row, width_blocks);
    fine = fine && spans.rows[spans.h].span == spans.count &&
           spans.rows[spans.h].block == spans.blocks;
    if (!fine) {
        p->bad = true;
        return (struct cw_spans){0};
    }
    return spans;
}

/* Eight numbers for each block; optional unless `must`. */
static const uint16_t *get_light(struct parser *p, const struct cw_spans *spans, bool must) {
    struct cw_wire_reader ahead = p->in;
    if (cw_wire_get_u64(&ahead) == 0 && !must) {
        p->in = ahead;
        return NULL;
    }
    return get_data(p, (uint64_t)spans->blocks * CW_PACK_BLOCK * sizeof(uint16_t));
}

static void get_names(struct parser *p, struct cw_names *names) {
    names->count = get_count(p, CW_ART_NAMES);
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

static uint32_t *get_indexes(struct parser *p, const struct cw_names *names, size_t *ret_count) {
    *ret_count = get_count(p, CW_ART_NAMES);
    uint32_t *indexes = cw_arena_array(p->arena, *ret_count + 1, sizeof *indexes);
    for (size_t i = 0; i < *ret_count; i++)
        indexes[i] = get_index(p, names);
    return indexes;
}

static float get_unit(struct parser *p) {
    uint32_t bits = cw_wire_get_u32(&p->in);
    float unit;
    memcpy(&unit, &bits, sizeof unit);
    if (!(unit >= 0 && unit <= CW_PACK_UNIT_MAX)) {
        p->bad = true;
        return 0;
    }
    return unit;
}

static struct cw_pack_surface *get_surfaces(struct parser *p, struct cw_pack_view *view) {
    view->surface_count = get_count(p, CW_ART_NAMES);
    struct cw_pack_surface *list = cw_arena_array(p->arena, view->surface_count + 1, sizeof *list);
    for (size_t i = 0; i < view->surface_count; i++) {
        struct cw_pack_surface *surface = &list[i];
        surface->surface = get_index(p, &p->pack->surfaces);
        for (size_t k = 0; k < 2; k++) {
            surface->size_um[k] = cw_wire_get_i32(&p->in);
            if (surface->size_um[k] < 1 || surface->size_um[k] > 2000000)
                p->bad = true;
        }
        surface->parts = cw_wire_get_u64(&p->in);
    }
    return list;
}

static void get_level_surfaces(struct parser *p, const struct cw_pack_view *view,
                               const struct cw_pack_surface *list, struct cw_pack_level *level) {
    level->surfaces = cw_arena_array(p->arena, view->surface_count + 1, sizeof *level->surfaces);
    for (size_t i = 0; i < view->surface_count; i++) {
        struct cw_pack_surface *surface = &level->surfaces[i];
        *surface = list[i];
        surface->uv = get_plane(p, 4);
        surface->mask = get_plane(p, 1);
        const struct cw_plane *a = &surface->uv, *b = &surface->mask;
        if (a->x != b->x || a->y != b->y || a->w != b->w || a->h != b->h)
            p->bad = true;
    }
}

static void get_picture_names(struct parser *p, struct cw_pack_view *view) {
    view->picture_count = get_count(p, CW_ART_NAMES);
    size_t count = view->picture_count;
    view->picture_names = cw_arena_array(p->arena, count + 1, sizeof *view->picture_names);
    view->picture_channels = cw_arena_alloc(p->arena, count + 1);
    for (size_t i = 0; i < count; i++) {
        view->picture_names[i] = cw_wire_get_str(&p->in, p->arena, 63);
        uint8_t channels = cw_wire_get_u8(&p->in);
        if (channels != 1 && channels != 2 && channels != 4)
            p->bad = true;
        view->picture_channels[i] = channels;
    }
}

static void get_level_pictures(struct parser *p, const struct cw_pack_view *view,
                               struct cw_pack_level *level) {
    level->pictures = cw_arena_array(p->arena, view->picture_count + 1, sizeof *level->pictures);
    for (size_t i = 0; i < view->picture_count && !p->bad; i++) {
        struct cw_pack_picture *picture = &level->pictures[i];
        picture->spans = get_spans(p);
        picture->steps = get_data(p, (uint64_t)picture->spans.blocks * CW_PACK_BLOCK *
                                         view->picture_channels[i] * sizeof(uint16_t));
    }
}

static void get_level(struct parser *p, const struct cw_pack_view *view,
                      const struct cw_pack_surface *surfaces, struct cw_pack_level *level) {
    p->level = level;
    level->width_px = cw_wire_get_u32(&p->in);
    level->height_px = cw_wire_get_u32(&p->in);
    if (level->width_px < 1 || level->width_px > view->width_px || level->height_px < 1 ||
        level->height_px > view->height_px) {
        p->bad = true;
        return;
    }
    level->ground = get_spans(p);
    level->free = get_light(p, &level->ground, true);
    level->bare = get_light(p, &level->ground, false);
    if (!level->bare)
        level->bare = level->free;
    size_t finishes = view->finish_count;
    level->parts = cw_arena_array(p->arena, view->part_count + 1, sizeof *level->parts);
    level->lights =
        cw_arena_array(p->arena, view->part_count * finishes + 1, sizeof *level->lights);
    for (size_t i = 0; i < view->part_count && !p->bad; i++)
        level->parts[i] = get_spans(p);
    for (size_t i = 0; i < view->part_count * finishes && !p->bad; i++) {
        level->lights[i].tinted = get_light(p, &level->parts[i / finishes], false);
        level->lights[i].plain = get_light(p, &level->parts[i / finishes], false);
    }
    get_level_surfaces(p, view, surfaces, level);
    get_level_pictures(p, view, level);
}

static void get_levels(struct parser *p, struct cw_pack_view *view,
                       const struct cw_pack_surface *surfaces) {
    view->level_count = get_count(p, CW_PACK_LEVELS);
    view->levels = cw_arena_array(p->arena, view->level_count + 1, sizeof *view->levels);
    for (size_t i = 0; i < view->level_count && !p->bad && !p->in.failed; i++) {
        get_level(p, view, surfaces, &view->levels[i]);
        if (i && view->levels[i].width_px >= view->levels[i - 1].width_px)
            p->bad = true;
    }
    if (p->bad || view->level_count == 0 || view->levels[0].width_px != view->width_px ||
        view->levels[0].height_px != view->height_px)
        p->bad = true;
}

static void get_view(struct parser *p, struct cw_pack_view *view) {
    view->name = cw_wire_get_str(&p->in, p->arena, 63);
    view->width_px = cw_wire_get_u32(&p->in);
    view->height_px = cw_wire_get_u32(&p->in);
    if (view->width_px < 16 || view->width_px > CW_ART_SIDE_PX || view->height_px < 16 ||
        view->height_px > CW_ART_SIDE_PX) {
        p->bad = true;
        return;
    }
    view->parts = get_indexes(p, &p->pack->parts, &view->part_count);
    view->finishes = get_indexes(p, &p->pack->finishes, &view->finish_count);
    size_t units = view->part_count * view->finish_count;
    view->units = cw_arena_array(p->arena, units + 1, sizeof *view->units);
    for (size_t i = 0; i < units; i++) {
        view->units[i].tinted = get_unit(p);
        view->units[i].plain = get_unit(p);
    }
    const struct cw_pack_surface *surfaces = get_surfaces(p, view);
    get_picture_names(p, view);
    get_levels(p, view, surfaces);
}

static void get_tile(struct parser *p, struct cw_pack_tile *tile) {
    tile->name = cw_wire_get_str(&p->in, p->arena, 63);
    tile->level_count = get_count(p, CW_PACK_LEVELS);
    tile->levels = cw_arena_array(p->arena, tile->level_count + 1, sizeof *tile->levels);
    if (tile->level_count == 0)
        p->bad = true;
    for (size_t i = 0; i < tile->level_count && !p->bad; i++) {
        struct cw_artwork *level = &tile->levels[i];
        level->width_px = cw_wire_get_u32(&p->in);
        level->height_px = cw_wire_get_u32(&p->in);
        if (level->width_px < 1 || level->width_px > CW_TILE_PX || level->height_px < 1 ||
            level->height_px > CW_TILE_PX)
            p->bad = true;
        else
            level->rgba = get_data(p, 4 * (uint64_t)level->width_px * level->height_px);
    }
}

static void get_tiles(struct parser *p, struct cw_pack *pack) {
    pack->tile_count = get_count(p, CW_ART_NAMES);
    pack->tiles = cw_arena_array(p->arena, pack->tile_count + 1, sizeof *pack->tiles);
    for (size_t i = 0; i < pack->tile_count && !p->bad && !p->in.failed; i++)
        get_tile(p, &pack->tiles[i]);
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
    pack->view_count = get_count(&p, CW_ART_NAMES);
    pack->views = cw_arena_array(p.arena, pack->view_count + 1, sizeof *pack->views);
    for (size_t i = 0; i < pack->view_count && !p.bad && !p.in.failed; i++)
        get_view(&p, &pack->views[i]);
    get_tiles(&p, pack);
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

const struct cw_pack_tile *cw_pack_tile_find(const struct cw_pack *pack, const char *name) {
    for (size_t i = 0; i < pack->tile_count; i++)
        if (strcmp(pack->tiles[i].name, name) == 0)
            return &pack->tiles[i];
    return NULL;
}

const struct cw_pack_view *cw_pack_view_find(const struct cw_pack *pack, const char *name) {
    for (size_t i = 0; i < pack->view_count; i++)
        if (strcmp(pack->views[i].name, name) == 0)
            return &pack->views[i];
    return NULL;
}

const struct cw_pack_surface *cw_pack_surface_at(const struct cw_pack_view *view,
                                                 const struct cw_pack_level *level,
                                                 uint32_t surface) {
    for (size_t i = 0; i < view->surface_count; i++)
        if (level->surfaces[i].surface == surface)
            return &level->surfaces[i];
    return NULL;
}

uint32_t cw_pack_height(uint32_t view_width_px, uint32_t view_height_px, uint32_t width_px) {
    return (uint32_t)(((uint64_t)width_px * view_height_px + view_width_px / 2) / view_width_px);
}

const struct cw_pack_level *cw_pack_level_for(const struct cw_pack_view *view, uint32_t width_px) {
    const struct cw_pack_level *ret = &view->levels[0];
    for (size_t i = 1; i < view->level_count; i++) {
        const struct cw_pack_level *level = &view->levels[i];
        if (level->width_px == width_px || level->width_px >= width_px + width_px / 2)
            ret = level;
    }
    return ret;
}
