/*
 * Responsible for: the vocabulary tables: colours, materials, fonts, patterns, surfaces.
 * Does not: options and what they choose (load_options.c), parts (load_views.c).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <math.h>
#include <string.h>

static void load_lab(struct loader *loader, const json_t *json, const char *pointer,
                     struct cw_colour *colour) {
    const json_t *lab = json_object_get(json, "lab");
    for (size_t c = 0; c < 3; c++) {
        double value = json_number_value(json_array_get(lab, c));
        double low = c == 0 ? 0 : -160, high = c == 0 ? 100 : 160;
        if (value >= low && value <= high)
            colour->lab_milli[c] = (int32_t)lround(value * 1000);
        else
            cw_load_fault(loader, "colour.lab",
                          cw_load_at_index(loader, cw_load_at(loader, pointer, "lab"), c), "",
                          c == 0 ? "L* is between 0 and 100"
                                 : "a* and b* are between -160 and 160");
    }
}

static void load_colours(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_COLOURS];
    struct cw_colour *colours = cw_arena_array(loader->arena, list->count + 1, sizeof *colours);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        struct cw_colour *colour = &colours[i];
        colour->id = list->ids[i];
        colour->title = cw_load_text(loader, json, "title", pointer);
        unsigned srgb = 0;
        for (const char *hex = cw_load_string(loader, json, "srgb"); *hex; hex++) {
            if (*hex != '#')
                srgb = srgb * 16 + (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'A' + 10);
        }
        for (size_t c = 0; c < 3; c++)
            colour->srgb[c] = (uint8_t)(srgb >> (16 - 8 * c));
        load_lab(loader, json, pointer, colour);
        colour->tolerance_milli = (int32_t)cw_load_milli(json, "tolerance", 1500);
        colour->book = cw_load_string(loader, json, "book");
        colour->entry = cw_load_string(loader, json, "entry");
    }
    loader->product->colours = colours;
    loader->product->colour_count = list->count;
}

static void load_composition(struct loader *loader, const json_t *json, const char *pointer,
                             struct cw_material *material) {
    const json_t *list = json_object_get(json, "composition");
    struct cw_fibre *fibres =
        cw_arena_array(loader->arena, json_array_size(list) + 1, sizeof *fibres);
    int32_t sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        fibres[i].fibre = cw_load_string(loader, item, "fibre");
        fibres[i].percent = (int32_t)cw_load_integer(item, "percent", 0);
        sum += fibres[i].percent;
    }
    material->composition = fibres;
    material->composition_count = json_array_size(list);
    if (material->composition_count && sum != 100)
        cw_load_fault(loader, "material.composition", cw_load_at(loader, pointer, "composition"),
                      "they must add up to 100", "the percentages add up to %d", sum);
}

static void load_materials(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_MATERIALS];
    struct cw_material *materials =
        cw_arena_array(loader->arena, list->count + 1, sizeof *materials);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        materials[i].id = list->ids[i];
        materials[i].title = cw_load_text(loader, json, "title", pointer);
        materials[i].definition_id = cw_load_string(loader, json, "definitionId");
        materials[i].finish = cw_load_string(loader, json, "finish");
        materials[i].lot_record = json_is_true(json_object_get(json, "lotRecord"));
        load_composition(loader, json, pointer, &materials[i]);
    }
    loader->product->materials = materials;
    loader->product->material_count = list->count;
}

static void load_fonts(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_FONTS];
    struct cw_font *fonts = cw_arena_array(loader->arena, list->count + 1, sizeof *fonts);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        fonts[i].id = list->ids[i];
        fonts[i].title =
            cw_load_text(loader, json, "title", cw_load_at_index(loader, list->pointer, i));
        fonts[i].stack = cw_load_string(loader, json, "stack");
    }
    loader->product->fonts = fonts;
    loader->product->font_count = list->count;
}

static void load_pair(const json_t *array, size_t count, int32_t *ret_values) {
    for (size_t i = 0; i < count && array; i++)
        ret_values[i] = (int32_t)json_number_value(json_array_get(array, i));
}

static void load_tile(struct loader *loader, const json_t *json, struct cw_pattern *pattern) {
    const char *repeat = cw_load_string(loader, json, "repeat");
    pattern->tile = cw_load_string(loader, json, "tile");
    load_pair(json_object_get(json, "offsetUm"), 2, pattern->offset_um);
    pattern->rotation_mdeg = (int32_t)cw_load_milli(json, "rotationDegrees", 0);
    pattern->repeat = strcmp(repeat, "brick") == 0       ? CW_REPEAT_BRICK
                      : strcmp(repeat, "half-drop") == 0 ? CW_REPEAT_HALF_DROP
                                                         : CW_REPEAT_GRID;
}

static void load_patterns(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_PATTERNS];
    struct cw_pattern *patterns = cw_arena_array(loader->arena, list->count + 1, sizeof *patterns);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        patterns[i].id = list->ids[i];
        patterns[i].title =
            cw_load_text(loader, json, "title", cw_load_at_index(loader, list->pointer, i));
        load_pair(json_object_get(json, "tileUm"), 2, patterns[i].tile_um);
        patterns[i].path = cw_load_string(loader, json, "path");
        load_tile(loader, json, &patterns[i]);
        if (*patterns[i].tile)
            continue;
        cw_load_check_path(loader, patterns[i].path, NULL,
                           cw_load_at(loader, cw_load_at_index(loader, list->pointer, i), "path"));
    }
    loader->product->patterns = patterns;
    loader->product->pattern_count = list->count;
}

void cw_load_tables(struct loader *loader) {
    load_colours(loader);
    load_materials(loader);
    load_fonts(loader);
    load_patterns(loader);
}

/* ---- surfaces -------------------------------------------------------------------------------- */

/* The rectangle is measured from the middle of the surface. */
static void check_inside(struct loader *loader, const struct cw_surface *surface,
                         const int32_t rect_um[4], const char *code, const char *pointer) {
    for (size_t axis = 0; axis < 2; axis++) {
        int64_t size = surface->size_um[axis], low = rect_um[axis];
        int64_t high = low + rect_um[axis + 2];
        if (2 * low >= -size && 2 * high <= size)
            continue;
        cw_load_fault(loader, code, pointer,
                      "x, y is the lower left corner, from the surface's middle",
                      "reaches from %lld to %lld µm %s, the surface from %lld to %lld",
                      (long long)low, (long long)high, axis ? "upwards" : "across",
                      (long long)-size / 2, (long long)size / 2);
        return;
    }
}

static void load_surface_tolerance(const json_t *json, struct cw_surface *surface) {
    const json_t *tolerance = json_object_get(json, "tolerance");
    surface->position_tolerance_um = (int32_t)cw_load_integer(tolerance, "positionUm", 500);
    surface->rotation_tolerance_mdeg = (int32_t)cw_load_milli(tolerance, "rotationDegrees", 1000);
    surface->scale_tolerance_milli = (int32_t)cw_load_milli(tolerance, "scalePercent", 1000);
}

static enum cw_process process_of(const char *name) {
    static const char *const names[] = {[CW_PROCESS_PRINT] = "print",
                                        [CW_PROCESS_ENGRAVE] = "engrave",
                                        [CW_PROCESS_EMBROIDER] = "embroider",
                                        [CW_PROCESS_DEBOSS] = "deboss",
                                        [CW_PROCESS_EMBOSS] = "emboss"};
    unsigned i = 0;
    while (i < CW_PROCESS_COUNT - 1 && strcmp(names[i], name) != 0)
        i++;
    return (enum cw_process)i;
}

static const char *string_or(struct loader *loader, const json_t *json, const char *name,
                             const char *otherwise) {
    return json_object_get(json, name) ? cw_load_string(loader, json, name) : otherwise;
}

/* What is printed must not be trimmed away. */
static void check_trim(struct loader *loader, const struct cw_surface *surface,
                       const char *pointer) {
    const int32_t *trim = surface->production.trim_um, *zone = surface->zone_um;
    check_inside(loader, surface, trim, "surface.trim_outside", pointer);
    if (zone[0] < trim[0] || zone[1] < trim[1] || zone[0] + zone[2] > trim[0] + trim[2] ||
        zone[1] + zone[3] > trim[1] + trim[3])
        cw_load_fault(loader, "surface.trim_cuts_zone", pointer, "",
                      "part of the zone for text would be trimmed away");
}

/*
 * An ink is named by `spot` where the document has one, as before there was a choice. Without it
 * what is printed or sewn has the name of its colour, and what has no colour that of its tool.
 */
static void load_production(struct loader *loader, const json_t *json, const char *pointer,
                            struct cw_surface *surface) {
    struct cw_production *p = &surface->production;
    const json_t *production = json_object_get(json, "production"),
                 *trim = json_object_get(production, "trimUm");
    pointer = cw_load_at(loader, pointer, "production");
    p->bleed_um = (int32_t)cw_load_integer(production, "bleedUm", 3000);
    p->cut_path = string_or(loader, production, "cutPath", "");
    p->cut_spot = string_or(loader, production, "cutSpot", "CutContour");
    p->underbase = string_or(loader, production, "underbase", "");
    p->varnish = string_or(loader, production, "varnish", "");
    p->marks = json_is_true(json_object_get(production, "marks"));
    static const char *const tools[CW_PROCESS_COUNT] = {[CW_PROCESS_ENGRAVE] = "Engrave",
                                                        [CW_PROCESS_DEBOSS] = "Deboss",
                                                        [CW_PROCESS_EMBOSS] = "Emboss"};
    const char *tool = tools[surface->process];
    const char *inks = *surface->spot || tool ? "spot" : "colour";
    p->ink_per_colour = strcmp(string_or(loader, production, "inks", inks), "colour") == 0;
    if (!*surface->spot && !p->ink_per_colour)
        surface->spot = tool ? tool : "Artwork";
    load_pair(trim, 4, p->trim_um);
    const int32_t *size = surface->size_um;
    if (*p->cut_path)
        cw_load_check_path(loader, p->cut_path,
                           (const int32_t[]){-size[0] / 2, -size[1] / 2, size[0], size[1]},
                           cw_load_at(loader, pointer, "cutPath"));
    if (trim)
        check_trim(loader, surface, cw_load_at(loader, pointer, "trimUm"));
}

static void load_surface(struct loader *loader, const json_t *json, const char *pointer,
                         struct cw_surface *surface) {
    surface->title = cw_load_text(loader, json, "title", pointer);
    surface->part = cw_load_member_reference(loader, TABLE_PARTS, json, "part", pointer);
    load_pair(json_object_get(json, "sizeUm"), 2, surface->size_um);
    load_pair(json_object_get(json, "zoneUm"), 4, surface->zone_um);
    const json_t *artwork = json_object_get(json, "artworkUm");
    load_pair(artwork ? artwork : json_object_get(json, "zoneUm"), 4, surface->artwork_um);
    check_inside(loader, surface, surface->zone_um, "surface.zone_outside",
                 cw_load_at(loader, pointer, "zoneUm"));
    if (artwork)
        check_inside(loader, surface, surface->artwork_um, "surface.artwork_outside",
                     cw_load_at(loader, pointer, "artworkUm"));
    surface->process = process_of(cw_load_string(loader, json, "process"));
    surface->spot = cw_load_string(loader, json, "spot");
    surface->spot_use = cw_load_string(loader, json, "spotUse");
    surface->min_letter_um = (int32_t)cw_load_integer(json, "minLetterUm", 0);
    surface->max_letter_um = (int32_t)cw_load_integer(json, "maxLetterUm", 0);
    surface->min_stroke_um = (int32_t)cw_load_integer(json, "minStrokeUm", 0);
    surface->min_dpi = (int32_t)cw_load_integer(json, "minDpi", 0);
    surface->datum = cw_load_string(loader, json, "datum");
    load_surface_tolerance(json, surface);
    load_production(loader, json, pointer, surface);
    surface->sides = cw_load_strings(loader, json_object_get(json, "sides"), &surface->side_count);
    if (surface->min_letter_um > surface->max_letter_um)
        cw_load_fault(loader, "range.reversed", cw_load_at(loader, pointer, "minLetterUm"), "",
                      "the smallest letter is larger than the largest");
    if (surface->max_letter_um > surface->zone_um[3])
        cw_load_fault(loader, "surface.letter_too_high", cw_load_at(loader, pointer, "maxLetterUm"),
                      "", "the largest letter is higher than the zone (%d µm)",
                      surface->zone_um[3]);
}

void cw_load_surfaces(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_SURFACES];
    struct cw_surface *surfaces = cw_arena_array(loader->arena, list->count + 1, sizeof *surfaces);
    for (size_t i = 0; i < list->count; i++) {
        surfaces[i].id = list->ids[i];
        load_surface(loader, json_array_get(list->json, i),
                     cw_load_at_index(loader, list->pointer, i), &surfaces[i]);
    }
    loader->product->surfaces = surfaces;
    loader->product->surface_count = list->count;
}
