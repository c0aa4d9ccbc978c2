/*
 * Responsible for turning a loaded art bundle into the bytes of a pack. Does not read pictures
 * (art.c) and does not map packs (pack.c). `cordwain-renderer --pack` runs it.
 */
#include "pack_write.h"

#include <string.h>

#include "art.h"
#include "base/file.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "pack_level.h"
#include "base/srgb.h"

struct piece {
    const void *data;
    size_t length;
    uint64_t offset;
};

struct writer {
    struct cw_buf *out; /* the table */
    uint64_t next;      /* offset of the next piece in the file */
    size_t piece_count;
    struct piece *pieces; /* NULL: only count */
};

/* An offset in the table, the bytes behind it later. */
static void put_data(struct writer *w, const void *data, size_t length) {
    cw_wire_put_u64(w->out, w->next);
    if (w->pieces)
        w->pieces[w->piece_count] = (struct piece){data, length, w->next};
    w->piece_count++;
    w->next = (w->next + length + CW_PACK_ALIGN - 1) / CW_PACK_ALIGN * CW_PACK_ALIGN;
}

static void put_plane(struct writer *w, const struct cw_plane *plane, size_t pixel_bytes) {
    cw_wire_put_u32(w->out, plane->x);
    cw_wire_put_u32(w->out, plane->y);
    cw_wire_put_u32(w->out, plane->w);
    cw_wire_put_u32(w->out, plane->h);
    put_data(w, plane->data, (size_t)plane->w * plane->h * pixel_bytes);
}

static void put_spans(struct writer *w, const struct cw_spans *spans) {
    cw_wire_put_u32(w->out, spans->y);
    cw_wire_put_u32(w->out, spans->h);
    cw_wire_put_u32(w->out, spans->count);
    cw_wire_put_u32(w->out, spans->blocks);
    put_data(w, spans->rows, ((size_t)spans->h + 1) * sizeof *spans->rows);
    put_data(w, spans->spans, spans->count * sizeof *spans->spans);
}

static void put_light(struct writer *w, const struct cw_spans *spans, const uint16_t *light) {
    if (light)
        put_data(w, light, (size_t)spans->blocks * CW_PACK_BLOCK * sizeof *light);
    else
        cw_wire_put_u64(w->out, 0);
}

static void put_names(struct writer *w, const struct cw_names *names) {
    cw_wire_put_u16(w->out, (uint16_t)names->count);
    for (size_t i = 0; i < names->count; i++)
        cw_wire_put_str(w->out, names->items[i]);
}

static void put_indexes(struct writer *w, const uint32_t *indexes, size_t count) {
    cw_wire_put_u16(w->out, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        cw_wire_put_u16(w->out, (uint16_t)indexes[i]);
}

static void put_float(struct writer *w, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    cw_wire_put_u32(w->out, bits);
}

static void put_level(struct writer *w, const struct cw_pack_view *view,
                      const struct cw_pack_level *level) {
    cw_wire_put_u32(w->out, level->width_px);
    cw_wire_put_u32(w->out, level->height_px);
    put_spans(w, &level->ground);
    put_light(w, &level->ground, level->free);
    put_light(w, &level->ground, level->bare);
    for (size_t i = 0; i < view->part_count; i++)
        put_spans(w, &level->parts[i]);
    for (size_t i = 0; i < view->part_count * view->finish_count; i++) {
        const struct cw_spans *spans = &level->parts[i / view->finish_count];
        put_light(w, spans, level->lights[i].tinted);
        put_light(w, spans, level->lights[i].plain);
    }
    for (size_t i = 0; i < view->surface_count; i++) {
        put_plane(w, &level->surfaces[i].uv, 4);
        put_plane(w, &level->surfaces[i].mask, 1);
    }
    for (size_t i = 0; i < view->picture_count; i++) {
        const struct cw_pack_picture *picture = &level->pictures[i];
        put_spans(w, &picture->spans);
        put_data(w, picture->steps,
                 (size_t)picture->spans.blocks * CW_PACK_BLOCK * view->picture_channels[i] *
                     sizeof *picture->steps);
    }
}

static void put_view(struct writer *w, const struct cw_pack_view *view) {
    cw_wire_put_str(w->out, view->name);
    cw_wire_put_u32(w->out, view->width_px);
    cw_wire_put_u32(w->out, view->height_px);
    put_indexes(w, view->parts, view->part_count);
    put_indexes(w, view->finishes, view->finish_count);
    for (size_t i = 0; i < view->part_count * view->finish_count; i++) {
        put_float(w, view->units[i].tinted);
        put_float(w, view->units[i].plain);
    }
    cw_wire_put_u16(w->out, (uint16_t)view->surface_count);
    for (size_t i = 0; i < view->surface_count; i++) {
        const struct cw_pack_surface *surface = &view->levels[0].surfaces[i];
        cw_wire_put_u16(w->out, (uint16_t)surface->surface);
        cw_wire_put_i32(w->out, surface->size_um[0]);
        cw_wire_put_i32(w->out, surface->size_um[1]);
        cw_wire_put_u64(w->out, surface->parts);
    }
    cw_wire_put_u16(w->out, (uint16_t)view->picture_count);
    for (size_t i = 0; i < view->picture_count; i++) {
        cw_wire_put_str(w->out, view->picture_names[i]);
        cw_wire_put_u8(w->out, view->picture_channels[i]);
    }
    cw_wire_put_u16(w->out, (uint16_t)view->level_count);
    for (size_t i = 0; i < view->level_count; i++)
        put_level(w, view, &view->levels[i]);
}

static void put_tile(struct writer *w, const struct cw_pack_tile *tile) {
    cw_wire_put_str(w->out, tile->name);
    cw_wire_put_u16(w->out, (uint16_t)tile->level_count);
    for (size_t i = 0; i < tile->level_count; i++) {
        const struct cw_artwork *level = &tile->levels[i];
        cw_wire_put_u32(w->out, level->width_px);
        cw_wire_put_u32(w->out, level->height_px);
        put_data(w, level->rgba, 4 * (size_t)level->width_px * level->height_px);
    }
}

static void put_table(struct writer *w, const struct cw_pack *pack) {
    w->piece_count = 0;
    cw_buf_reset(w->out);
    cw_wire_put_str(w->out, pack->product);
    put_names(w, &pack->parts);
    put_names(w, &pack->finishes);
    put_names(w, &pack->surfaces);
    cw_wire_put_u16(w->out, (uint16_t)pack->view_count);
    for (size_t i = 0; i < pack->view_count; i++)
        put_view(w, &pack->views[i]);
    cw_wire_put_u16(w->out, (uint16_t)pack->tile_count);
    for (size_t i = 0; i < pack->tile_count; i++)
        put_tile(w, &pack->tiles[i]);
}

static void pad(struct cw_buf *buf, uint64_t length) {
    while (buf->length < length)
        cw_buf_putc(buf, 0);
}

static void put_header(struct cw_buf *ret, uint64_t length, uint64_t table_length) {
    static const uint8_t no_hash[32];
    cw_wire_put_u32(ret, CW_PACK_MAGIC);
    cw_wire_put_u32(ret, CW_PACK_VERSION);
    cw_wire_put_u64(ret, length);
    cw_buf_add(ret, no_hash, sizeof no_hash);
    cw_wire_put_u64(ret, table_length);
    cw_wire_put_u64(ret, 0);
}

static void put_file(struct writer *w, struct cw_buf *ret) {
    put_header(ret, w->next, w->out->length);
    cw_buf_add(ret, w->out->data, w->out->length);
    for (size_t i = 0; i < w->piece_count; i++) {
        pad(ret, w->pieces[i].offset);
        cw_buf_add(ret, w->pieces[i].data, w->pieces[i].length);
    }
    pad(ret, w->next);
    cw_sha256(ret->data + CW_PACK_HASHED_FROM, ret->length - CW_PACK_HASHED_FROM,
              (uint8_t *)ret->data + 16);
}

enum cw_status cw_pack_build(const char *art_dir, const char *pictures_dir, struct cw_buf *ret,
                             struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_art art;
    cw_srgb_init();
    enum cw_status status = cw_art_load(arena, art_dir, pictures_dir, &art, err);
    if (status)
        return status;
    struct cw_pack pack = {.product = art.product,
                           .parts = art.parts,
                           .finishes = art.finishes,
                           .surfaces = art.surfaces,
                           .view_count = art.view_count,
                           .tile_count = art.tile_count,
                           .tiles = art.tiles};
    pack.views = cw_arena_array(arena, art.view_count, sizeof *pack.views);
    for (size_t i = 0; i < art.view_count; i++)
        cw_pack_levels(arena, &art, &art.views[i], &pack.views[i]);
    CW_AUTO_BUF struct cw_buf table = {0};
    struct writer w = {.out = &table};
    /* twice: neither the table's length nor the number of pieces depends on the offsets */
    put_table(&w, &pack);
    w.pieces = cw_arena_array(arena, w.piece_count, sizeof *w.pieces);
    uint64_t first = CW_PACK_HEADER_BYTES + table.length;
    w.next = (first + CW_PACK_ALIGN - 1) / CW_PACK_ALIGN * CW_PACK_ALIGN;
    put_table(&w, &pack);
    if (w.next > CW_PACK_BYTES)
        return cw_fail(err, CW_E_LIMIT, "art.too_large",
                       "%s: the pack would have %llu bytes, limit is %u", art_dir,
                       (unsigned long long)w.next, CW_PACK_BYTES);
    put_file(&w, ret);
    return CW_OK;
}

enum cw_status cw_pack_write(const char *art_dir, const char *pictures_dir, const char *out,
                             char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf bytes = {0};
    enum cw_status status = cw_pack_build(art_dir, pictures_dir, &bytes, err);
    if (!status)
        status = cw_file_write_atomic(out, bytes.data, bytes.length, 0644, err);
    if (!status)
        cw_digest_text(bytes.data, bytes.length, ret_digest);
    return status;
}
