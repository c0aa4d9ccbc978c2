/*
 * Responsible for: parts and what feeds them, views, pattern uses, presets.
 * Does not: look at the art bundle (art.c).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

#include "base/json.h"

/* ---- parts ----------------------------------------------------------------------------------- */

/* A part must have its material and colour whatever is chosen. */
void cw_load_check_fed(struct loader *loader, uint32_t option, enum fed fed, const char *pointer) {
    if (!cw_load_wants_kind(loader, option, CW_OPTION_CHOICE, pointer))
        return;
    const struct cw_option *feeder = &loader->options[option];
    for (size_t i = 0; i < feeder->choice_count; i++) {
        uint32_t given =
            fed == FED_MATERIAL ? feeder->choices[i].material : feeder->choices[i].colour;
        if (given == CW_NONE)
            cw_load_fault(loader, fed == FED_MATERIAL ? "feed.material" : "feed.colour", pointer,
                          fed == FED_MATERIAL ? "give the choice a \"material\""
                                              : "give the choice a \"colour\"",
                          "choice '%s' of option '%s' has no %s", feeder->choices[i].id, feeder->id,
                          fed == FED_MATERIAL ? "material" : "colour");
    }
}

static struct source load_fed(struct loader *loader, const json_t *json, enum fed fed,
                              const char *pointer) {
    const char *name = fed == FED_MATERIAL ? "material" : "colour";
    const char *at = cw_load_at(loader, pointer, name);
    struct source source =
        cw_load_source(loader, json_object_get(json, name),
                       fed == FED_MATERIAL ? TABLE_MATERIALS : TABLE_COLOURS, at);
    cw_load_check_fed(loader, source.option, fed, cw_load_at(loader, at, "option"));
    return source;
}

void cw_load_parts(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_PARTS];
    struct cw_part *parts = cw_arena_array(loader->arena, list->count + 1, sizeof *parts);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        parts[i].id = list->ids[i];
        parts[i].title = cw_load_text(loader, json, "title", pointer);
        struct source material = load_fed(loader, json, FED_MATERIAL, pointer);
        struct source colour = load_fed(loader, json, FED_COLOUR, pointer);
        parts[i].material_option = material.option;
        parts[i].material = material.fixed;
        parts[i].colour_option = colour.option;
        parts[i].colour = colour.fixed;
        parts[i].area_mm2 = (int32_t)cw_load_integer(json, "areaMm2", 0);
        parts[i].sides =
            cw_load_strings(loader, json_object_get(json, "sides"), &parts[i].side_count);
    }
    loader->product->parts = parts;
    loader->product->part_count = list->count;
}

/* ---- views, patterns on surfaces ------------------------------------------------------------- */

static void load_view_list(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_VIEWS];
    struct cw_view *views = cw_arena_array(loader->arena, list->count + 1, sizeof *views);
    for (size_t i = 0; i < list->count; i++) {
        views[i].id = list->ids[i];
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        views[i].title = cw_load_text(loader, json, "title", pointer);
        cw_load_layers(loader, json, pointer, &views[i]);
    }
    loader->product->views = views;
    loader->product->view_count = list->count;
}

/* A choice without a pattern ("none") is fine, an option without any is not. */
static void check_patterns(struct loader *loader, uint32_t option, const char *pointer) {
    if (!cw_load_wants_kind(loader, option, CW_OPTION_CHOICE, pointer))
        return;
    const struct cw_option *feeder = &loader->options[option];
    for (size_t i = 0; i < feeder->choice_count; i++) {
        if (feeder->choices[i].pattern != CW_NONE)
            return;
    }
    cw_load_fault(loader, "feed.pattern", pointer, "give its choices a \"pattern\"",
                  "no choice of option '%s' has a pattern", feeder->id);
}

/* A picture has no one ink that a tool could follow. */
static void check_tiles(struct loader *loader, const struct cw_pattern_use *use,
                        const char *pointer) {
    const struct cw_product *product = loader->product;
    if (use->surface >= product->surface_count || use->pattern_option == CW_NONE ||
        loader->options[use->pattern_option].kind != CW_OPTION_CHOICE ||
        product->surfaces[use->surface].process == CW_PROCESS_PRINT)
        return;
    const struct cw_option *feeder = &loader->options[use->pattern_option];
    for (size_t i = 0; i < feeder->choice_count; i++) {
        uint32_t pattern = feeder->choices[i].pattern;
        if (pattern < product->pattern_count && *product->patterns[pattern].tile) {
            cw_load_fault(loader, "pattern.process", pointer,
                          "give the pattern a \"path\", or print the surface",
                          "the tile of pattern '%s' is a picture, which can only be printed",
                          product->patterns[pattern].id);
            return;
        }
    }
}

static void load_pattern_uses(struct loader *loader) {
    const json_t *list = json_object_get(loader->document, "patternUses");
    size_t count = json_array_size(list);
    struct cw_pattern_use *uses = cw_arena_array(loader->arena, count + 1, sizeof *uses);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        const char *pointer = cw_load_at_index(loader, "/patternUses", i);
        const char *pattern = cw_load_at(loader, pointer, "pattern");
        const char *colour = cw_load_at(loader, pointer, "colour");
        uses[i].surface =
            cw_load_member_reference(loader, TABLE_SURFACES, json, "surface", pointer);
        uses[i].pattern_option =
            cw_load_source(loader, json_object_get(json, "pattern"), TABLE_PATTERNS, pattern)
                .option;
        uses[i].colour_option =
            cw_load_source(loader, json_object_get(json, "colour"), TABLE_COLOURS, colour).option;
        check_patterns(loader, uses[i].pattern_option, cw_load_at(loader, pattern, "option"));
        check_tiles(loader, &uses[i], pointer);
        cw_load_check_fed(loader, uses[i].colour_option, FED_COLOUR,
                          cw_load_at(loader, colour, "option"));
    }
    loader->product->pattern_uses = uses;
    loader->product->pattern_use_count = count;
}

/* ---- presets --------------------------------------------------------------------------------- */

struct cw_preset_pick *cw_load_picks(struct loader *loader, const json_t *object, const char *code,
                                     const char *pointer, size_t *ret_count) {
    struct cw_preset_pick *picks =
        cw_arena_array(loader->arena, json_object_size(object) + 1, sizeof *picks);
    size_t count = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) {
        const char *at = cw_load_at(loader, pointer, name);
        uint32_t option = cw_load_reference(loader, TABLE_OPTIONS, name, at);
        if (option == CW_NONE ||
            !cw_load_value_fits(loader, &loader->options[option], value, code, at))
            continue;
        picks[count++] =
            (struct cw_preset_pick){option, cw_json_canonical_dup(loader->arena, value)};
    }
    *ret_count = count;
    return picks;
}

/* What a shopper could pick; `code` as for a wrong value. */
void cw_load_refuse_derived(struct loader *loader, const struct cw_preset_pick *picks, size_t count,
                            const char *code, const char *pointer) {
    for (size_t i = 0; i < count; i++) {
        const struct cw_option *option = &loader->options[picks[i].option];
        if (option->derive)
            cw_load_fault(loader, code, cw_load_at(loader, pointer, option->id), "leave it out",
                          "option '%s' follows from others and cannot be picked", option->id);
    }
}

static void load_presets(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_PRESETS];
    struct cw_preset *presets = cw_arena_array(loader->arena, list->count + 1, sizeof *presets);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        presets[i].id = list->ids[i];
        presets[i].title = cw_load_text(loader, json, "title", pointer);
        const char *at = cw_load_at(loader, pointer, "selections");
        presets[i].picks = cw_load_picks(loader, json_object_get(json, "selections"),
                                         "preset.value", at, &presets[i].pick_count);
        cw_load_refuse_derived(loader, presets[i].picks, presets[i].pick_count, "preset.value", at);
    }
    loader->product->presets = presets;
    loader->product->preset_count = list->count;
}

void cw_load_views(struct loader *loader) {
    load_view_list(loader);
    load_pattern_uses(loader);
    load_presets(loader);
}
