/*
 * Responsible for: production artwork: the page's boxes, and what is painted in which ink and
 * order. Does not: fit or shape (text.c) or write files (pdf_write.c, svg_write.c). Runs in the
 * renderer worker.
 *
 * Technical inks are painted first and everything overprints, so that each plate is whole: what a
 * screen shows last is the artwork, and the white under it is not cut out by it.
 */
#include "artwork.h"

#include <string.h>

#include "cordwain/limits.h"
#include "decal.h"
#include "path.h"
#include "pdf_write.h"
#include "svg_write.h"

#define LINE_UM      88   /* 0.25 pt: what cutters take for a cut line */
#define MARK_GAP_UM  2000 /* between the bleed and a mark */
#define MARK_UM      5000
#define MARK_ROOM_UM 8000 /* gap, mark and a margin */

/* How screens show what is no colour. */
static const uint8_t white_rgb[3] = {0xD5, 0xE8, 0xF2}, varnish_rgb[3] = {0xE8, 0xE2, 0xF0},
                     cut_rgb[3] = {0xEC, 0x00, 0x8C}, mark_rgb[3] = {0, 0, 0};

struct making {
    struct cw_fonts *fonts;
    const struct cw_scene_artwork *artwork;
    struct cw_box zone; /* around all decals: its middle is where the artwork is placed */
    struct cw_drawing drawing;
    struct cw_pen pen;
};

/* ---- boxes ----------------------------------------------------------------------------------- */

static struct cw_box grown(const struct cw_box *box, int64_t by) {
    return (struct cw_box){.low = {box->low[0] - by, box->low[1] - by},
                           .high = {box->high[0] + by, box->high[1] + by}};
}

static struct cw_box box_of(const int32_t rect_um[4]) {
    return (struct cw_box){
        .low = {rect_um[0], rect_um[1]},
        .high = {(int64_t)rect_um[0] + rect_um[2], (int64_t)rect_um[1] + rect_um[3]}};
}

static enum cw_status find_zone(struct making *m, struct cw_error *err) {
    const struct cw_scene_artwork *artwork = m->artwork;
    if (artwork->decal_count == 0)
        return cw_fail(err, CW_E_INPUT, "render.artwork", "there is nothing to draw");
    m->zone = box_of(artwork->decals[0].zone_um);
    for (size_t i = 0; i < artwork->decal_count; i++) {
        const struct cw_scene_decal *decal = &artwork->decals[i];
        if (!decal->surface || strcmp(decal->surface, artwork->decals[0].surface) != 0)
            return cw_fail(err, CW_E_INPUT, "render.artwork", "decals are of different surfaces");
        struct cw_box box = box_of(decal->zone_um);
        for (int axis = 0; axis < 2; axis++) {
            if (box.low[axis] < m->zone.low[axis])
                m->zone.low[axis] = box.low[axis];
            if (box.high[axis] > m->zone.high[axis])
                m->zone.high[axis] = box.high[axis];
        }
    }
    return CW_OK;
}

static enum cw_status lay_page(struct making *m, struct cw_error *err) {
    const struct cw_production *p = &m->artwork->production;
    struct cw_drawing *d = &m->drawing;
    enum cw_status status = find_zone(m, err);
    if (status != CW_OK)
        return status;
    d->title = m->artwork->decals[0].surface;
    d->digest = m->artwork->digest;
    d->trim = p->trim_um[2] > 0 ? box_of(p->trim_um) : m->zone;
    d->bleed = grown(&d->trim, p->bleed_um);
    d->media = p->marks ? grown(&d->bleed, MARK_ROOM_UM) : d->bleed;
    for (int axis = 0; axis < 2; axis++)
        if (d->bleed.high[axis] - d->bleed.low[axis] > CW_ARTWORK_SIDE_UM)
            return cw_fail(err, CW_E_LIMIT, "render.artwork_too_large", "artwork is above 2 m");
    return CW_OK;
}

/* ---- layers ---------------------------------------------------------------------------------- */

/* Every decal in one technical ink, or with NULL each in its own. */
static enum cw_status draw_decals(struct making *m, const char *spot, const uint8_t *rgb,
                                  struct cw_error *err) {
    const struct cw_scene_artwork *artwork = m->artwork;
    for (size_t i = 0; i < artwork->decal_count; i++) {
        const struct cw_scene_decal *decal = &artwork->decals[i];
        m->pen.ink =
            cw_drawing_ink(&m->drawing, spot ? spot : artwork->inks[i], spot ? rgb : decal->rgb);
        m->pen.technical = spot != NULL;
        const struct cw_decal_ref ref = {artwork->decals, artwork->decal_count, i};
        enum cw_status status = cw_decal_draw(m->fonts, &ref, &m->pen, err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

static enum cw_status draw_layers(struct making *m, struct cw_error *err) {
    const struct cw_production *p = &m->artwork->production;
    enum cw_status status = CW_OK;
    if (*p->underbase)
        status = draw_decals(m, p->underbase, white_rgb, err);
    if (status == CW_OK && *p->varnish)
        status = draw_decals(m, p->varnish, varnish_rgb, err);
    m->drawing.overprint = *p->underbase || *p->varnish;
    return status == CW_OK ? draw_decals(m, NULL, NULL, err) : status;
}

static enum cw_status draw_cut(struct making *m, struct cw_error *err) {
    const struct cw_production *p = &m->artwork->production;
    if (!*p->cut_path)
        return CW_OK;
    enum cw_status status = cw_path_append(m->pen.cr, p->cut_path, err);
    if (status != CW_OK)
        return status;
    m->pen.ink = cw_drawing_ink(&m->drawing, p->cut_spot, cut_rgb);
    return cw_pen_line(&m->pen, LINE_UM, err);
}

/* ---- marks ----------------------------------------------------------------------------------- */

static enum cw_status draw_mark(struct making *m, const int64_t from[2], const int64_t to[2],
                                struct cw_error *err) {
    int32_t(*points)[2] = cw_arena_array(m->drawing.arena, 2, sizeof *points);
    for (int axis = 0; axis < 2; axis++) {
        points[0][axis] = (int32_t)from[axis];
        points[1][axis] = (int32_t)to[axis];
    }
    const struct cw_drawing_op op = {.ink = cw_drawing_ink(&m->drawing, CW_INK_ALL, mark_rgb),
                                     .line_um = LINE_UM,
                                     .unclipped_by_bleed = true,
                                     .outline = {.verb_count = 2,
                                                 .verbs = "ML",
                                                 .point_count = 2,
                                                 .points = (const int32_t(*)[2])points}};
    return cw_drawing_add(&m->drawing, &op, err);
}

/* Outside of the bleed, at both ends of an axis, where the other coordinate is `at`. */
static enum cw_status draw_mark_pair(struct making *m, int axis, int64_t at, struct cw_error *err) {
    int64_t from[2], to[2];
    from[1 - axis] = to[1 - axis] = at;
    from[axis] = m->drawing.bleed.low[axis] - MARK_GAP_UM;
    to[axis] = from[axis] - MARK_UM;
    enum cw_status status = draw_mark(m, from, to, err);
    if (status != CW_OK)
        return status;
    from[axis] = m->drawing.bleed.high[axis] + MARK_GAP_UM;
    to[axis] = from[axis] + MARK_UM;
    return draw_mark(m, from, to, err);
}

/* Per axis: both edges of the trim, and the middle of the artwork, which the build spec's placement
 * names. */
static enum cw_status draw_marks(struct making *m, struct cw_error *err) {
    if (!m->artwork->production.marks)
        return CW_OK;
    for (int axis = 0; axis < 2; axis++) {
        int other = 1 - axis;
        int64_t middle = m->zone.low[other] + (m->zone.high[other] - m->zone.low[other]) / 2;
        const int64_t at[3] = {m->drawing.trim.low[other], middle, m->drawing.trim.high[other]};
        for (int i = 0; i < 3; i++) {
            enum cw_status status = draw_mark_pair(m, axis, at[i], err);
            if (status != CW_OK)
                return status;
        }
    }
    return CW_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum cw_status draw(struct making *m, struct cw_error *err) {
    enum cw_status status = draw_layers(m, err);
    if (status == CW_OK)
        status = draw_cut(m, err);
    return status == CW_OK ? draw_marks(m, err) : status;
}

enum cw_status cw_artwork_make(struct cw_fonts *fonts, const struct cw_scene_artwork *artwork,
                               struct cw_buf *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    struct making m = {.fonts = fonts, .artwork = artwork};
    cw_drawing_init(&m.drawing, arena);
    enum cw_status status = lay_page(&m, err);
    if (status == CW_OK)
        status = cw_pen_init(&m.pen, &m.drawing, err);
    if (status == CW_OK)
        status = draw(&m, err);
    cw_pen_deinit(&m.pen);
    if (status != CW_OK)
        return status;
    return artwork->format == CW_FORMAT_SVG ? cw_svg_write(&m.drawing, ret, err)
                                            : cw_pdf_write(&m.drawing, ret, err);
}
