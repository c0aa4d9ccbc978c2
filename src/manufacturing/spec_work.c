/*
 * Responsible for: the sections of a spec that say how the thing is made: artworks, placements,
 * operations, checks, labels. Does not: say what it is (spec_parts.c). Pure.
 */
#include <stdio.h>
#include <string.h>

#include "manufacturing/spec_build.h"

/* ---- artworks and placements ----------------------------------------------------------------- */

static const struct cw_resolved_decal *decal_on(const struct spec_build *b, uint32_t surface,
                                                enum cw_decal_kind kind) {
    for (size_t i = 0; i < b->resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &b->resolved->decals[i];
        if (decal->surface == surface && decal->kind == kind) {
            return decal;
        }
    }
    return NULL;
}

/* How the letters stand and how large they came out: what a digitiser or an engraver would
 * otherwise have to measure in the outlines. */
static json_t *lettering_json(const struct spec_build *b, const struct cw_resolved_decal *text) {
    static const char *const layouts[] = {"line",           "arcTop",         "arcBottom",
                                          "path",           "vertical",       "monogramRow",
                                          "monogramCentre", "monogramStacked"};
    static const char *const numerals[] = {"asTyped", "script", "latn", "arab",
                                           "arabext", "deva",   "thai"};
    const struct cw_lettering *l = &b->product->options[text->option].text.lettering;
    const struct cw_surface *surface = &b->product->surfaces[text->surface];
    const int32_t *zone = surface->zone_um;
    json_t *ret = json_pack(
        "{s:s,s:i,s:i,s:i,s:i,s:i,s:s,s:i,s:i,s:i,s:b,s:s}", "layout", layouts[l->layout], "x",
        zone[0] + zone[2] / 2, "y", zone[1] + zone[3] / 2, "em", text->em_um, "inkWidth",
        text->ink_um[0], "inkHeight", text->ink_um[1], "unit", "4H", "minLetter",
        surface->min_letter_um, "minStroke", surface->min_stroke_um, "spacingMilli",
        l->spacing_milli, "smallCaps", l->small_caps, "numerals", numerals[l->numerals]);
    if (l->layout == CW_LAYOUT_ARC_TOP || l->layout == CW_LAYOUT_ARC_BOTTOM)
        json_object_set_new(ret, "radius", json_integer(l->radius_um));
    if (l->layout == CW_LAYOUT_PATH)
        json_object_set_new(ret, "path", json_string(l->path));
    return ret;
}

static json_t *artwork_content(struct spec_build *b, uint32_t surface) {
    const struct cw_resolved_decal *text = decal_on(b, surface, CW_DECAL_TEXT);
    const struct cw_resolved_decal *pattern = decal_on(b, surface, CW_DECAL_PATTERN);
    if (!text && !pattern) {
        return json_pack("{s:s}", "kind", "picture");
    }
    if (!text) {
        return json_pack("{s:s,s:s}", "kind", "pattern", "pattern",
                         b->product->patterns[pattern->pattern].id);
    }
    json_t *content =
        json_pack("{s:s,s:s,s:b,s:s,s:o}", "kind", "text", "text", text->text, "fontOutlined", 1,
                  "font", b->product->fonts[text->font].id, "lettering", lettering_json(b, text));
    if (pattern) {
        json_object_set_new(content, "pattern",
                            json_string(b->product->patterns[pattern->pattern].id));
    }
    return content;
}

/* The drawn area: of patterns and pictures where there are any, else the text zone. */
static const int32_t *artwork_zone(const struct spec_build *b, uint32_t surface) {
    const struct cw_surface *s = &b->product->surfaces[surface];
    bool wide = decal_on(b, surface, CW_DECAL_PATTERN) || decal_on(b, surface, CW_DECAL_ARTWORK);
    return wide ? s->artwork_um : s->zone_um;
}

static json_t *file_json(struct spec_build *b, const struct cw_spec_file *file, const char *mime) {
    return json_pack("{s:o,s:s,s:I,s:s}", "URL",
                     json_sprintf("%s/v1/artworks/%s", b->input->base_url, file->digest),
                     "MimeType", mime, "FileSize", (json_int_t)file->length, "digest",
                     file->digest);
}

static void put_spot(json_t *list, const char *name, const char *use) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        if (strcmp(json_string_value(json_object_get(item, "name")), name) == 0)
            return;
    }
    if (*name)
        json_array_append_new(list, json_pack("{s:s,s:s}", "name", name, "use", use));
}

/* The plates of the artwork in the order they are painted (renderer/artwork.c). */
static json_t *spot_colours(struct spec_build *b, uint32_t index) {
    const struct cw_surface *surface = &b->product->surfaces[index];
    const struct cw_production *p = &surface->production;
    const char *use = *surface->spot_use ? surface->spot_use : surface->spot;
    json_t *list = json_array();
    put_spot(list, p->underbase, "white under the artwork");
    put_spot(list, p->varnish, "varnish over the artwork");
    for (size_t i = 0; i < b->resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &b->resolved->decals[i];
        if (decal->surface != index)
            continue;
        if (cw_decal_is_picture(b->product, decal)) {
            put_spot(list, CW_PICTURE_INK, "process colours of a picture");
            continue;
        }
        const char *ink = cw_surface_ink(surface, &b->product->colours[decal->colour]);
        put_spot(list, ink, *use ? use : ink);
    }
    if (*p->cut_path)
        put_spot(list, p->cut_spot, "cut line");
    return list;
}

static double mdeg(int32_t value) {
    return (double)value / 1000;
}

/* Shoppers' own pictures on the surface, with all their pixels, in painting order; x and y are of
 * the middle, from the surface's, as everywhere. */
static void put_pictures(struct spec_build *b, uint32_t surface, json_t *entry) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &b->resolved->decals[i];
        if (decal->kind != CW_DECAL_ARTWORK || decal->surface != surface)
            continue;
        const struct cw_artwork_fact *artwork = decal->artwork;
        const struct cw_spec_file file = {artwork->file_digest, (size_t)artwork->file_bytes};
        json_array_append_new(
            list,
            json_pack("{s:s,s:s,s:o,s:i,s:i,s:i,s:i,s:s,s:f,s:i,s:i}", "option",
                      b->product->options[decal->option].id, "digest", artwork->digest, "FileSpec",
                      file_json(b, &file, "image/png"), "x", decal->box_um[0], "y",
                      decal->box_um[1], "width", decal->box_um[2], "height", decal->box_um[3],
                      "unit", "4H", "rotation", mdeg(decal->rotation_mdeg), "widthPx",
                      (int)artwork->width_px, "heightPx", (int)artwork->height_px));
    }
    if (json_array_size(list) > 0)
        json_object_set_new(entry, "pictures", list);
    else
        json_decref(list);
}

void cw_spec_put_artworks(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->input->artwork_count; i++) {
        const struct cw_spec_artwork *artwork = &b->input->artworks[i];
        const struct cw_surface *surface = &b->product->surfaces[artwork->surface];
        const int32_t *zone = artwork_zone(b, artwork->surface);
        json_t *entry = json_pack(
            "{s:o,s:o,s:o,s:{s:i,s:i,s:s},s:o}", "id", json_sprintf("art.%s", surface->id),
            "FileSpec", file_json(b, &artwork->pdf, "application/pdf"), "content",
            artwork_content(b, artwork->surface), "size", "width", zone[2], "height", zone[3],
            "unit", "4H", "spotColours", spot_colours(b, artwork->surface));
        if (artwork->svg.digest) {
            json_object_set_new(entry, "alternates",
                                json_pack("[o]", file_json(b, &artwork->svg, "image/svg+xml")));
        }
        const struct cw_resolved_decal *text = decal_on(b, artwork->surface, CW_DECAL_TEXT);
        if (text) {
            json_object_set_new(entry, "colour",
                                json_sprintf("c.%s", b->product->colours[text->colour].id));
        }
        put_pictures(b, artwork->surface, entry);
        json_array_append_new(list, entry);
    }
    json_object_set_new(b->document, "artworks", list);
}

static json_t *placement_json(struct spec_build *b, uint32_t index, const char *part,
                              const char *id) {
    static const char *const processes[CW_PROCESS_COUNT] = {"print", "laser-engraving",
                                                            "embroidery", "deboss", "emboss"};
    const struct cw_surface *s = &b->product->surfaces[index];
    const struct cw_resolved_decal *text = decal_on(b, index, CW_DECAL_TEXT);
    const int32_t *zone = artwork_zone(b, index);
    return json_pack(
        "{s:s,s:s,s:o,s:s,s:s,s:s,s:i,s:i,s:f,s:b,s:s,s:{s:i,s:f,s:f}}", "id", id, "part", part,
        "artwork", json_sprintf("art.%s", s->id), "surface", s->id, "process",
        processes[s->process], "datum", s->datum, "x", zone[0] + zone[2] / 2, "y",
        zone[1] + zone[3] / 2, "rotation", text ? mdeg(text->rotation_mdeg) : 0.0, "mirror", 0,
        "unit", "4H", "tolerance", "position", s->position_tolerance_um, "rotationDegrees",
        mdeg(s->rotation_tolerance_mdeg), "scalePercent", mdeg(s->scale_tolerance_milli));
}

/* Placement ids of one surface: "pl.heel.left", "pl.heel.right", or "pl.wrap". */
static json_t *placement_ids(struct spec_build *b, uint32_t index) {
    const struct cw_surface *s = &b->product->surfaces[index];
    json_t *ids = json_array();
    cw_spec_append_sides(ids, cw_arena_printf(b->arena, "pl.%s", s->id), s->sides, s->side_count);
    return ids;
}

static bool has_artwork(const struct spec_build *b, uint32_t surface) {
    for (size_t i = 0; i < b->input->artwork_count; i++) {
        if (b->input->artworks[i].surface == surface) {
            return true;
        }
    }
    return false;
}

void cw_spec_put_placements(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->input->artwork_count; i++) {
        uint32_t index = b->input->artworks[i].surface;
        const struct cw_surface *s = &b->product->surfaces[index];
        const struct cw_part *part = &b->product->parts[s->part];
        json_t *ids = placement_ids(b, index), *parts = json_array();
        /* A side of the surface is on the same side of the part; a part without sides carries all.
         */
        cw_spec_append_sides(parts, part->id, part->side_count ? s->sides : NULL,
                             part->side_count ? s->side_count : 0);
        for (size_t k = 0; k < json_array_size(ids); k++) {
            const char *on =
                json_string_value(json_array_get(parts, json_array_size(parts) > 1 ? k : 0));
            json_array_append_new(
                list, placement_json(b, index, on, json_string_value(json_array_get(ids, k))));
        }
        json_decref(ids);
        json_decref(parts);
    }
    json_object_set_new(b->document, "placements", list);
}

/* ---- operations ------------------------------------------------------------------------------ */

static void append_unique(json_t *list, const char *id) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), id) == 0) {
            return;
        }
    }
    json_array_append_new(list, json_string(id));
}

/* What an operation waits for; one that is not done here hands on what it waited for itself. The
 * catalog refused cycles. */
static void append_dependencies(struct spec_build *b, json_t *list, uint32_t operation) {
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(b->operations[operation], "dependsOn"), i, name) {
        uint32_t other = cw_spec_item(&b->mfg->operations, json_string_value(name));
        if (other != CW_NONE && cw_spec_applies(&b->resolved->operations, other)) {
            append_unique(list, json_string_value(name));
        } else if (other != CW_NONE) {
            append_dependencies(b, list, other);
        }
    }
}

static json_t *operation_parts(struct spec_build *b, const json_t *item) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(json_object_get(item, "parts")); i++) {
        const char *id = json_string_value(json_array_get(json_object_get(item, "parts"), i));
        for (size_t k = 0; k < b->product->part_count; k++) {
            if (strcmp(b->product->parts[k].id, id) == 0) {
                cw_spec_append_sides(list, id, b->product->parts[k].sides,
                                     b->product->parts[k].side_count);
            }
        }
    }
    return list;
}

/* The members of `names` that are in force in this configuration. */
static json_t *in_force(const json_t *names, const struct cw_mfg_list *all,
                        const struct cw_index_list *applies) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *id = json_string_value(json_array_get(names, i));
        uint32_t index = cw_spec_item(all, id);
        if (index != CW_NONE && cw_spec_applies(applies, index)) {
            json_array_append_new(list, json_string(id));
        }
    }
    return list;
}

static json_t *operation_placements(struct spec_build *b, const json_t *item) {
    json_t *list = json_array();
    const json_t *surfaces = json_object_get(item, "surfaces");
    for (size_t i = 0; i < json_array_size(surfaces); i++) {
        for (uint32_t k = 0; k < b->product->surface_count; k++) {
            if (strcmp(b->product->surfaces[k].id,
                       json_string_value(json_array_get(surfaces, i))) == 0 &&
                has_artwork(b, k)) {
                json_t *ids = placement_ids(b, k);
                json_array_extend(list, ids);
                json_decref(ids);
            }
        }
    }
    return list;
}

static json_t *parameters_json(struct spec_build *b, const json_t *item) {
    static const char *const bounds[] = {"min", "max", NULL};
    json_t *list = json_array();
    const json_t *parameters = json_object_get(item, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        const json_t *parameter = json_array_get(parameters, i);
        const char *option = cw_spec_text(parameter, "option");
        const struct cw_pick *pick = *option ? cw_spec_pick(b, cw_spec_option(b, option)) : NULL;
        json_t *value =
            pick ? cw_spec_pick_value(b, pick) : json_incref(json_object_get(parameter, "value"));
        if (!value) { /* the option has no value here: nothing to set on the machine */
            continue;
        }
        json_t *entry = json_pack("{s:s,s:o,s:s}", "ID", cw_spec_text(parameter, "id"), "Value",
                                  value, "UnitOfMeasure", cw_spec_text(parameter, "unit"));
        cw_spec_copy(entry, parameter, bounds);
        json_array_append_new(list, entry);
    }
    return list;
}

static void set_unless_empty(json_t *object, const char *name, json_t *take_list) {
    if (json_array_size(take_list) > 0) {
        json_object_set(object, name, take_list);
    }
    json_decref(take_list);
}

static json_t *operation_json(struct spec_build *b, uint32_t index) {
    static const char *const as_is[] = {"seq", "id", "name", "instructions", NULL};
    const json_t *item = b->operations[index];
    json_t *entry = json_object(), *depends = json_array();
    cw_spec_copy(entry, item, as_is);
    append_dependencies(b, depends, index);
    set_unless_empty(entry, "dependsOn", depends);
    json_object_set_new(entry, "workCentre",
                        json_pack("{s:s}", "EquipmentClassID", cw_spec_text(item, "workCentre")));
    set_unless_empty(entry, "parts", operation_parts(b, item));
    set_unless_empty(entry, "materials",
                     in_force(json_object_get(item, "materials"), &b->mfg->bom, &b->resolved->bom));
    set_unless_empty(entry, "placements", operation_placements(b, item));
    set_unless_empty(entry, "parameters", parameters_json(b, item));
    json_object_set_new(entry, "duration",
                        json_sprintf("PT%lldM", (long long)json_integer_value(
                                                    json_object_get(item, "durationMinutes"))));
    set_unless_empty(
        entry, "checks",
        in_force(json_object_get(item, "checks"), &b->mfg->checks, &b->resolved->checks));
    return entry;
}

void cw_spec_put_operations(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->resolved->operations.count; i++) {
        json_array_append_new(list, operation_json(b, b->resolved->operations.items[i]));
    }
    json_object_set_new(b->document, "operations", list);
}

/* ---- checks, labels -------------------------------------------------------------------------- */

void cw_spec_put_checks(struct spec_build *b) {
    static const char *const as_is[] = {"id",       "characteristic", "nominal", "lower",
                                        "upper",    "unit",           "method",  "sampling",
                                        "severity", "onFail",         "record",  NULL};
    json_t *list = json_array();
    for (size_t i = 0; i < b->resolved->checks.count; i++) {
        const json_t *item = b->checks[b->resolved->checks.items[i]];
        json_t *entry = json_object();
        const char *option = cw_spec_text(item, "nominalOption");
        const struct cw_pick *pick = *option ? cw_spec_pick(b, cw_spec_option(b, option)) : NULL;
        cw_spec_copy(entry, item, as_is);
        if (pick) {
            json_object_set_new(entry, "nominal", cw_spec_pick_value(b, pick));
        }
        json_array_append_new(list, entry);
    }
    json_object_set_new(b->document, "checks", list);
}

void cw_spec_put_labels(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->resolved->labels.count; i++) {
        json_array_append(list, b->labels[b->resolved->labels.items[i]]);
    }
    json_object_set_new(b->document, "labels", list);
}
