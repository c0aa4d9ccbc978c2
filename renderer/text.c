/*
 * One line of text: measure (shape, look for missing glyphs, fit), place (where the outlines go),
 * draw.
 *
 * Does not open fonts (stack.c) or shape (text_shape.c), wrap, cut or restyle texts, nor decide
 * whether a text is allowed.
 * Runs in the renderer worker.
 */
#include "text.h"

#include <math.h>
#include <string.h>

#include "base/unicode.h"
#include "cordwain/limits.h"
#include "text_shape.h"

/* Ink box and outlines at design size. */
struct outline {
    cairo_path_t *path;
    int64_t left, top, size[2]; /* [design units], y down */
};

/* ---- outlines -------------------------------------------------------------------------------- */

static int64_t to_units(double px) {
    return llround(px * CW_DESIGN_UNITS_PER_PX);
}

static enum cw_status outline(const struct cw_shaped *shaped, struct outline *ret,
                              struct cw_error *err) {
    cairo_t *cr = cw_stack_scratch(shaped->stack);
    cairo_new_path(cr);
    cairo_move_to(cr, 0, 0);
    pango_cairo_layout_line_path(cr, pango_layout_get_line_readonly(shaped->layout, 0));
    double x0, y0, x1, y1;
    cairo_path_extents(cr, &x0, &y0, &x1, &y1);
    cairo_path_t *path = cairo_copy_path(cr);
    cairo_new_path(cr);
    ret->left = to_units(x0);
    ret->top = to_units(y0);
    ret->size[0] = to_units(x1) - ret->left;
    ret->size[1] = to_units(y1) - ret->top;
    ret->path = path;
    if (path->status == CAIRO_STATUS_SUCCESS && ret->size[0] > 0 && ret->size[1] > 0)
        return CW_OK;
    enum cw_status status = path->status == CAIRO_STATUS_SUCCESS
                                ? cw_fail(err, CW_E_INPUT, "render.text", "text has no ink")
                                : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    cairo_path_destroy(path);
    return status;
}

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

/* All in integers: em and ink come out the same on every machine. */
static void fit(const struct cw_scene_decal *decal, const int64_t ink[2], int64_t cap_height,
                struct cw_text_fit *ret) {
    int64_t box[2];
    cw_rotated_box(decal->rotation_mdeg, ink, box);
    /* both limits round down, so that a zone as high as the smallest letter holds it */
    int64_t smallest = (int64_t)decal->min_letter_um * CW_DESIGN_EM / cap_height;
    int64_t em = (int64_t)decal->max_letter_um * CW_DESIGN_EM / cap_height;
    em = min64(em, (int64_t)decal->zone_um[2] * CW_DESIGN_EM / box[0]);
    em = min64(em, (int64_t)decal->zone_um[3] * CW_DESIGN_EM / box[1]);
    ret->verdict = em < smallest ? CW_FIT_TOO_WIDE : CW_FIT_OK;
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

/* Shape, outline and fit. The outline's path is the caller's, and NULL when a glyph is missing. */
static enum cw_status measure(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                              struct outline *ret_outline, struct cw_text_fit *ret_fit,
                              struct cw_error *err) {
    CW_AUTO_SHAPED struct cw_shaped shaped = {0};
    size_t missing = 0;
    enum cw_status status = check(decal, err);
    if (status == CW_OK)
        status = cw_text_shape(fonts, decal, &shaped, &missing, err);
    if (status != CW_OK)
        return status;
    struct cw_text_fit result = {.verdict = CW_FIT_GLYPH_MISSING};
    struct outline drawn = {0};
    if (missing < shaped.text.length) {
        cw_text_copy_grapheme(shaped.text.data, missing, result.glyph);
    } else {
        status = outline(&shaped, &drawn, err);
        if (status != CW_OK)
            return status;
        fit(decal, drawn.size, cw_stack_cap_height(shaped.stack), &result);
    }
    *ret_outline = drawn;
    *ret_fit = result;
    return CW_OK;
}

enum cw_status cw_text_measure(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                               struct cw_text_fit *ret, struct cw_error *err) {
    struct outline drawn = {0};
    enum cw_status status = measure(fonts, decal, &drawn, ret, err);
    if (status == CW_OK)
        cairo_path_destroy(drawn.path);
    return status;
}

/* ---- placing and drawing --------------------------------------------------------------------- */

enum cw_status cw_text_place(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                             struct cw_text_placed *ret, struct cw_error *err) {
    struct outline drawn = {0};
    struct cw_text_fit fitted = {0};
    enum cw_status status = measure(fonts, decal, &drawn, &fitted, err);
    if (status != CW_OK)
        return status;
    if (fitted.verdict != CW_FIT_OK) {
        cairo_path_destroy(drawn.path);
        return cw_fail(err, CW_E_INPUT, "render.text_does_not_fit", "%s",
                       fitted.verdict == CW_FIT_TOO_WIDE ? "text is too wide for its zone"
                                                         : "a character has no glyph in this font");
    }
    const double units = CW_DESIGN_UNITS_PER_PX;
    *ret = (struct cw_text_placed){
        .path = drawn.path,
        .design_centre = {((double)drawn.left + (double)drawn.size[0] / 2) / units,
                          ((double)drawn.top + (double)drawn.size[1] / 2) / units},
        .scale = (double)fitted.em_um / CW_DESIGN_EM_PX,
        .centre_um = {decal->zone_um[0] + decal->zone_um[2] / 2.0,
                      decal->zone_um[1] + decal->zone_um[3] / 2.0},
        .rotation_mdeg = decal->rotation_mdeg,
    };
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
