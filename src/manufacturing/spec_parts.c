/*
 * Responsible for: the sections of a spec that say what the thing is: configuration, parts,
 * materials, colours. Does not: say how it is made (spec_work.c). Pure.
 */
#include <stdio.h>
#include <string.h>

#include "base/unicode.h"
#include "manufacturing/spec_build.h"

/* ---- configuration --------------------------------------------------------------------------- */

static const char *pick_label(struct spec_build *b, const struct cw_pick *pick) {
    const struct cw_option *option = &b->product->options[pick->option];
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        return cw_l10n_get(&option->choices[pick->value.choice].title, "en");
    case CW_OPTION_FLAG:
        return pick->value.choice ? "yes" : "no";
    case CW_OPTION_NUMBER:
        return cw_arena_printf(b->arena, "%lld", (long long)pick->value.number);
    case CW_OPTION_TEXT:
        return option->artwork ? "picture" : pick->value.text;
    case CW_OPTION_MULTI: {
        CW_AUTO_BUF struct cw_buf buf = {0};
        for (size_t i = 0; i < option->choice_count; i++) {
            if (pick->value.multi >> i & 1) {
                cw_buf_printf(&buf, "%s%s", buf.length ? ", " : "",
                              cw_l10n_get(&option->choices[i].title, "en"));
            }
        }
        return cw_arena_strdup(b->arena, buf.length ? buf.data : "none");
    }
    }
    return "";
}

static const struct cw_resolved_decal *decal_of(const struct spec_build *b, enum cw_decal_kind kind,
                                                uint32_t option) {
    for (size_t i = 0; i < b->resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &b->resolved->decals[i];
        if (decal->kind == kind && decal->option == option) {
            return decal;
        }
    }
    return NULL;
}

static json_t *selected_value(struct spec_build *b, const struct cw_pick *pick) {
    const struct cw_option *option = &b->product->options[pick->option];
    if (option->kind == CW_OPTION_CHOICE) {
        return json_string(option->choices[pick->value.choice].id);
    }
    if (option->kind != CW_OPTION_TEXT) {
        return cw_spec_pick_value(b, pick);
    }
    if (option->artwork) {
        const struct cw_resolved_decal *picture = decal_of(b, CW_DECAL_ARTWORK, pick->option);
        return json_string(picture ? picture->artwork->digest : "");
    }
    json_t *value = json_pack("{s:s,s:s,s:i}", "text", pick->value.text, "normalization", "NFC",
                              "graphemes", (int)cw_text_graphemes(pick->value.text));
    const struct cw_resolved_decal *decal = decal_of(b, CW_DECAL_TEXT, pick->option);
    if (decal && decal->font != CW_NONE) {
        json_object_set_new(value, "font", json_string(b->product->fonts[decal->font].id));
    }
    return value;
}

void cw_spec_put_configuration(struct spec_build *b) {
    json_t *selections = json_array();
    for (size_t i = 0; i < b->resolved->selection.count; i++) {
        const struct cw_pick *pick = &b->resolved->selection.picks[i];
        const struct cw_option *option = &b->product->options[pick->option];
        if (option->kind == CW_OPTION_TEXT && !*pick->value.text) {
            continue;
        }
        json_array_append_new(selections,
                              json_pack("{s:s,s:o,s:s}", "option", option->id, "value",
                                        selected_value(b, pick), "label", pick_label(b, pick)));
    }
    /* A code people can read out: twelve digits of the digest say which configuration is meant. */
    const char *hex = b->resolved->digest + 8;
    char recipe[24];
    snprintf(recipe, sizeof recipe, "%.4s-%.4s-%.4s", hex, hex + 4, hex + 8);
    for (char *p = recipe; *p; p++) {
        *p = (char)(*p >= 'a' && *p <= 'f' ? *p - 32 : *p);
    }
    json_object_set_new(b->document, "configuration",
                        json_pack("{s:s,s:s,s:o}", "recipe", recipe, "digest", b->resolved->digest,
                                  "selections", selections));
}

/* ---- parts and materials --------------------------------------------------------------------- */

/* Does an operation in force work on this part with that BOM line? Tells the upper's leather from
 * the overlays'. */
static bool works_with(const struct spec_build *b, const char *part, const char *bom) {
    for (uint32_t i = 0; i < b->mfg->operations.count; i++) {
        const json_t *parts = json_object_get(b->operations[i], "parts");
        const json_t *materials = json_object_get(b->operations[i], "materials");
        bool has_part = false, has_bom = false;
        for (size_t k = 0; k < json_array_size(parts); k++) {
            has_part |= strcmp(json_string_value(json_array_get(parts, k)), part) == 0;
        }
        for (size_t k = 0; k < json_array_size(materials); k++) {
            has_bom |= strcmp(json_string_value(json_array_get(materials, k)), bom) == 0;
        }
        if (has_part && has_bom && cw_spec_applies(&b->resolved->operations, i)) {
            return true;
        }
    }
    return false;
}

const char *cw_spec_part_material(struct spec_build *b, size_t index) {
    const struct cw_resolved_part *resolved = &b->resolved->parts[index];
    const struct cw_material *material = &b->product->materials[resolved->material];
    const char *part = b->product->parts[resolved->part].id, *best = NULL;
    int best_score = 0;
    for (uint32_t i = 0; i < b->mfg->bom.count; i++) {
        const char *of_part = cw_spec_text(b->bom[i], "part");
        if (!cw_spec_applies(&b->resolved->bom, i) ||
            strcmp(cw_spec_text(b->bom[i], "definitionId"), material->definition_id) != 0 ||
            (*of_part && strcmp(of_part, part) != 0)) {
            continue;
        }
        const char *id = b->mfg->bom.items[i].id;
        int score = 1 + (*of_part ? 2 : 0) + (works_with(b, part, id) ? 1 : 0);
        if (score > best_score) {
            best_score = score;
            best = id;
        }
    }
    return best ? best : cw_arena_printf(b->arena, "mat.%s", material->id);
}

void cw_spec_put_parts(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->resolved->part_count; i++) {
        const struct cw_resolved_part *resolved = &b->resolved->parts[i];
        const struct cw_part *part = &b->product->parts[resolved->part];
        CW_AUTO_BUF struct cw_buf colour = {0};
        cw_buf_printf(&colour, "c.%s", b->product->colours[resolved->colour].id);
        json_t *ids = json_array();
        cw_spec_append_sides(ids, part->id, part->sides, part->side_count);
        for (size_t k = 0; k < json_array_size(ids); k++) {
            json_array_append_new(
                list,
                json_pack("{s:s,s:s,s:s,s:s}", "id", json_string_value(json_array_get(ids, k)),
                          "name", cw_l10n_get(&part->title, "en"), "material",
                          cw_spec_part_material(b, i), "colour", colour.data, "finish",
                          b->product->materials[resolved->material].finish));
        }
        json_decref(ids);
    }
    json_object_set_new(b->document, "parts", list);
}

static json_t *composition_json(const struct cw_material *material) {
    json_t *list = json_array();
    for (size_t i = 0; i < material->composition_count; i++) {
        json_array_append_new(list, json_pack("{s:s,s:i}", "fibre", material->composition[i].fibre,
                                              "percent", material->composition[i].percent));
    }
    return list;
}

static const struct cw_material *material_of(const struct spec_build *b,
                                             const char *definition_id) {
    for (size_t i = 0; i < b->product->material_count; i++) {
        if (strcmp(b->product->materials[i].definition_id, definition_id) == 0) {
            return &b->product->materials[i];
        }
    }
    return NULL;
}

static void append_bom_line(struct spec_build *b, json_t *list, uint32_t index) {
    const json_t *item = b->bom[index];
    const char *definition_id = cw_spec_text(item, "definitionId");
    const struct cw_material *material = material_of(b, definition_id);
    json_t *entry = json_pack("{s:s,s:s,s:s}", "id", b->mfg->bom.items[index].id,
                              "MaterialDefinitionID", definition_id, "MaterialUse", "Consumed");
    json_t *quantity = json_object_get(item, "quantity"),
           *alternates = json_object_get(item, "alternates");
    json_object_set(entry, "Quantity", quantity);
    json_object_set_new(entry, "lotRecordRequired",
                        json_boolean(json_is_true(json_object_get(item, "lotRecord"))));
    if (material && material->composition_count > 0) {
        json_object_set_new(entry, "composition", composition_json(material));
    }
    json_object_set_new(entry, "alternates", alternates ? json_incref(alternates) : json_array());
    json_array_append_new(list, entry);
}

/* A part whose material is on no BOM line: its own area is the quantity. */
static void append_part_material(struct spec_build *b, json_t *list, size_t index) {
    const struct cw_resolved_part *resolved = &b->resolved->parts[index];
    const struct cw_material *material = &b->product->materials[resolved->material];
    const char *id = cw_spec_part_material(b, index);
    size_t i;
    json_t *have;
    json_array_foreach(list, i, have) {
        if (strcmp(cw_spec_text(have, "id"), id) == 0) {
            return;
        }
    }
    json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:{s:f,s:s},s:b,s:o,s:[]}", "id", id,
                                          "MaterialDefinitionID", material->definition_id,
                                          "MaterialUse", "Consumed", "Quantity", "value",
                                          (double)b->product->parts[resolved->part].area_mm2 / 1e6,
                                          "unit", "MTK", "lotRecordRequired", material->lot_record,
                                          "composition", composition_json(material), "alternates"));
}

void cw_spec_put_materials(struct spec_build *b) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < b->mfg->bom.count; i++) {
        if (cw_spec_applies(&b->resolved->bom, i)) {
            append_bom_line(b, list, i);
        }
    }
    for (size_t i = 0; i < b->resolved->part_count; i++) {
        append_part_material(b, list, i);
    }
    json_object_set_new(b->document, "materials", list);
}

/* ---- colours --------------------------------------------------------------------------------- */

static json_t *milli(int32_t value) {
    return value % 1000 == 0 ? json_integer(value / 1000) : json_real((double)value / 1000);
}

static json_t *colour_json(const struct cw_colour *colour) {
    char srgb[8];
    snprintf(srgb, sizeof srgb, "#%02X%02X%02X", colour->srgb[0], colour->srgb[1], colour->srgb[2]);
    return json_pack("{s:o,s:s,s:{s:s,s:s},s:{s:o,s:o,s:o,s:s,s:i,s:s},s:s,s:b,s:{s:s,s:o}}", "id",
                     json_sprintf("c.%s", colour->id), "name", cw_l10n_get(&colour->title, "en"),
                     "reference", "ColorBook", colour->book, "ColorBookEntry", colour->entry, "Lab",
                     "L", milli(colour->lab_milli[0]), "a", milli(colour->lab_milli[1]), "b",
                     milli(colour->lab_milli[2]), "Illumination", "D65", "Observer", 10, "geometry",
                     "d/8 SCI", "sRGB", srgb, "sRGBisPreviewOnly", 1, "tolerance", "metric",
                     "CIEDE2000", "max", milli(colour->tolerance_milli));
}

void cw_spec_put_colours(struct spec_build *b) {
    json_t *list = json_array();
    for (uint32_t colour = 0; colour < b->product->colour_count; colour++) {
        bool used = false;
        for (size_t i = 0; i < b->resolved->part_count; i++) {
            used |= b->resolved->parts[i].colour == colour;
        }
        for (size_t i = 0; i < b->resolved->decal_count; i++) {
            used |= b->resolved->decals[i].colour == colour;
        }
        if (used) {
            json_array_append_new(list, colour_json(&b->product->colours[colour]));
        }
    }
    json_object_set_new(b->document, "colours", list);
}
