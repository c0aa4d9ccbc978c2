/*
 * From characters to glyphs: which face and language each script has, which characters are drawn,
 * and the first one that cannot be.
 *
 * Does not open fonts (stack.c), place glyphs (text_arrange.c) or fit texts (text.c). Runs in the
 * renderer worker.
 */
#include "text_shape.h"

#include <string.h>

#include "base/unicode.h"
#include "text_arrange.h"

#define MODIFIER_TURNED_COMMA 0x02BBu
#define MODIFIER_APOSTROPHE   0x02BCu
#define LEFT_QUOTE            0x2018u
#define RIGHT_QUOTE           0x2019u
#define NON_JOINER            0x200Cu

void cw_shaped_deinit(struct cw_shaped *shaped) {
    g_clear_object(&shaped->layout);
    cw_buf_deinit(&shaped->text);
    cw_buf_deinit(&shaped->small);
}

/* ---- faces ----------------------------------------------------------------------------------- */

/* Joiners and the like direct the shaping and need no glyph. */
static bool is_invisible(gunichar c) {
    return g_unichar_type(c) == G_UNICODE_FORMAT || (c >= 0xFE00 && c <= 0xFE0F);
}

/* Does a face need this character of its own? Spaces and punctuation may come from any face. */
static bool decides_face(gunichar c) {
    return g_unichar_get_script(c) != G_UNICODE_SCRIPT_COMMON && !is_invisible(c);
}

static bool face_has_script(const struct cw_shaped *shaped, size_t face, GUnicodeScript script) {
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
static size_t face_of_script(const struct cw_shaped *shaped, GUnicodeScript script) {
    for (size_t face = 0; face < cw_stack_face_count(shaped->stack); face++)
        if (face_has_script(shaped, face, script))
            return face;
    return 0;
}

/* ---- which characters are drawn -------------------------------------------------------------- */

/* The zero of a numbering system (CLDR names), 0 for as typed; the first letter tells the script.
 */
static gunichar zero_of(enum cw_numerals numerals, const char *text) {
    static const gunichar zeros[] = {0, 0, '0', 0x660, 0x6F0, 0x966, 0xE50};
    if (numerals != CW_NUMERALS_SCRIPT)
        return zeros[numerals];
    while (*text && !g_unichar_isalpha(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    switch (g_unichar_get_script(g_utf8_get_char(text))) {
    case G_UNICODE_SCRIPT_ARABIC:
        return 0x6F0; /* our Arabic script is set in Persian, cw_stack_language */
    case G_UNICODE_SCRIPT_DEVANAGARI:
        return 0x966;
    case G_UNICODE_SCRIPT_THAI:
        return 0xE50;
    default:
        return '0';
    }
}

/*
 * Uzbek Latin writes oʻ gʻ with U+02BB and ʼ with U+02BC, which many faces lack; their quotation
 * marks have the same shapes (The Unicode Standard, Modifier Letter Turned Comma: "typographical
 * alternate for 02BD or 02BF", glyph as 2018). Only what is drawn changes, never the text that is
 * stored.
 */
static gunichar with_glyph(const struct cw_shaped *shaped, size_t face, gunichar c) {
    gunichar alike = c == MODIFIER_TURNED_COMMA ? LEFT_QUOTE
                     : c == MODIFIER_APOSTROPHE ? RIGHT_QUOTE
                                                : c;
    return !cw_stack_face_has(shaped->stack, face, c) &&
                   cw_stack_face_has(shaped->stack, face, alike)
               ? alike
               : c;
}

/* Lower case becomes a capital, marked small. Drawn capitals made smaller for all faces and
 * scripts: faces with small capitals of their own mostly have them for Latin alone, and of any
 * height. */
static gunichar small_capital(gunichar c, bool *ret_small) {
    gunichar upper = g_unichar_toupper(c);
    *ret_small = upper != c;
    return upper;
}

static void add_character(struct cw_shaped *shaped, gunichar c, bool small) {
    char utf8[6], marks[6];
    size_t length = (size_t)g_unichar_to_utf8(c, utf8);
    memset(marks, small, sizeof marks);
    cw_buf_add(&shaped->text, utf8, length);
    cw_buf_add(&shaped->small, marks, length);
}

static void set_text(struct cw_shaped *shaped, const char *text,
                     const struct cw_lettering *lettering) {
    cw_buf_puts(&shaped->text, text);
    const size_t face = face_of_script(shaped, G_UNICODE_SCRIPT_LATIN);
    const gunichar zero = zero_of(lettering->numerals, text);
    struct cw_shaped out = {.stack = shaped->stack};
    size_t grapheme_end = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        bool small = false;
        if ((size_t)(p - text) == grapheme_end) {
            /* initials stand apart: a non-joiner keeps them from taking joined forms */
            if (grapheme_end > 0 && cw_layout_is_monogram(lettering->layout))
                add_character(&out, NON_JOINER, false);
            grapheme_end += cw_text_first_grapheme(p);
        }
        if (c == 0xFE0E || c == 0xFE0F)
            continue; /* text or emoji style: there is only one style here */
        if (zero && g_unichar_isdigit(c))
            c = zero + (gunichar)g_unichar_digit_value(c);
        if (lettering->small_caps)
            c = small_capital(c, &small);
        add_character(&out, with_glyph(shaped, face, c), small);
    }
    cw_buf_deinit(&shaped->text);
    shaped->text = out.text;
    shaped->small = out.small;
}

/* ---- shaping --------------------------------------------------------------------------------- */

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, size_t start,
                          size_t end) {
    attribute->start_index = (guint)start;
    attribute->end_index = (guint)end;
    pango_attr_list_insert(list, attribute);
}

/* Unicode gives digits the script of the letters before them; a shirt's number stays in the stack's
 * design. */
static void add_digit_attributes(const struct cw_shaped *shaped, PangoAttrList *list) {
    const char *text = shaped->text.data, *digits = "0123456789";
    const char *families =
        cw_stack_families(shaped->stack, face_of_script(shaped, G_UNICODE_SCRIPT_LATIN));
    for (size_t at = strcspn(text, digits); text[at] != '\0'; at += strcspn(text + at, digits)) {
        size_t length = strspn(text + at, digits);
        add_attribute(list, pango_attr_family_new(families), at, at + length);
        at += length;
    }
}

/* Han letters beside kana have the Japanese forms; the CJK faces hold both. */
static PangoLanguage *language_of(const struct cw_shaped *shaped, GUnicodeScript script) {
    bool japanese = false;
    for (const char *p = shaped->text.data; *p && !japanese; p = g_utf8_next_char(p)) {
        GUnicodeScript found = g_unichar_get_script(g_utf8_get_char(p));
        japanese = found == G_UNICODE_SCRIPT_HIRAGANA || found == G_UNICODE_SCRIPT_KATAKANA;
    }
    return cw_stack_language(japanese && script == G_UNICODE_SCRIPT_HAN ? G_UNICODE_SCRIPT_HIRAGANA
                                                                        : script);
}

bool cw_script_is_joined(GUnicodeScript script) {
    return script == G_UNICODE_SCRIPT_ARABIC || script == G_UNICODE_SCRIPT_DEVANAGARI;
}

/*
 * Local forms are off for Arabic script: Noto Naskh Arabic (2020) applies those of Urdu and Sindhi
 * to every language, which turns the Persian ۴ ۶ ۷ into other signs. Without them both our faces
 * draw the Persian ones.
 */
static const char *features_of(GUnicodeScript script, const struct cw_lettering *lettering) {
    if (script == G_UNICODE_SCRIPT_ARABIC)
        return "locl=0";
    return lettering->layout == CW_LAYOUT_VERTICAL ? "vert=1" : "";
}

static PangoAttrList *attributes_of(const struct cw_shaped *shaped,
                                    const struct cw_lettering *lettering) {
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
        add_attribute(list, pango_attr_language_new(language_of(shaped, script)), from, to);
        const char *features = features_of(script, lettering);
        if (features[0])
            add_attribute(list, pango_attr_font_features_new(features), from, to);
        if (lettering->spacing_milli && !cw_script_is_joined(script))
            add_attribute(list,
                          pango_attr_letter_spacing_new(lettering->spacing_milli *
                                                        (CW_DESIGN_EM_PX * PANGO_SCALE / 1000)),
                          from, to);
    } while (pango_script_iter_next(iter));
    pango_script_iter_free(iter);
    add_digit_attributes(shaped, list);
    return list;
}

static void shape(struct cw_shaped *shaped, const struct cw_lettering *lettering) {
    PangoContext *context = cw_stack_context(shaped->stack);
    pango_context_set_base_dir(context, cw_text_is_rtl(shaped->text.data) ? PANGO_DIRECTION_RTL
                                                                          : PANGO_DIRECTION_LTR);
    shaped->layout = pango_layout_new(context);
    pango_layout_set_auto_dir(shaped->layout, FALSE);
    pango_layout_set_single_paragraph_mode(shaped->layout, TRUE);
    PangoAttrList *attributes = attributes_of(shaped, lettering);
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
static size_t first_uncovered(const struct cw_shaped *shaped) {
    const char *text = shaped->text.data;
    const char *p = text;
    while (*p && (is_invisible(g_utf8_get_char(p)) || stack_has(shaped->stack, g_utf8_get_char(p))))
        p = g_utf8_next_char(p);
    return (size_t)(p - text);
}

/* The same for what shaping could not draw, with the characters all there; text's length if none.
 */
static size_t first_unknown(const struct cw_shaped *shaped) {
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
void cw_text_copy_grapheme(const char *text, size_t byte, char ret_glyph[16]) {
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

/* Uncovered and in a block of pictures, or a keycap: nobody should look for a font that has it. */
static bool is_picture(gunichar c) {
    return c == 0x20E3 || (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2300 && c <= 0x23FF) ||
           (c >= 0x2600 && c <= 0x27BF) || (c >= 0x2B00 && c <= 0x2BFF);
}

enum cw_status cw_text_shape(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                             struct cw_shaped *ret, size_t *ret_missing, struct cw_error *err) {
    enum cw_status status = cw_fonts_stack(fonts, decal->font_stack, &ret->stack, err);
    if (status != CW_OK)
        return status;
    set_text(ret, decal->text, &decal->lettering);
    *ret_missing = first_uncovered(ret);
    if (*ret_missing < ret->text.length)
        return CW_OK;
    shape(ret, &decal->lettering);
    *ret_missing = first_unknown(ret);
    return CW_OK;
}

enum cw_fit_verdict cw_text_missing_verdict(const struct cw_shaped *shaped, size_t missing) {
    return is_picture(g_utf8_get_char(shaped->text.data + missing)) ? CW_FIT_EMOJI
                                                                    : CW_FIT_GLYPH_MISSING;
}
