/*
 * Draws one decal flat on its surface: text or a repeated pattern, as coverage for the compositor
 * or as outlines of a drawing.
 *
 * Does not fit texts (text.c), parse paths (path.c) or know of views and light (compositor).
 * Runs in the renderer worker.
 */
#include "decal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "decal_picture.h"
#include "decal_tile.h"
#include "motif.h"
#include "path.h"
#include "text.h"

#define SURFACE_SIDE_PX 32767  /* Cairo's image surfaces end here */
#define CLEAR_UM        3500.0 /* free space between a pattern and a text on it, all around */

/* ---- patterns -------------------------------------------------------------------------------- */

/* One tile's path, and which places of the grid touch the zone. Grid space: origin in the zone's
 * middle, turned with the pattern. */
struct tiling {
    cairo_path_t *path;
    int64_t first[2], last[2];
};

static enum cw_status no_memory(struct cw_error *err) {
    return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
}

static enum cw_status check_pattern(const struct cw_scene_decal *decal, struct cw_error *err) {
    if (!decal->path || decal->tile_um[0] <= 0 || decal->tile_um[1] <= 0 ||
        decal->zone_um[2] <= 0 || decal->zone_um[3] <= 0)
        return cw_fail(err, CW_E_INPUT, "render.decal", "pattern has no path, tile or zone");
    return CW_OK;
}

static enum cw_status check_tile_count(const struct cw_scene_decal *decal,
                                       const struct tiling *tiling, struct cw_error *err) {
    int64_t columns = tiling->last[0] - tiling->first[0] + 1;
    int64_t rows = tiling->last[1] - tiling->first[1] + 1;
    if (columns <= 0 || rows <= 0)
        return CW_OK;
    if (columns > CW_PATTERN_TILES || rows > CW_PATTERN_TILES ||
        columns * rows > CW_PATTERN_TILES ||
        (uint64_t)(columns * rows) > CW_PATTERN_PATH_BYTES / (strlen(decal->path) + 1))
        return cw_fail(err, CW_E_LIMIT, "render.too_many_tiles",
                       "pattern has too many tiles for its zone");
    return CW_OK;
}

/* cr: identity matrix for the grid space, so that the extents come out in µm. */
static enum cw_status make_tiling(cairo_t *cr, const struct cw_scene_decal *decal,
                                  struct tiling *ret, struct cw_error *err) {
    cairo_translate(cr, -decal->tile_um[0] / 2.0, -decal->tile_um[1] / 2.0);
    enum cw_status status = cw_path_append(cr, decal->path, err);
    if (status != CW_OK)
        return status;
    double low[2], high[2];
    cairo_identity_matrix(cr);
    cairo_path_extents(cr, &low[0], &low[1], &high[0], &high[1]);
    const int64_t zone[2] = {decal->zone_um[2], decal->zone_um[3]};
    int64_t box[2];
    cw_rotated_box(decal->rotation_mdeg, zone, box);
    struct tiling tiling = {.path = NULL};
    for (int i = 0; i < 2; i++) {
        tiling.first[i] = (int64_t)ceil((-(double)box[i] / 2 - high[i]) / decal->tile_um[i]);
        tiling.last[i] = (int64_t)floor(((double)box[i] / 2 - low[i]) / decal->tile_um[i]);
    }
    status = check_tile_count(decal, &tiling, err);
    if (status != CW_OK)
        return status;
    tiling.path = cairo_copy_path(cr);
    if (tiling.path->status != CAIRO_STATUS_SUCCESS) {
        cairo_path_destroy(tiling.path);
        return no_memory(err);
    }
    *ret = tiling;
    return CW_OK;
}

static void append_tiles(cairo_t *cr, const struct cw_scene_decal *decal,
                         const struct tiling *tiling, const struct cw_clears *clears) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_motifs motifs = {.path = tiling->path};
    if (clears->count > 0) /* else nothing is left out */
        cw_motifs_find(arena, tiling->path, decal->tile_um, &motifs);
    cairo_matrix_t before, surface;
    cairo_get_matrix(cr, &before);
    cairo_matrix_init_translate(&surface, decal->zone_um[0] + decal->zone_um[2] / 2.0,
                                decal->zone_um[1] + decal->zone_um[3] / 2.0);
    cairo_matrix_rotate(&surface, decal->rotation_mdeg * M_PI / 180000);
    cairo_translate(cr, decal->zone_um[0] + decal->zone_um[2] / 2.0,
                    decal->zone_um[1] + decal->zone_um[3] / 2.0);
    cw_rotate_mdeg(cr, decal->rotation_mdeg);
    cairo_matrix_t grid;
    cairo_get_matrix(cr, &grid);
    for (int64_t y = tiling->first[1]; y <= tiling->last[1]; y++)
        for (int64_t x = tiling->first[0]; x <= tiling->last[0]; x++) {
            cairo_set_matrix(cr, &grid);
            cairo_translate(cr, (double)(x * decal->tile_um[0]), (double)(y * decal->tile_um[1]));
            cairo_matrix_t tile = surface;
            cairo_matrix_translate(&tile, (double)(x * decal->tile_um[0]),
                                   (double)(y * decal->tile_um[1]));
            cw_motifs_append(cr, &motifs, &tile, clears);
        }
    cairo_set_matrix(cr, &before);
}

/* A box with round corners about a text's ink, turned with it about the middle of its zone. */
static void append_clear_box(cairo_t *cr, const struct cw_scene_decal *text,
                             const struct cw_text_fit *fit) {
    double w = fit->ink_um[0] / 2.0 + CLEAR_UM, h = fit->ink_um[1] / 2.0 + CLEAR_UM;
    double r = CLEAR_UM;
    cairo_matrix_t before;
    cairo_get_matrix(cr, &before);
    cairo_translate(cr, text->zone_um[0] + text->zone_um[2] / 2.0,
                    text->zone_um[1] + text->zone_um[3] / 2.0);
    cw_rotate_mdeg(cr, text->rotation_mdeg);
    cairo_translate(cr, fit->ink_at_um[0], fit->ink_at_um[1]);
    cairo_new_sub_path(cr);
    cairo_arc(cr, w - r, h - r, r, 0, M_PI_2);
    cairo_arc(cr, -w + r, h - r, r, M_PI_2, M_PI);
    cairo_arc(cr, -w + r, -h + r, r, M_PI, 3 * M_PI_2);
    cairo_arc(cr, w - r, -h + r, r, 3 * M_PI_2, 2 * M_PI);
    cairo_close_path(cr);
    cairo_set_matrix(cr, &before);
}

static void note_clear_box(const struct cw_scene_decal *text, const struct cw_text_fit *fit,
                           struct cw_clears *clears) {
    if (clears->count == sizeof clears->items / sizeof *clears->items)
        return;
    struct cw_clear *clear = &clears->items[clears->count++];
    cairo_matrix_init_translate(&clear->from_surface, -fit->ink_at_um[0], -fit->ink_at_um[1]);
    cairo_matrix_rotate(&clear->from_surface, -text->rotation_mdeg * M_PI / 180000);
    cairo_matrix_translate(&clear->from_surface, -(text->zone_um[0] + text->zone_um[2] / 2.0),
                           -(text->zone_um[1] + text->zone_um[3] / 2.0));
    for (size_t i = 0; i < 2; i++)
        clear->half[i] = fit->ink_um[i] / 2.0 + CLEAR_UM;
}

/* The zone, less the boxes of the texts that will stand on the pattern: a name on an ikat must be
 * readable. A text that cannot be drawn is told of when its own turn comes. */
enum cw_status cw_decal_pattern_clip(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                     struct cw_pen *pen, struct cw_clears *clears,
                                     struct cw_error *err) {
    const struct cw_scene_decal *pattern = &ref->decals[ref->index];
    const int32_t *zone = pattern->zone_um;
    cairo_t *cr = pen->cr;
    cairo_new_path(cr);
    cairo_rectangle(cr, zone[0], zone[1], zone[2], zone[3]);
    enum cw_status status = cw_pen_clip(pen, err);
    if (status != CW_OK)
        return status;
    for (size_t i = ref->index + 1; i < ref->count; i++) {
        const struct cw_scene_decal *text = &ref->decals[i];
        struct cw_text_fit fit = {0};
        if (text->kind != CW_DECAL_TEXT || strcmp(text->surface, pattern->surface) != 0)
            continue;
        status = cw_text_measure(fonts, text, &fit, err);
        if (status != CW_OK)
            return status;
        if (fit.verdict != CW_FIT_OK)
            continue;
        cairo_rectangle(cr, zone[0], zone[1], zone[2], zone[3]);
        append_clear_box(cr, text, &fit);
        note_clear_box(text, &fit, clears);
        cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
        status = cw_pen_clip(pen, err);
        if (status != CW_OK)
            return status;
    }
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    return CW_OK;
}

/* All tiles are one path and one fill: tiles that touch leave no seam of half covered pixels. */
static enum cw_status draw_pattern(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                   struct cw_pen *pen, struct cw_error *err) {
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    enum cw_status status = check_pattern(decal, err);
    if (status != CW_OK)
        return status;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *scratch = cairo_create(surface);
    cairo_surface_destroy(surface);
    struct tiling tiling = {0};
    status = make_tiling(scratch, decal, &tiling, err);
    cairo_destroy(scratch);
    if (status != CW_OK)
        return status;
    size_t clips = pen->clip_count;
    cairo_save(pen->cr);
    struct cw_clears clears = {0};
    status = cw_decal_pattern_clip(fonts, ref, pen, &clears, err);
    if (status == CW_OK) {
        cairo_new_path(pen->cr);
        append_tiles(pen->cr, decal, &tiling, &clears);
        status = cw_pen_fill(pen, err);
    }
    cairo_restore(pen->cr);
    pen->clip_count = clips;
    cairo_path_destroy(tiling.path);
    return status;
}

/* ---- one decal ------------------------------------------------------------------------------- */

/* Needs no clip: cw_text_measure found the same outlines to be inside the zone. */
static enum cw_status draw_text(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                                struct cw_pen *pen, struct cw_error *err) {
    struct cw_text_placed placed = {0};
    enum cw_status status = cw_text_place(fonts, decal, &placed, err);
    if (status != CW_OK)
        return status;
    cairo_new_path(pen->cr);
    cw_text_append(pen->cr, &placed);
    status = cw_pen_fill(pen, err);
    cw_text_placed_deinit(&placed);
    return status;
}

enum cw_status cw_decal_draw(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                             struct cw_pen *pen, struct cw_error *err) {
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    enum cw_status status = decal->kind == CW_DECAL_TEXT ? draw_text(fonts, decal, pen, err)
                            : decal->kind == CW_DECAL_ARTWORK
                                ? cw_decal_picture_draw(decal, pen, err)
                            : decal->tile ? cw_decal_tile_draw(fonts, ref, pen, err)
                                          : draw_pattern(fonts, ref, pen, err);
    if (status == CW_OK && cairo_status(pen->cr) != CAIRO_STATUS_SUCCESS)
        return no_memory(err);
    return status;
}

/* ---- coverage -------------------------------------------------------------------------------- */

/* Size and zeroed memory. */
enum cw_status cw_coverage_allocate(const struct cw_scene_decal *decal, int32_t um_per_px,
                                    struct cw_coverage *ret, struct cw_error *err) {
    if (decal->size_um[0] <= 0 || decal->size_um[1] <= 0)
        return cw_fail(err, CW_E_INPUT, "render.decal", "decal has no surface");
    if (um_per_px < CW_DECAL_MIN_UM_PER_PX)
        return cw_fail(err, CW_E_LIMIT, "render.decal_too_large", "decal scale is below %d um/px",
                       CW_DECAL_MIN_UM_PER_PX);
    int64_t width = ((int64_t)decal->size_um[0] + um_per_px - 1) / um_per_px;
    int64_t height = ((int64_t)decal->size_um[1] + um_per_px - 1) / um_per_px;
    if (width > SURFACE_SIDE_PX || height > SURFACE_SIDE_PX || width * height > CW_DECAL_PIXELS)
        return cw_fail(err, CW_E_LIMIT, "render.decal_too_large",
                       "decal of %lld x %lld px is above the limit", (long long)width,
                       (long long)height);
    ret->width = (int)width;
    ret->height = (int)height;
    ret->stride = cairo_format_stride_for_width(CAIRO_FORMAT_A8, ret->width);
    ret->data = calloc((size_t)ret->height, (size_t)ret->stride);
    return ret->data ? CW_OK : no_memory(err);
}

cairo_t *cw_decal_context(cairo_surface_t *surface, const struct cw_scene_decal *decal) {
    cairo_t *cr = cairo_create(surface);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    cairo_translate(cr, width / 2.0, height / 2.0);
    cairo_scale(cr, (double)width / decal->size_um[0], -(double)height / decal->size_um[1]);
    return cr;
}

enum cw_status cw_decal_coverage(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                 int32_t um_per_px, struct cw_coverage *ret, struct cw_error *err) {
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    struct cw_coverage coverage = {0};
    enum cw_status status = cw_coverage_allocate(decal, um_per_px, &coverage, err);
    if (status != CW_OK)
        return status;
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        coverage.data, CAIRO_FORMAT_A8, coverage.width, coverage.height, coverage.stride);
    cairo_t *cr = cw_decal_context(surface, decal);
    cairo_surface_destroy(surface);
    struct cw_pen pen = {.cr = cr};
    status = cw_decal_draw(fonts, ref, &pen, err);
    cairo_surface_flush(cairo_get_target(cr));
    cairo_destroy(cr);
    if (status != CW_OK) {
        cw_coverage_deinit(&coverage);
        return status;
    }
    *ret = coverage;
    return CW_OK;
}

static void put_key(struct cw_buf *buf, const struct cw_scene_decal *decal) {
    cw_wire_put_u8(buf, (uint8_t)decal->kind);
    cw_wire_put_u8(buf, (uint8_t)decal->process);
    cw_wire_put_str(buf, decal->surface);
    for (size_t i = 0; i < 2; i++)
        cw_wire_put_i32(buf, decal->size_um[i]);
    for (size_t i = 0; i < 4; i++)
        cw_wire_put_i32(buf, decal->zone_um[i]);
    cw_wire_put_i32(buf, decal->rotation_mdeg);
    cw_wire_put_str(buf, decal->text);
    cw_wire_put_str(buf, decal->font_stack);
    cw_wire_put_i32(buf, decal->min_letter_um);
    cw_wire_put_i32(buf, decal->max_letter_um);
    for (size_t i = 0; i < 2; i++)
        cw_wire_put_i32(buf, decal->tile_um[i]);
    cw_wire_put_str(buf, decal->path);
    cw_wire_put_u8(buf, (uint8_t)decal->lettering.layout);
    cw_wire_put_u8(buf, (uint8_t)decal->lettering.numerals);
    cw_wire_put_u8(buf, decal->lettering.small_caps ? 1 : 0);
    cw_wire_put_i32(buf, decal->lettering.spacing_milli);
    cw_wire_put_i32(buf, decal->lettering.radius_um);
    cw_wire_put_str(buf, decal->lettering.path);
    cw_wire_put_i32(buf, decal->min_stroke_um);
    cw_wire_put_str(buf, decal->digest ? decal->digest : "");
    for (size_t i = 0; i < 4; i++)
        cw_wire_put_i32(buf, decal->box_um[i]);
}

void cw_decal_key(const struct cw_decal_ref *ref, uint8_t ret[32]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    put_key(&buf, decal);
    for (size_t i = ref->index + 1; i < ref->count && decal->kind == CW_DECAL_PATTERN; i++)
        if (ref->decals[i].kind == CW_DECAL_TEXT)
            put_key(&buf, &ref->decals[i]);
    cw_sha256(buf.data, buf.length, ret);
}

enum cw_status cw_coverage_hand_over(enum cw_status status, struct cw_coverage planes[4],
                                     struct cw_coverage ret[4]) {
    for (int i = 0; i < 4; i++) {
        if (status == CW_OK)
            ret[i] = planes[i];
        else
            cw_coverage_deinit(&planes[i]);
    }
    return status;
}

void cw_coverage_deinit(struct cw_coverage *coverage) {
    free(coverage->data);
    *coverage = (struct cw_coverage){0};
}
