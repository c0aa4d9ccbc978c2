/*
 * A text: measure (shape, look for missing glyphs, fit, look for thin strokes), place (where the
 * outlines go), draw.
 *
 * Does not open fonts (stack.c), shape (text_shape.c) or arrange glyphs (text_arrange.c,
 * text_curve.c), wrap or cut texts, nor decide whether a text is allowed.
 * Runs in the renderer worker.
 */
#include "text.h"

#include <math.h>
#include <string.h>

#include "base/unicode.h"
#include "cordwain/limits.h"
#include "text_crowd.h"
#include "text_stroke.h"

#define FILLED 0.97 /* of a curve's length: the ends of a full circle do not touch */

/* ---- fitting --------------------------------------------------------------------------------- */

/* Whole quarter turns, 0 to 3, or -1 for any other angle. */
static int quarter_turns(int32_t mdeg) {
    return mdeg % 90000 == 0 ? ((mdeg / 90000) % 4 + 4) % 4 : -1;
}

static void sine_and_cosine(int32_t mdeg, double *ret_sine, double *ret_cosine) {
    static const double sines[4] = {0, 1, 0, -1}, cosines[4] = {1, 0, -1, 0};
    int turns = quarter_turns(mdeg);
    double angle = mdeg * (G_PI / 180000);
    *ret_sine = turns >= 0 ? sines[turns] : sin(angle);
    *ret_cosine = turns >= 0 ? cosines[turns] : cos(angle);
}

void cw_rotated_box(int32_t rotation_mdeg, const int64_t size[2], int64_t ret_box[2]) {
    double sine, cosine;
    sine_and_cosine(rotation_mdeg, &sine, &cosine);
    /* parts per million, so that no difference between maths libraries reaches the result */
    int64_t s = llround(fabs(sine) * 1e6), c = llround(fabs(cosine) * 1e6);
    ret_box[0] = (size[0] * c + size[1] * s + 999999) / 1000000;
    ret_box[1] = (size[0] * s + size[1] * c + 999999) / 1000000;
}

void cw_rotate_mdeg(cairo_t *cr, int32_t rotation_mdeg) {
    double sine, cosine;
    sine_and_cosine(rotation_mdeg, &sine, &cosine);
    cairo_matrix_t turn = {.xx = cosine, .yx = sine, .xy = -sine, .yy = cosine};
    cairo_transform(cr, &turn);
}

static int64_t min64(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* The size at which the smallest letter, which may be a part of the others, is as high as it must.
 */
static int64_t smallest_em(const struct cw_scene_decal *decal, double share, int64_t cap_height) {
    int64_t em = (int64_t)decal->min_letter_um * CW_DESIGN_EM / cap_height;
    return share < 1 ? (int64_t)ceil((double)em / share) : em;
}

/* At the size that fits, `em`: are the lowest letters high enough, and if not, would the others be?
 */
static void judge_height(const struct cw_scene_decal *decal, double share, int64_t cap_height,
                         int64_t em, struct cw_text_fit *ret) {
    ret->verdict = CW_FIT_OK;
    if (em >= smallest_em(decal, share, cap_height))
        return;
    ret->verdict = em >= smallest_em(decal, 1, cap_height) ? CW_FIT_TOO_SMALL : CW_FIT_TOO_WIDE;
    ret->detail_um = (int32_t)((double)(em * cap_height / CW_DESIGN_EM) * share);
}

/* All in integers: em and ink come out the same on every machine. */
static void fit(const struct cw_scene_decal *decal, const struct cw_lettered *outline,
                int64_t cap_height, struct cw_text_fit *ret) {
    const int64_t *ink = outline->size;
    int64_t box[2];
    cw_rotated_box(decal->rotation_mdeg, ink, box);
    /* both limits round down, so that a zone as high as the smallest letter holds it */
    int64_t smallest = smallest_em(decal, outline->smallest, cap_height);
    int64_t em = (int64_t)decal->max_letter_um * CW_DESIGN_EM / cap_height;
    em = min64(em, (int64_t)decal->zone_um[2] * CW_DESIGN_EM / box[0]);
    em = min64(em, (int64_t)decal->zone_um[3] * CW_DESIGN_EM / box[1]);
    judge_height(decal, outline->smallest, cap_height, em, ret);
    if (em < smallest)
        em = smallest;
    ret->em_um = (int32_t)em;
    for (int i = 0; i < 2; i++)
        ret->ink_um[i] = (int32_t)min64(divide_up(ink[i] * em, CW_DESIGN_EM), INT32_MAX);
}

static enum cw_status check(const struct cw_scene_decal *decal, struct cw_error *err) {
    size_t length = decal->text ? strlen(decal->text) : 0;
    if (decal->kind != CW_DECAL_TEXT || length == 0 || length > CW_TEXT_BYTES ||
        !cw_utf8_valid(decal->text, length) || !decal->font_stack)
        return cw_fail(err, CW_E_INPUT, "render.text", "no text to draw");
    if (decal->zone_um[2] <= 0 || decal->zone_um[3] <= 0 || decal->min_letter_um <= 0 ||
        decal->max_letter_um < decal->min_letter_um || decal->max_letter_um > CW_ARTWORK_SIDE_UM)
        return cw_fail(err, CW_E_INPUT, "render.text", "text has no zone or no letter heights");
    return CW_OK;
}

/* What one measurement works on. */
struct measuring {
    const struct cw_scene_decal *decal;
    struct cw_shaped shaped;
    struct cw_clusters clusters;
    struct cw_curve curve;
    struct cw_lettered outline; /* path: NULL when there is nothing to draw */
    struct cw_crowded crowded;
    struct cw_text_fit fit;
};

static void measuring_deinit(struct measuring *m) {
    cw_clusters_deinit(&m->clusters);
    cw_curve_deinit(&m->curve);
    cw_shaped_deinit(&m->shaped);
    cairo_path_destroy(m->outline.path);
    m->outline.path = NULL;
}
#define AUTO_MEASURING __attribute__((cleanup(measuring_deinit)))

/* ---- on a curve ------------------------------------------------------------------------------ */

/* Outline at a size. It fits when the box about the zone's middle does, so that what turns with it
 * fits too. */
static enum cw_status bend(struct measuring *m, int64_t em, bool *ret_fits, struct cw_error *err) {
    struct cw_lettered bent = {.smallest = m->outline.smallest};
    enum cw_status status =
        cw_text_bend(&m->shaped, &m->clusters, &m->curve, (double)em, &bent, err);
    if (status != CW_OK)
        return status;
    cairo_path_destroy(m->outline.path);
    m->outline = bent;
    const int64_t low[2] = {bent.left, bent.top}, units = CW_DESIGN_UNITS_PER_PX;
    int64_t around[2], box[2];
    for (int i = 0; i < 2; i++) {
        int64_t reach = low[i] + bent.size[i] > -low[i] ? low[i] + bent.size[i] : -low[i];
        around[i] = divide_up(2 * reach, units);
        m->fit.ink_um[i] = (int32_t)min64(divide_up(bent.size[i], units), INT32_MAX);
        int64_t middle = (2 * low[i] + bent.size[i]) / (2 * units);
        m->fit.ink_at_um[i] = (int32_t)(i ? -middle : middle);
    }
    m->fit.em_um = (int32_t)em;
    cw_rotated_box(m->decal->rotation_mdeg, around, box);
    *ret_fits = box[0] <= m->decal->zone_um[2] && box[1] <= m->decal->zone_um[3];
    return CW_OK;
}

/* The same, and on a designer's path no letters may run into each other. */
static enum cw_status try_size(struct measuring *m, int64_t em, bool *ret_fits,
                               struct cw_error *err) {
    enum cw_status status = bend(m, em, ret_fits, err);
    m->crowded = (struct cw_crowded){0};
    if (status == CW_OK && *ret_fits && m->decal->lettering.layout == CW_LAYOUT_PATH)
        status = cw_text_crowded(&m->shaped, &m->clusters, &m->curve, (double)em, &m->crowded, err);
    *ret_fits = *ret_fits && !m->crowded.found;
    return status;
}

/* The largest size between one that fits and one that does not. */
static enum cw_status search(struct measuring *m, int64_t low, int64_t high, int64_t *ret_em,
                             struct cw_error *err) {
    enum cw_status status = CW_OK;
    while (status == CW_OK && high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        bool fits = false;
        status = try_size(m, middle, &fits, err);
        *(fits ? &low : &high) = middle;
    }
    *ret_em = low;
    return status;
}

/* No size that can be made fits: why, which letter, and how high it could be, or where it stands.
 */
static enum cw_status refuse_curve(struct measuring *m, int64_t smallest, int64_t cap_height,
                                   struct cw_error *err) {
    if (m->crowded.found) {
        m->fit.verdict = CW_FIT_CROWDED;
        m->fit.detail_um = (int32_t)m->crowded.along_um;
        cw_text_copy_grapheme(m->shaped.text.data, m->crowded.byte, m->fit.glyph);
        return CW_OK;
    }
    int64_t em;
    const struct cw_text_fit at_smallest = m->fit;
    enum cw_status status = search(m, 1, smallest, &em, err);
    m->fit = at_smallest;
    judge_height(m->decal, m->outline.smallest, cap_height, em, &m->fit);
    return status;
}

/* The largest size that the curve's length, its radius and the zone allow. */
static enum cw_status fit_curve(struct measuring *m, struct cw_error *err) {
    const int64_t cap_height = cw_stack_cap_height(m->shaped.stack);
    const int64_t smallest = smallest_em(m->decal, m->outline.smallest, cap_height);
    const bool inside = m->curve.inside_um > 0;
    const double length = m->clusters.advance / CW_DESIGN_EM_PX * (inside ? CW_CURVE_STRETCH : 1);
    int64_t em = (int64_t)m->decal->max_letter_um * CW_DESIGN_EM / cap_height;
    em = min64(em, (int64_t)(m->curve.length_um * FILLED / length));
    if (m->decal->lettering.layout != CW_LAYOUT_PATH)
        em = min64(em, (int64_t)(m->decal->lettering.radius_um * (inside ? CW_CURVE_INSIDE : 1)));
    bool fits = false;
    enum cw_status status =
        em < smallest ? bend(m, smallest, &fits, err) : try_size(m, em, &fits, err);
    if (status == CW_OK && em < smallest)
        judge_height(m->decal, m->outline.smallest, cap_height, em, &m->fit);
    if (status != CW_OK || em < smallest || fits)
        return status;
    status = try_size(m, smallest, &fits, err);
    if (status == CW_OK && !fits)
        return refuse_curve(m, smallest, cap_height, err);
    int64_t largest = smallest;
    if (status == CW_OK)
        status = search(m, smallest, em, &largest, err);
    return status == CW_OK ? bend(m, largest, &fits, err) : status;
}

/* ---- all layouts ----------------------------------------------------------------------------- */

static enum cw_status outline_and_fit(struct measuring *m, struct cw_error *err) {
    const struct cw_lettering *lettering = &m->decal->lettering;
    enum cw_status status = CW_OK;
    if (!cw_layout_is_curve(lettering->layout)) {
        status = cw_text_arrange(&m->shaped, &m->clusters, lettering->layout, &m->outline, err);
        if (status == CW_OK && !m->outline.path)
            m->fit.verdict = CW_FIT_MONOGRAM;
        else if (status == CW_OK)
            fit(m->decal, &m->outline, cw_stack_cap_height(m->shaped.stack), &m->fit);
        return status;
    }
    m->outline.smallest = cw_clusters_smallest(&m->clusters);
    status = cw_curve_make(lettering, &m->curve, err);
    if (status == CW_OK && m->clusters.advance <= 0)
        status = cw_fail(err, CW_E_INPUT, "render.text", "text has no ink");
    return status == CW_OK ? fit_curve(m, err) : status;
}

/* A large letter of a monogram is taken to be as thin as a small one: the worst is what counts. */
static enum cw_status check_strokes(struct measuring *m, struct cw_error *err) {
    double em;
    size_t byte = 0;
    if (m->decal->min_stroke_um <= 0 || m->fit.verdict != CW_FIT_OK)
        return CW_OK;
    enum cw_status status = cw_text_stroke(&m->shaped, &m->clusters, &em, &byte, err);
    if (status != CW_OK)
        return status;
    if (cw_layout_is_monogram(m->decal->lettering.layout))
        em *= m->outline.smallest;
    double um = floor(em * m->fit.em_um);
    m->fit.detail_um = um < INT32_MAX ? (int32_t)um : INT32_MAX;
    if (m->fit.detail_um < m->decal->min_stroke_um) {
        m->fit.verdict = CW_FIT_STROKE;
        cw_text_copy_grapheme(m->shaped.text.data, byte, m->fit.glyph);
    }
    return CW_OK;
}

/* The first of the lowest letters, when they are too low. */
static void name_lowest(struct measuring *m) {
    if (m->fit.verdict != CW_FIT_TOO_WIDE && m->fit.verdict != CW_FIT_TOO_SMALL)
        return;
    const struct cw_cluster *lowest = m->clusters.items;
    for (size_t i = 1; i < m->clusters.count; i++)
        if (m->clusters.items[i].scale < lowest->scale)
            lowest = &m->clusters.items[i];
    cw_text_copy_grapheme(m->shaped.text.data, lowest->byte, m->fit.glyph);
}

/* Shape, outline, fit, and look for thin strokes. */
static enum cw_status measure(struct cw_fonts *fonts, struct measuring *m, struct cw_error *err) {
    size_t missing = 0;
    enum cw_status status = check(m->decal, err);
    if (status == CW_OK)
        status = cw_text_shape(fonts, m->decal, &m->shaped, &missing, err);
    if (status != CW_OK)
        return status;
    if (missing < m->shaped.text.length) {
        m->fit.verdict = cw_text_missing_verdict(&m->shaped, missing);
        cw_text_copy_grapheme(m->shaped.text.data, missing, m->fit.glyph);
        return CW_OK;
    }
    status = cw_clusters_of(&m->shaped, &m->clusters, err);
    if (status == CW_OK)
        status = outline_and_fit(m, err);
    if (status == CW_OK)
        name_lowest(m);
    return status == CW_OK ? check_strokes(m, err) : status;
}

enum cw_status cw_text_measure(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                               struct cw_text_fit *ret, struct cw_error *err) {
    AUTO_MEASURING struct measuring m = {.decal = decal};
    enum cw_status status = measure(fonts, &m, err);
    if (status == CW_OK)
        *ret = m.fit;
    return status;
}

/* ---- placing and drawing --------------------------------------------------------------------- */

static enum cw_status does_not_fit(const struct cw_text_fit *fit, struct cw_error *err) {
    static const char *const why[] = {"",
                                      "a character has no glyph in this font",
                                      "text is too wide for its zone",
                                      "a stroke is too thin to be made",
                                      "a picture character is no letter",
                                      "text is no monogram",
                                      "the smaller letters are too low to be made",
                                      "letters run into each other on the path"};
    return cw_fail(err, CW_E_INPUT, "render.text_does_not_fit", "%s", why[fit->verdict]);
}

enum cw_status cw_text_place(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                             struct cw_text_placed *ret, struct cw_error *err) {
    AUTO_MEASURING struct measuring m = {.decal = decal};
    enum cw_status status = measure(fonts, &m, err);
    if (status != CW_OK)
        return status;
    if (m.fit.verdict != CW_FIT_OK)
        return does_not_fit(&m.fit, err);
    const double units = CW_DESIGN_UNITS_PER_PX;
    const bool curved = cw_layout_is_curve(decal->lettering.layout);
    *ret = (struct cw_text_placed){
        .path = m.outline.path,
        .scale = curved ? 1 : (double)m.fit.em_um / CW_DESIGN_EM_PX,
        .centre_um = {decal->zone_um[0] + decal->zone_um[2] / 2.0,
                      decal->zone_um[1] + decal->zone_um[3] / 2.0},
        .rotation_mdeg = decal->rotation_mdeg,
    };
    if (!curved) {
        ret->design_centre[0] = ((double)m.outline.left + (double)m.outline.size[0] / 2) / units;
        ret->design_centre[1] = ((double)m.outline.top + (double)m.outline.size[1] / 2) / units;
    }
    m.outline.path = NULL;
    return CW_OK;
}

void cw_text_placed_deinit(struct cw_text_placed *placed) {
    cairo_path_destroy(placed->path);
    placed->path = NULL;
}

void cw_text_append(cairo_t *cr, const struct cw_text_placed *placed) {
    cairo_matrix_t before;
    cairo_get_matrix(cr, &before);
    cairo_translate(cr, placed->centre_um[0], placed->centre_um[1]);
    cw_rotate_mdeg(cr, placed->rotation_mdeg);
    cairo_scale(cr, placed->scale, -placed->scale);
    cairo_translate(cr, -placed->design_centre[0], -placed->design_centre[1]);
    cairo_append_path(cr, placed->path);
    cairo_set_matrix(
        cr, &before); /* not save and restore: those would drop nothing but cost a gstate */
}
