/*
 * One font stack: a private fontconfig configuration with exactly its faces, and a Pango font map
 * over it.
 *
 * Does not know fonts.json (fonts.c) and does not lay out texts (text.c).
 * Runs in the renderer worker; opening and warming happen before it is locked down.
 */
#include "stack.h"

#include <assert.h>
#include <cairo-ft.h>
#include <math.h>
#include <pango/pangofc-font.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY_BYTES 96

struct face {
    FcPattern *pattern; /* as queried from the file, but under a family name of our own */
    FcCharSet *charset; /* inside the pattern */
    PangoFont *font;    /* held with `locked` while the stack lives, see lock_face */
    cairo_scaled_font_t *locked;
    char families[FAMILY_BYTES];
};

struct cw_stack {
    char id[CW_STACK_ID_BYTES];
    PangoFontMap *map;
    PangoContext *context;
    cairo_t *scratch;
    int64_t cap_height;
    size_t face_count;
    struct face faces[CW_STACK_FACES];
    struct cw_stroke_slot strokes[CW_STROKE_SLOTS];
};

static const struct {
    GUnicodeScript script;
    const char *tag;
} languages[] = {
    {G_UNICODE_SCRIPT_LATIN, "en"},
    {G_UNICODE_SCRIPT_COMMON, "en"},
    {G_UNICODE_SCRIPT_INHERITED, "en"},
    {G_UNICODE_SCRIPT_CYRILLIC, "ru"},
    {G_UNICODE_SCRIPT_ARABIC, "fa"}, /* Persian forms of ک ی and of the digits 4 5 6 */
    {G_UNICODE_SCRIPT_HEBREW, "he"},
    {G_UNICODE_SCRIPT_DEVANAGARI, "hi"},
    {G_UNICODE_SCRIPT_THAI, "th"},
    {G_UNICODE_SCRIPT_HAN, "zh-cn"}, /* "ja" in a text that has kana, see text_shape.c */
    {G_UNICODE_SCRIPT_HIRAGANA, "ja"},
    {G_UNICODE_SCRIPT_KATAKANA, "ja"},
    {G_UNICODE_SCRIPT_UNKNOWN, "und"}, /* all others */
};

PangoLanguage *cw_stack_language(GUnicodeScript script) {
    size_t i = 0;
    while (languages[i].script != script && languages[i].script != G_UNICODE_SCRIPT_UNKNOWN)
        i++;
    return pango_language_from_string(languages[i].tag);
}

void cw_stack_free(struct cw_stack *stack) {
    if (!stack)
        return;
    for (size_t i = 0; i < stack->face_count; i++) {
        struct face *face = &stack->faces[i];
        if (face->locked)
            cairo_ft_scaled_font_unlock_face(face->locked);
        g_clear_object(&face->font);
        FcPatternDestroy(face->pattern);
    }
    if (stack->scratch)
        cairo_destroy(stack->scratch);
    g_clear_object(&stack->context);
    if (stack->map) /* Pango 1.50 forgets the configuration's reference when a font map ends */
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(stack->map), NULL);
    g_clear_object(&stack->map);
    free(stack);
}

/*
 * A face gets the family name "f<its place>", so two files with one family name cannot be mistaken
 * for each other and Pango's fallback order is the order of the list we ask for.
 */
static void name_face(struct face *face, size_t place, const FcPattern *source) {
    char name[8];
    snprintf(name, sizeof name, "f%zu", place);
    face->pattern = FcPatternDuplicate(source);
    FcPatternDel(face->pattern, FC_FAMILY);
    FcPatternDel(face->pattern, FC_FAMILYLANG);
    FcPatternAddString(face->pattern, FC_FAMILY, (const FcChar8 *)name);
    FcPatternGetCharSet(face->pattern, FC_CHARSET, 0, &face->charset);
}

static void list_families(struct cw_stack *stack) {
    for (size_t first = 0; first < stack->face_count; first++) {
        char *families = stack->faces[first].families;
        int length = snprintf(families, FAMILY_BYTES, "f%zu", first);
        for (size_t i = 0; i < stack->face_count; i++)
            if (i != first)
                length += snprintf(families + length, FAMILY_BYTES - (size_t)length, ",f%zu", i);
    }
}

/*
 * A configuration holding exactly the stack's faces. fontconfig offers no way to add one face of a
 * collection, nor a pattern; so the first file is added to bring the set into being, and then the
 * set (a public, plain array) gets our patterns instead.
 */
static FcConfig *stack_config(const struct cw_stack *stack, const char *first_file) {
    FcConfig *config = FcConfigCreate();
    if (!config || !FcConfigAppFontAddFile(config, (const FcChar8 *)first_file))
        goto fail;
    FcFontSet *set = FcConfigGetFonts(config, FcSetApplication);
    if (!set)
        goto fail;
    while (set->nfont > 0)
        FcPatternDestroy(set->fonts[--set->nfont]);
    for (size_t i = 0; i < stack->face_count; i++) {
        FcPatternReference(stack->faces[i].pattern);
        if (!FcFontSetAdd(set, stack->faces[i].pattern))
            goto fail;
    }
    return config;
fail:
    if (config)
        FcConfigDestroy(config);
    return NULL;
}

static PangoContext *drawing_context(PangoFontMap *map, const char *families) {
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("en"));
    PangoFontDescription *description = pango_font_description_new();
    pango_font_description_set_family(description, families);
    pango_font_description_set_absolute_size(description, CW_DESIGN_EM_PX * PANGO_SCALE);
    pango_context_set_font_description(context, description);
    pango_font_description_free(description);
    return context;
}

/* Unbounded: on a bounded surface Cairo leaves out of a path the glyphs ten ems or more outside of
 * it. */
static cairo_t *scratch_new(void) {
    cairo_surface_t *surface = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return cr;
}

static enum cw_status open_map(struct cw_stack *stack, const char *first_file,
                               struct cw_error *err) {
    FcConfig *config = stack_config(stack, first_file);
    if (!config)
        return cw_fail(err, CW_E_IO, "fonts.config", "font stack '%s' cannot be opened", stack->id);
    stack->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(stack->map), config);
    FcConfigDestroy(config); /* the map has its own reference */
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(stack->map), 72);
    stack->context = drawing_context(stack->map, cw_stack_families(stack, 0));
    stack->scratch = scratch_new();
    return CW_OK;
}

/* Ink box of a text at design size; false when it has none. The scratch path is left empty. */
static bool sample_ink(struct cw_stack *stack, const char *text, const char *families,
                       double ret_size[2]) {
    PangoLayout *layout = pango_layout_new(stack->context);
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_family_new(families));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(layout, text, -1);
    pango_cairo_layout_path(stack->scratch, layout);
    double x0, y0, x1, y1;
    cairo_path_extents(stack->scratch, &x0, &y0, &x1, &y1);
    cairo_new_path(stack->scratch);
    g_object_unref(layout);
    ret_size[0] = x1 - x0;
    ret_size[1] = y1 - y0;
    return cairo_status(stack->scratch) == CAIRO_STATUS_SUCCESS && x1 > x0 && y1 > y0;
}

static enum cw_status measure_cap_height(struct cw_stack *stack, struct cw_error *err) {
    double size[2];
    if (!sample_ink(stack, "H", cw_stack_families(stack, 0), size))
        return cw_fail(err, CW_E_IO, "fonts.face", "font stack '%s' has no capital H", stack->id);
    stack->cap_height = llround(size[1] * CW_DESIGN_UNITS_PER_PX);
    return CW_OK;
}

enum cw_status cw_stack_new(const struct cw_stack_args *args, struct cw_stack **ret,
                            struct cw_error *err) {
    assert(args->face_count > 0 && args->face_count <= CW_STACK_FACES);
    struct cw_stack *stack = calloc(1, sizeof *stack);
    if (!stack)
        return cw_fail(err, CW_E_NOMEM, "fonts.memory", "out of memory");
    snprintf(stack->id, sizeof stack->id, "%s", args->id);
    stack->face_count = args->face_count;
    for (size_t i = 0; i < args->face_count; i++)
        name_face(&stack->faces[i], i, args->patterns[i]);
    list_families(stack);
    enum cw_status status = open_map(stack, args->first_file, err);
    if (status == CW_OK)
        status = measure_cap_height(stack, err);
    if (status != CW_OK) {
        cw_stack_free(stack);
        return status;
    }
    *ret = stack;
    return CW_OK;
}

/* ---- warming --------------------------------------------------------------------------------- */

/*
 * Cairo keeps at most ten font files open and closes a random unlocked one when it needs another
 * (cairo-ft-font.c, MAX_OPEN_FACES); opening it again would be an open() after the lock-down. A
 * face that stays locked is never closed.
 */
static enum cw_status lock_face(struct cw_stack *stack, size_t index, struct cw_error *err) {
    struct face *face = &stack->faces[index];
    PangoFontDescription *description =
        pango_font_description_copy(pango_context_get_font_description(stack->context));
    pango_font_description_set_family(description, face->families);
    face->font = pango_context_load_font(stack->context, description);
    pango_font_description_free(description);
    cairo_scaled_font_t *scaled =
        face->font ? pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(face->font)) : NULL;
    if (!scaled || cairo_scaled_font_get_type(scaled) != CAIRO_FONT_TYPE_FT ||
        !cairo_ft_scaled_font_lock_face(scaled))
        return cw_fail(err, CW_E_IO, "fonts.face", "face %zu of font stack '%s' cannot be opened",
                       index, stack->id);
    face->locked = scaled;
    return CW_OK;
}

struct realising {
    PangoLanguage *language;
    bool failed;
};

/*
 * Metrics too: Pango gets them by laying out a sample sentence of the language, with a font set of
 * its own. And the box for a missing glyph, which has a small font for its digits: shaping asks for
 * it even where nothing is missing in the end (a mark that may need a dotted circle).
 */
static gboolean realise_font(PangoFontset *fontset, PangoFont *font, gpointer data) {
    (void)fontset;
    struct realising *realising = data;
    cairo_scaled_font_t *scaled = pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font));
    if (!scaled || cairo_scaled_font_status(scaled) != CAIRO_STATUS_SUCCESS)
        realising->failed = true;
    PangoRectangle box;
    pango_font_get_glyph_extents(font, PANGO_GET_UNKNOWN_GLYPH(0x13000), &box, NULL);
    pango_font_metrics_unref(pango_font_get_metrics(font, realising->language));
    return FALSE;
}

/*
 * Pango sorts the faces for each new pair of families and language, in a thread it starts for that,
 * and opens a face when a text first needs it. Afterwards the pair is in its cache (256 entries; we
 * have at most 11 × 9).
 */
static enum cw_status warm_fontset(struct cw_stack *stack, const char *families,
                                   PangoLanguage *language, struct cw_error *err) {
    PangoFontDescription *description =
        pango_font_description_copy(pango_context_get_font_description(stack->context));
    pango_font_description_set_family(description, families);
    PangoFontset *fontset =
        pango_font_map_load_fontset(stack->map, stack->context, description, language);
    pango_font_description_free(description);
    struct realising realising = {.language = language, .failed = !fontset};
    if (fontset)
        pango_fontset_foreach(fontset, realise_font, &realising);
    g_clear_object(&fontset);
    return realising.failed ? cw_fail(err, CW_E_IO, "fonts.face",
                                      "a face of font stack '%s' cannot be opened", stack->id)
                            : CW_OK;
}

static enum cw_status warm_families(struct cw_stack *stack, const char *families,
                                    struct cw_error *err) {
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        enum cw_status status =
            warm_fontset(stack, families, pango_language_from_string(languages[i].tag), err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

/* A text in all scripts. */
static enum cw_status draw_sample(struct cw_stack *stack, const char *families,
                                  struct cw_error *err) {
    double size[2];
    if (!sample_ink(stack, "Hamburg Oʻtkir Ўқғҳ پچژگکی ۱۲۳ שלום नमस्ते สวัสดี 汉字 ひカ", families,
                    size))
        return cw_fail(err, CW_E_IO, "fonts.face", "font stack '%s' draws nothing", stack->id);
    return CW_OK;
}

enum cw_status cw_stack_warm(struct cw_stack *stack, struct cw_error *err) {
    for (size_t i = 0; i < stack->face_count; i++) {
        enum cw_status status = stack->faces[i].locked ? CW_OK : lock_face(stack, i, err);
        if (status == CW_OK)
            status = warm_families(stack, cw_stack_families(stack, i), err);
        if (status == CW_OK)
            status = draw_sample(stack, cw_stack_families(stack, i), err);
        if (status != CW_OK)
            return status;
    }
    /* what Pango asks for where a character is an emoji by default */
    return warm_families(stack, "emoji", err);
}

/* ---- what text.c asks ------------------------------------------------------------------------ */

const char *cw_stack_id(const struct cw_stack *stack) {
    return stack->id;
}

size_t cw_stack_face_count(const struct cw_stack *stack) {
    return stack->face_count;
}

bool cw_stack_face_has(const struct cw_stack *stack, size_t face, uint32_t character) {
    const FcCharSet *charset = stack->faces[face].charset;
    return charset && FcCharSetHasChar(charset, character);
}

const char *cw_stack_families(const struct cw_stack *stack, size_t face) {
    return stack->faces[face].families;
}

PangoContext *cw_stack_context(const struct cw_stack *stack) {
    return stack->context;
}

cairo_t *cw_stack_scratch(const struct cw_stack *stack) {
    return stack->scratch;
}

int64_t cw_stack_cap_height(const struct cw_stack *stack) {
    return stack->cap_height;
}

struct cw_stroke_slot *cw_stack_strokes(struct cw_stack *stack) {
    return stack->strokes;
}

/* name_face gave the family. */
size_t cw_stack_face_of(PangoFont *font) {
    FcChar8 *family = NULL;
    FcPattern *pattern = pango_fc_font_get_pattern(PANGO_FC_FONT(font));
    if (FcPatternGetString(pattern, FC_FAMILY, 0, &family) != FcResultMatch || family[0] != 'f')
        return 0;
    return (size_t)atoi((const char *)family + 1);
}
