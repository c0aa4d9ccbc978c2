/*
 * Responsible for turning a loaded art bundle into the bytes of a pack. Does not read pictures
 * (art.c) and does not map packs (pack.c). `cordwain-renderer --pack` runs it.
 */
#include "pack_write.h"

#include <math.h>
#include <string.h>

#include "art.h"
#include "base/file.h"
#include "base/wire.h"
#include "cordwain/limits.h"

struct writer {
    struct cw_buf *out; /* the table */
    uint64_t next;      /* offset of the next plane in the file */
    size_t plane_count;
    struct {
        const struct cw_plane *plane;
        size_t length;
        uint64_t offset;
    } * planes;
};

static void put_plane(struct writer *w, const struct cw_plane *plane, size_t pixel_bytes) {
    size_t length = (size_t)plane->w * plane->h * pixel_bytes;
    cw_wire_put_u32(w->out, plane->x);
    cw_wire_put_u32(w->out, plane->y);
    cw_wire_put_u32(w->out, plane->w);
    cw_wire_put_u32(w->out, plane->h);
    cw_wire_put_u64(w->out, length ? w->next : 0);
    if (length == 0)
        return;
    w->planes[w->plane_count].plane = plane;
    w->planes[w->plane_count].length = length;
    w->planes[w->plane_count++].offset = w->next;
    w->next = (w->next + length + CW_PACK_ALIGN - 1) / CW_PACK_ALIGN * CW_PACK_ALIGN;
}

static void put_names(struct writer *w, const struct cw_names *names) {
    cw_wire_put_u16(w->out, (uint16_t)names->count);
    for (size_t i = 0; i < names->count; i++)
        cw_wire_put_str(w->out, names->items[i]);
}

static void put_surfaces(struct writer *w, const struct cw_pack_view *view) {
    cw_wire_put_u16(w->out, (uint16_t)view->surface_count);
    for (size_t i = 0; i < view->surface_count; i++) {
        const struct cw_pack_surface *surface = &view->surfaces[i];
        cw_wire_put_u16(w->out, (uint16_t)surface->surface);
        cw_wire_put_i32(w->out, surface->size_um[0]);
        cw_wire_put_i32(w->out, surface->size_um[1]);
        cw_wire_put_u64(w->out, surface->parts);
        put_plane(w, &surface->uv, 4);
        put_plane(w, &surface->mask, 1);
    }
}

static void put_view(struct writer *w, const struct cw_pack_view *view) {
    cw_wire_put_str(w->out, view->name);
    cw_wire_put_u32(w->out, view->width_px);
    cw_wire_put_u32(w->out, view->height_px);
    cw_wire_put_u32(w->out, (uint32_t)lround((double)view->diffuse_scale * CW_PACK_SCALE_ONE));
    cw_wire_put_u32(w->out, (uint32_t)lround((double)view->specular_scale * CW_PACK_SCALE_ONE));
    put_plane(w, &view->shadow, 1);
    cw_wire_put_u16(w->out, (uint16_t)view->part_count);
    for (size_t i = 0; i < view->part_count; i++) {
        cw_wire_put_u16(w->out, (uint16_t)view->parts[i].part);
        put_plane(w, &view->parts[i].mask, 1);
    }
    cw_wire_put_u16(w->out, (uint16_t)view->finish_count);
    for (size_t i = 0; i < view->finish_count; i++) {
        cw_wire_put_u16(w->out, (uint16_t)view->finishes[i].finish);
        cw_wire_put_u64(w->out, view->finishes[i].metal_parts);
        put_plane(w, &view->finishes[i].diffuse, 1);
        put_plane(w, &view->finishes[i].specular, 1);
    }
    put_surfaces(w, view);
}

static void put_table(struct writer *w, const struct cw_pack *pack) {
    w->plane_count = 0;
    cw_buf_reset(w->out);
    cw_wire_put_str(w->out, pack->product);
    put_names(w, &pack->parts);
    put_names(w, &pack->finishes);
    put_names(w, &pack->surfaces);
    cw_wire_put_u64(w->out, pack->fixed_parts);
    cw_wire_put_u16(w->out, (uint16_t)pack->view_count);
    for (size_t i = 0; i < pack->view_count; i++)
        put_view(w, &pack->views[i]);
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

enum cw_status cw_pack_build(const char *art_dir, struct cw_buf *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_pack pack;
    enum cw_status status = cw_art_load(arena, art_dir, &pack, err);
    if (status)
        return status;
    CW_AUTO_BUF struct cw_buf table = {0};
    struct writer w = {.out = &table};
    w.planes = cw_arena_array(arena, pack.view_count * (1 + CW_ART_NAMES * 5), sizeof *w.planes);
    /* twice: the table's length does not depend on the offsets in it */
    put_table(&w, &pack);
    uint64_t first = CW_PACK_HEADER_BYTES + table.length;
    w.next = (first + CW_PACK_ALIGN - 1) / CW_PACK_ALIGN * CW_PACK_ALIGN;
    put_table(&w, &pack);
    if (w.next > CW_PACK_BYTES)
        return cw_fail(err, CW_E_LIMIT, "art.too_large",
                       "%s: the pack would have %llu bytes, limit is %u", art_dir,
                       (unsigned long long)w.next, CW_PACK_BYTES);
    put_header(ret, w.next, table.length);
    cw_buf_add(ret, table.data, table.length);
    for (size_t i = 0; i < w.plane_count; i++) {
        pad(ret, w.planes[i].offset);
        cw_buf_add(ret, w.planes[i].plane->data, w.planes[i].length);
    }
    pad(ret, w.next);
    cw_sha256(ret->data + CW_PACK_HASHED_FROM, ret->length - CW_PACK_HASHED_FROM,
              (uint8_t *)ret->data + 16);
    return CW_OK;
}

enum cw_status cw_pack_write(const char *art_dir, const char *out, char ret_digest[CW_DIGEST_TEXT],
                             struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf bytes = {0};
    enum cw_status status = cw_pack_build(art_dir, &bytes, err);
    if (!status)
        status = cw_file_write_atomic(out, bytes.data, bytes.length, 0644, err);
    if (!status)
        cw_digest_text(bytes.data, bytes.length, ret_digest);
    return status;
}
