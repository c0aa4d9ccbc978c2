/*
 * Responsible for: what only text options have: scripts, pattern, and the options that feed font,
 * colour and rotation. Does not: measure text (renderer). Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static void check_pattern(struct loader *loader, const char *pattern, const char *pointer) {
    int number;
    PCRE2_SIZE offset;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &number, &offset, NULL);
    if (code) {
        pcre2_code_free(code);
        return;
    }
    PCRE2_UCHAR text[120] = "";
    pcre2_get_error_message(number, text, sizeof text);
    cw_load_fault(loader, "text.pattern", pointer, "", "the pattern fails at character %zu: %s",
                  (size_t)offset, (const char *)text);
}

static uint32_t index_of(const char *name, const char *const *names, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return 0;
}

/* The schema has checked the names and which layout has which members. */
static void load_lettering(struct loader *loader, const json_t *json, struct cw_lettering *ret) {
    static const char *const layouts[] = {"line",           "arcTop",         "arcBottom",
                                          "path",           "vertical",       "monogramRow",
                                          "monogramCentre", "monogramStacked"};
    static const char *const numerals[] = {"asTyped", "script", "latn", "arab",
                                           "arabext", "deva",   "thai"};
    ret->layout = (enum cw_layout)index_of(cw_load_string(loader, json, "layout"), layouts, 8);
    ret->numerals =
        (enum cw_numerals)index_of(cw_load_string(loader, json, "numerals"), numerals, 7);
    ret->small_caps = json_is_true(json_object_get(json, "smallCaps"));
    ret->spacing_milli = (int32_t)cw_load_integer(json, "spacingMilli", 0);
    ret->radius_um = (int32_t)cw_load_integer(json, "radiusUm", 0);
    ret->path = cw_load_string(loader, json, "path");
}

/* ISO 15924; the renderer leaves these unspaced too, cw_script_is_joined. */
static bool has_joined_script(const struct cw_text_rule *text) {
    for (size_t i = 0; i < text->script_count; i++)
        if (strcmp(text->scripts[i], "Arab") == 0 || strcmp(text->scripts[i], "Deva") == 0)
            return true;
    return false;
}

static void check_lettering(struct loader *loader, const struct cw_text_rule *text,
                            const char *pointer) {
    if (text->lettering.spacing_milli != 0 && has_joined_script(text))
        cw_load_fault(loader, "lettering.spacing_joined", cw_load_at(loader, pointer, "lettering"),
                      "", "letters of Arab and Deva join and cannot be spaced");
    if (text->lettering.layout == CW_LAYOUT_PATH)
        cw_load_check_path(loader, text->lettering.path, NULL,
                           cw_load_at(loader, cw_load_at(loader, pointer, "lettering"), "path"));
}

void cw_load_text_rule(struct loader *loader, const json_t *json, struct cw_option *option,
                       const char *pointer) {
    struct cw_text_rule *text = &option->text;
    *text = (struct cw_text_rule){.surface = CW_NONE,
                                  .pattern = "",
                                  .font_option = CW_NONE,
                                  .font = CW_NONE,
                                  .colour_option = CW_NONE,
                                  .colour = CW_NONE,
                                  .rotation_option = CW_NONE};
    if (option->kind != CW_OPTION_TEXT)
        return;
    text->surface = cw_load_member_reference(loader, TABLE_SURFACES, json, "surface", pointer);
    text->max_graphemes = (uint32_t)cw_load_integer(json, "maxGraphemes", 0);
    text->pattern = cw_load_string(loader, json, "pattern");
    text->pattern_message = cw_load_text(loader, json, "patternMessage", pointer);
    text->letter_case =
        strcmp(cw_load_string(loader, json, "case"), "upper") == 0 ? CW_CASE_UPPER : CW_CASE_AS_IS;
    text->scripts = cw_load_strings(loader, json_object_get(json, "scripts"), &text->script_count);
    load_lettering(loader, json_object_get(json, "lettering"), &text->lettering);
    text->price_minor = cw_load_integer(json, "price", 0);
    text->lead_days = (int32_t)cw_load_integer(json, "leadDays", 0);
    if (option->artwork)
        return;
    check_pattern(loader, text->pattern, cw_load_at(loader, pointer, "pattern"));
    check_lettering(loader, text, pointer);
}

/* Every choice of the feeding option must give what is fed. */
static void check_feed(struct loader *loader, uint32_t option, bool font, const char *pointer) {
    if (!cw_load_wants_kind(loader, option, CW_OPTION_CHOICE, pointer))
        return;
    const struct cw_option *feeder = &loader->options[option];
    for (size_t i = 0; i < feeder->choice_count; i++) {
        uint32_t given = font ? feeder->choices[i].font : feeder->choices[i].colour;
        if (given == CW_NONE)
            cw_load_fault(loader, font ? "feed.font" : "feed.colour", pointer,
                          font ? "give the choice a \"font\"" : "give the choice a \"colour\"",
                          "choice '%s' of option '%s' has no %s", feeder->choices[i].id, feeder->id,
                          font ? "font" : "colour");
    }
}

/* A photograph can be printed; a needle or a cutter needs a drawing. */
static void check_process(struct loader *loader, const struct cw_option *option,
                          const char *pointer) {
    uint32_t surface = option->text.surface;
    if (surface != CW_NONE && loader->product->surfaces[surface].process != CW_PROCESS_PRINT)
        cw_load_fault(loader, "artwork.process", cw_load_at(loader, pointer, "surface"),
                      "take a surface that is printed",
                      "pictures of option '%s' would lie on '%s', which is not printed", option->id,
                      loader->product->surfaces[surface].id);
}

void cw_load_text_feeds(struct loader *loader, const json_t *json, struct cw_option *option,
                        const char *pointer) {
    if (option->kind != CW_OPTION_TEXT)
        return;
    if (option->artwork) {
        check_process(loader, option, pointer);
        return;
    }
    const json_t *font = json_object_get(json, "font"), *colour = json_object_get(json, "colour");
    const json_t *rotation = json_object_get(json, "rotation");
    const char *font_at = cw_load_at(loader, pointer, "font");
    const char *colour_at = cw_load_at(loader, pointer, "colour");
    if (json_object_get(json, "surface") && !font)
        cw_load_fault(loader, "text.font_missing", pointer, "add \"font\"",
                      "text '%s' stands on a surface and has no font", option->id);
    if (json_object_get(json, "surface") && !colour)
        cw_load_fault(loader, "text.colour_missing", pointer, "add \"colour\"",
                      "text '%s' stands on a surface and has no colour", option->id);
    struct source from = cw_load_source(loader, font, TABLE_FONTS, font_at);
    option->text.font_option = from.option;
    option->text.font = from.fixed;
    check_feed(loader, from.option, true, cw_load_at(loader, font_at, "option"));
    from = cw_load_source(loader, colour, TABLE_COLOURS, colour_at);
    option->text.colour_option = from.option;
    option->text.colour = from.fixed;
    check_feed(loader, from.option, false, cw_load_at(loader, colour_at, "option"));
    const char *rotation_at = cw_load_at(loader, pointer, "rotation");
    option->text.rotation_option =
        cw_load_source(loader, rotation, TABLE_OPTIONS, rotation_at).option;
    cw_load_wants_kind(loader, option->text.rotation_option, CW_OPTION_CHOICE,
                       cw_load_at(loader, rotation_at, "option"));
}
