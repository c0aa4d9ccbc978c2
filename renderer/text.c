/*
 * One line of text: measure (shape, look for missing glyphs, fit), place (where the outlines go),
 * draw.
 *
 * Does not open fonts (stack.c), wrap, cut or restyle texts, nor decide whether a text is allowed.
 * Runs in the renderer worker.
 */
#include "text.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unicode.h"
#include "cordwain/limits.h"
#include "stack.h"

#define MODIFIER_TURNED_COMMA 0x02BBu
#define MODIFIER_APOSTROPHE   0x02BCu
#define LEFT_QUOTE            0x2018u
#define RIGHT_QUOTE           0x2019u

/* Ink box and outlines at design size. */
struct outline {
    cairo_path_t *path;
    int64_t left, top, size[2]; /* [design units], y down */
};

struct shaped {
    struct cw_stack *stack;
    struct cw_buf text; /* the characters drawn */
    PangoLayout *layout;
};

static void shaped_deinit(struct shaped *shaped) {
    g_clear_object(&shaped->layout);
    cw_buf_deinit(&shaped->text);
}
#define AUTO_SHAPED __attribute__((cleanup(shaped_deinit)))

/* ---- shaping --------------------------------------------------------------------------------- */

/* Joiners and the like direct the shaping and need no glyph. */
static bool is_invisible(gunichar c) {
    return g_unichar_type(c) == G_UNICODE_FORMAT || (c >= 0xFE00 && c <= 0xFE0F);
}

/* Does a face need this character of its own? Spaces and punctuation may come from any face. */
static bool decides_face(gunichar c) {
    return g_unichar_get_script(c) != G_UNICODE_SCRIPT_COMMON && !is_invisible(c);
}

static bool face_has_script(const struct shaped *shaped, size_t face, GUnicodeScript script) {
    const char *text = shaped->text.data;
    PangoScriptIter *iter = pango_script_iter_new(text, (int)shaped->text.length);
    bool all = true;
    do {
        const char *start, *end;
        PangoScript found;
        pango_script_iter_get_range(iter, &start, &end, &found);
        if ((GUnicodeScript)found != script)
            continue;
        for (const char *p = start; all && p < end; p = g_utf8_next_char(p)) {
            gunichar c = g_utf8_get_char(p);
            all = !decides_face(c) || cw_stack_face_has(shaped->stack, face, c);
        }
    } while (pango_script_iter_next(iter));
    pango_script_iter_free(iter);
    return all;
}

/*
 * The first face that has all letters of one script in this text: a word is never set in two
 * designs because one letter is missing (Bebas Neue has Т and К, but not the Uzbek Ў). If no face
 * has all, Pango falls back letter by letter.
 */
static size_t face_of_script(const struct shaped *shaped, GUnicodeScript script) {
    for (size_t face = 0; face < cw_stack_face_count(shaped->stack); face++)
        if (face_has_script(shaped, face, script))
            return face;
    return 0;
}

/*
 * Uzbek Latin writes oʻ gʻ with U+02BB and ʼ with U+02BC, which many faces lack; their quotation
 * marks have the same shapes (The Unicode Standard, Modifier Letter Turned Comma: "typographical
 * alternate for 02BD or 02BF", glyph as 2018). Only what is drawn changes, never the text that is
 * stored.
 */
static void set_text(struct shaped *shaped, const char *text) {
    cw_buf_puts(&shaped->text, text);
    size_t face = face_of_script(shaped, G_UNICODE_SCRIPT_LATIN);
    cw_buf_reset(&shaped->text);
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == 0xFE0E || c == 0xFE0F)
            continue; /* text or emoji style: there is only one style here */
        gunichar alike = c == MODIFIER_TURNED_COMMA ? LEFT_QUOTE
                         : c == MODIFIER_APOSTROPHE ? RIGHT_QUOTE
                                                    : c;
        if (!cw_stack_face_has(shaped->stack, face, c) &&
            cw_stack_face_has(shaped->stack, face, alike))
            c = alike;
        char utf8[6];
        cw_buf_add(&shaped->text, utf8, (size_t)g_unichar_to_utf8(c, utf8));
    }
}

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, size_t start,
                          size_t end) {
    attribute->start_index = (guint)start;
    attribute->end_index = (guint)end;
    pango_attr_list_insert(list, attribute);
}

/* Unicode gives digits the script of the letters before them; a shirt's number stays in the stack's
 * design. */
static void add_digit_attributes(const struct shaped *shaped, PangoAttrList *list) {
    const char *text = shaped->text.data, *digits = "0123456789";
    const char *families =
        cw_stack_families(shaped->stack, face_of_script(shaped, G_UNICODE_SCRIPT_LATIN));
    for (size_t at = strcspn(text, digits); text[at] != '\0'; at += strcspn(text + at, digits)) {
        size_t length = strspn(text + at, digits);
        add_attribute(list, pango_attr_family_new(families), at, at + length);
        at += length;
    }
}

/*
 * Local forms are off for Arabic script: Noto Naskh Arabic (2020) applies those of Urdu and Sindhi
 * to every language, which turns the Persian ۴ ۶ ۷ into other signs. Without them both our faces
 * draw the Persian ones.
 */
static PangoAttrList *attributes_of(const struct shaped *shaped) {
    const char *text = shaped->text.data;
    PangoAttrList *list = pango_attr_list_new();
    PangoScriptIter *iter = pango_script_iter_new(text, (int)shaped->text.length);
    do {
        const char *start, *end;
        PangoScript found;
        pango_script_iter_get_range(iter, &start, &end, &found);
        GUnicodeScript script = (GUnicodeScript)found;
        size_t from = (size_t)(start - text), to = (size_t)(end - text);
        const char *families = cw_stack_families(shaped->stack, face_of_script(shaped, script));
        add_attribute(list, pango_attr_family_new(families), from, to);
        add_attribute(list, pango_attr_language_new(cw_stack_language(script)), from, to);
        if (script == G_UNICODE_SCRIPT_ARABIC)
            add_attribute(list, pango_attr_font_features_new("locl=0"), from, to);
    } while (pango_script_iter_next(iter));
    pango_script_iter_free(iter);
    add_digit_attributes(shaped, list);
    return list;
}

static enum cw_status start(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                            struct shaped *ret, struct cw_error *err) {
    enum cw_status status = cw_fonts_stack(fonts, decal->font_stack, &ret->stack, err);
    if (status == CW_OK)
        set_text(ret, decal->text);
    return status;
}

static void shape(struct shaped *shaped) {
    PangoContext *context = cw_stack_context(shaped->stack);
    pango_context_set_base_dir(context, cw_text_is_rtl(shaped->text.data) ? PANGO_DIRECTION_RTL
                                                                          : PANGO_DIRECTION_LTR);
    shaped->layout = pango_layout_new(context);
    pango_layout_set_auto_dir(shaped->layout, FALSE);
    pango_layout_set_single_paragraph_mode(shaped->layout, TRUE);
    PangoAttrList *attributes = attributes_of(shaped);
    pango_layout_set_attributes(shaped->layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(shaped->layout, shaped->text.data, (int)shaped->text.length);
}

/* ---- missing glyphs -------------------------------------------------------------------------- */

static bool stack_has(const struct cw_stack *stack, gunichar c) {
    for (size_t face = 0; face < cw_stack_face_count(stack); face++)
        if (cw_stack_face_has(stack, face, c))
            return true;
    return false;
}

/*
 * Byte offset of the first character that no face of the stack has; the text's length if there is
 * none. Asked before shaping: for a character it does not know Pango would look for more fonts.
 */
static size_t first_uncovered(const struct shaped *shaped) {
    const char *text = shaped->text.data;
    const char *p = text;
    while (*p && (is_invisible(g_utf8_get_char(p)) || stack_has(shaped->stack, g_utf8_get_char(p))))
        p = g_utf8_next_char(p);
    return (size_t)(p - text);
}

/* The same for what shaping could not draw, with the characters all there; text's length if none.
 */
static size_t first_unknown(const struct shaped *shaped) {
    size_t first = shaped->text.length;
    PangoLayoutLine *line = pango_layout_get_line_readonly(shaped->layout, 0);
    for (GSList *at = line->runs; at; at = at->next) {
        const PangoGlyphItem *run = at->data;
        for (int i = 0; i < run->glyphs->num_glyphs; i++) {
            size_t byte = (size_t)(run->item->offset + run->glyphs->log_clusters[i]);
            if ((run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) && byte < first)
                first = byte;
        }
    }
    return first;
}

/* Copy the grapheme that holds `byte`, whole characters only where it is longer than ret_glyph. */
static void copy_grapheme(const char *text, size_t byte, char ret_glyph[16]) {
    size_t start = 0, length = cw_text_first_grapheme(text);
    while (length > 0 && start + length <= byte) {
        start += length;
        length = cw_text_first_grapheme(text + start);
    }
    if (length > 15) {
        length = 15;
        while (length > 0 && ((unsigned char)text[start + length] & 0xC0u) == 0x80u)
            length--;
    }
    memcpy(ret_glyph, text + start, length);
    ret_glyph[length] = '\0';
}

/* ---- outlines -------------------------------------------------------------------------------- */

static int64_t to_units(double px) {
    return llround(px * CW_DESIGN_UNITS_PER_PX);
}

static enum cw_status outline(const struct shaped *shaped, struct outline *ret,
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
    AUTO_SHAPED struct shaped shaped = {0};
    enum cw_status status = check(decal, err);
    if (status == CW_OK)
        status = start(fonts, decal, &shaped, err);
    if (status != CW_OK)
        return status;
    struct cw_text_fit result = {.verdict = CW_FIT_GLYPH_MISSING};
    struct outline drawn = {0};
    size_t missing = first_uncovered(&shaped);
    if (missing == shaped.text.length) {
        shape(&shaped);
        missing = first_unknown(&shaped);
    }
    if (missing < shaped.text.length) {
        copy_grapheme(shaped.text.data, missing, result.glyph);
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
