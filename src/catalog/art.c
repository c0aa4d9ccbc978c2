/*
 * Responsible for: comparing a product with its art bundle's JSON files, so that nothing the
 * document names is missing when a preview is drawn. Does not: open pictures or fonts. Runs in:
 * command line and server start-up; blocking.
 */
#include "catalog/art.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cordwain/limits.h"

struct art {
    struct cw_arena *arena;
    struct cw_faults *faults;
    const struct cw_product *product;
    const char *dir;
    const json_t *bundle; /* product.json */
    const json_t **views; /* view.json per view of the product; NULL where it is missing */
};

static const char *at(struct art *art, const char *table, size_t i, const char *member) {
    return cw_arena_printf(art->arena, "/%s/%zu/%s", table, i, member);
}

static void missing(struct art *art, const char *code, const char *pointer, const char *what,
                    const char *id) {
    const char *message =
        cw_arena_printf(art->arena, "the art '%s' has no %s '%s'", art->product->art, what, id);
    cw_fault_add_hint(art->faults, code, pointer, "", message);
}

static enum cw_status read_json(struct art *art, const char *name, const json_t **ret_json,
                                struct cw_error *err) {
    char *path = cw_arena_printf(art->arena, "%s/%s", art->dir, name);
    char *text;
    size_t length;
    json_t *json;
    enum cw_status status = cw_file_read(art->arena, path, CW_JSON_BYTES, &text, &length, err);
    if (status == CW_OK)
        status = cw_json_read(art->arena, text, length, CW_JSON_BYTES, &json, err);
    if (status == CW_OK)
        *ret_json = json;
    return status;
}

/* An entry of a list of {"name": …}. */
static const json_t *named(const json_t *list, const char *key, const char *name) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *text = json_string_value(json_object_get(item, key));
        if (text && strcmp(text, name) == 0)
            return item;
    }
    return NULL;
}

static bool holds(const json_t *strings, const char *name) {
    for (size_t i = 0; i < json_array_size(strings); i++) {
        const char *text = json_string_value(json_array_get(strings, i));
        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

/* ---- views ----------------------------------------------------------------------------------- */

static enum cw_status read_views(struct art *art, struct cw_error *err) {
    const json_t *listed = json_object_get(art->bundle, "views");
    art->views = cw_arena_array(art->arena, art->product->view_count + 1, sizeof *art->views);
    for (size_t i = 0; i < art->product->view_count; i++) {
        const char *id = art->product->views[i].id;
        const char *path = json_string_value(json_object_get(named(listed, "name", id), "path"));
        if (!path || *path == '/' || strstr(path, "..")) {
            missing(art, "art.view_missing", at(art, "views", i, "id"), "view", id);
            continue;
        }
        struct cw_error reading = {0};
        enum cw_status status = read_json(art, path, &art->views[i], &reading);
        if (status == CW_E_NOT_FOUND)
            missing(art, "art.view_missing", at(art, "views", i, "id"), "file for view", id);
        else if (status != CW_OK)
            return cw_fail(err, status, reading.code, "%s", reading.message);
    }
    return CW_OK;
}

/* NULL: not a flat view. */
static const json_t *pictures_of(const struct art *art, size_t view) {
    return json_object_get(art->views[view], "pictures");
}

/* ---- layers ---------------------------------------------------------------------------------- */

static void check_view_layers(struct art *art, size_t v) {
    const struct cw_view *view = &art->product->views[v];
    const json_t *pictures = pictures_of(art, v);
    if (!pictures == !view->layer_count) {
        for (size_t i = 0; i < view->layer_count; i++) {
            const char *name = view->layers[i].picture;
            if (*name && !json_object_get(pictures, name))
                missing(art, "art.picture_missing",
                        cw_arena_printf(art->arena, "/views/%zu/layers/%zu/picture", v, i),
                        "picture in its view", name);
        }
        return;
    }
    cw_fault_add_hint(art->faults, "art.layers", at(art, "views", v, "layers"),
                      pictures ? "list what lies on what, the lowest first" : "leave them out",
                      pictures ? "the art's view is flat: it needs \"layers\""
                               : "the art's view has lit parts and no pictures");
}

static void check_layers(struct art *art) {
    for (size_t v = 0; v < art->product->view_count; v++)
        if (art->views[v])
            check_view_layers(art, v);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void check_parts(struct art *art) {
    const json_t *parts = json_object_get(art->bundle, "parts");
    for (size_t i = 0; i < art->product->part_count; i++) {
        if (!named(parts, "name", art->product->parts[i].id))
            missing(art, "art.part_missing", at(art, "parts", i, "id"), "part",
                    art->product->parts[i].id);
    }
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(parts, i), "name"));
        size_t p = 0;
        while (name && p < art->product->part_count && strcmp(art->product->parts[p].id, name) != 0)
            p++;
        if (name && p == art->product->part_count)
            cw_fault_add_hint(
                art->faults, "art.part_unnamed", "/parts",
                "every part of the picture needs a material and a colour",
                cw_arena_printf(art->arena, "the art's part '%s' is not in the document", name));
    }
}

/* ---- finishes -------------------------------------------------------------------------------- */

static void check_finish(struct art *art, uint32_t material, const struct cw_part *part) {
    const char *finish = art->product->materials[material].finish;
    const char *pointer = at(art, "materials", material, "finish");
    if (!holds(json_object_get(art->bundle, "finishes"), finish)) {
        missing(art, "art.finish_missing", pointer, "finish", finish);
        return;
    }
    const json_t *bundle_part = named(json_object_get(art->bundle, "parts"), "name", part->id);
    const json_t *finishes = json_object_get(bundle_part, "finishes");
    if (finishes && !named(finishes, "pass", finish))
        cw_fault_add_hint(art->faults, "art.finish_part", pointer, "",
                          cw_arena_printf(art->arena, "the art's part '%s' has no finish '%s'",
                                          part->id, finish));
    for (size_t v = 0; v < art->product->view_count; v++) {
        const json_t *view = json_object_get(art->views[v], "finishes");
        if (art->views[v] && !pictures_of(art, v) && !json_object_get(view, finish))
            cw_fault_add_hint(art->faults, "art.finish_missing", pointer, "",
                              cw_arena_printf(art->arena, "view '%s' of the art has no finish '%s'",
                                              art->product->views[v].id, finish));
    }
}

/* Told once per material and part; a part's option may give the same material twice. */
static void check_finishes(struct art *art) {
    size_t count = art->product->material_count;
    for (size_t p = 0; p < art->product->part_count; p++) {
        const struct cw_part *part = &art->product->parts[p];
        bool *done = cw_arena_array(art->arena, count + 1, sizeof *done);
        if (part->material != CW_NONE) {
            check_finish(art, part->material, part);
            continue;
        }
        const struct cw_option *option = &art->product->options[part->material_option];
        for (size_t c = 0; c < option->choice_count; c++) {
            uint32_t material = option->choices[c].material;
            if (!done[material])
                check_finish(art, material, part);
            done[material] = true;
        }
    }
}

/* ---- tiles ----------------------------------------------------------------------------------- */

static void check_tiles(struct art *art) {
    const json_t *tiles = json_object_get(art->bundle, "tiles");
    for (size_t i = 0; i < art->product->pattern_count; i++) {
        const char *tile = art->product->patterns[i].tile;
        if (*tile && !json_object_get(tiles, tile))
            missing(art, "art.tile_missing", at(art, "patterns", i, "tile"), "tile", tile);
    }
}

/* ---- surfaces -------------------------------------------------------------------------------- */

static void check_surface_size(struct art *art, size_t i, const json_t *bundle) {
    const json_t *size = json_object_get(bundle, "size_mm");
    const struct cw_surface *surface = &art->product->surfaces[i];
    for (size_t axis = 0; axis < 2; axis++) {
        long um = lround(json_number_value(json_array_get(size, axis)) * 1000);
        if (um == surface->size_um[axis])
            continue;
        cw_fault_add_hint(art->faults, "art.surface_size", at(art, "surfaces", i, "sizeUm"),
                          "take the art's size: letters would come out in another size than shown",
                          cw_arena_printf(art->arena,
                                          "the art's surface is %ld µm %s, here it is %d", um,
                                          axis ? "high" : "wide", surface->size_um[axis]));
    }
}

static void check_surface_zone(struct art *art, size_t i, const json_t *bundle) {
    const json_t *area = json_object_get(bundle, "printable_mm");
    const int32_t *zone = art->product->surfaces[i].zone_um;
    for (size_t axis = 0; json_is_array(area) && axis < 2; axis++) {
        long low = lround(json_number_value(json_array_get(area, axis)) * 1000);
        long high = low + lround(json_number_value(json_array_get(area, axis + 2)) * 1000);
        if (zone[axis] >= low && zone[axis] + zone[axis + 2] <= high)
            continue;
        cw_fault_add_hint(art->faults, "art.surface_zone", at(art, "surfaces", i, "zoneUm"),
                          "keep the zone inside the art's printable area",
                          cw_arena_printf(art->arena,
                                          "the art can be printed from %ld to %ld µm %s", low, high,
                                          axis ? "upwards" : "across"));
    }
}

static bool shown_somewhere(const struct art *art, const char *surface) {
    for (size_t v = 0; v < art->product->view_count; v++) {
        if (json_object_get(json_object_get(art->views[v], "surfaces"), surface))
            return true;
    }
    return false;
}

static void check_surfaces(struct art *art) {
    const json_t *surfaces = json_object_get(art->bundle, "surfaces");
    for (size_t i = 0; i < art->product->surface_count; i++) {
        const struct cw_surface *surface = &art->product->surfaces[i];
        const json_t *bundle = json_object_get(surfaces, surface->id);
        if (!bundle) {
            missing(art, "art.surface_missing", at(art, "surfaces", i, "id"), "surface",
                    surface->id);
            continue;
        }
        check_surface_size(art, i, bundle);
        check_surface_zone(art, i, bundle);
        const char *part = art->product->parts[surface->part].id;
        if (!holds(json_object_get(bundle, "parts"), part))
            cw_fault_add_hint(art->faults, "art.surface_part", at(art, "surfaces", i, "part"), "",
                              cw_arena_printf(art->arena,
                                              "the art's surface '%s' does not lie on part '%s'",
                                              surface->id, part));
        if (!shown_somewhere(art, surface->id))
            cw_fault_add_hint(
                art->faults, "art.surface_hidden", at(art, "surfaces", i, "id"), "",
                cw_arena_printf(art->arena, "no view shows surface '%s'", surface->id));
    }
}

enum cw_status cw_product_check_art(const struct cw_product *product, const char *art_dir,
                                    struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct art art = {.arena = arena, .faults = faults, .product = product, .dir = art_dir};
    size_t before = faults->count + faults->dropped;
    enum cw_status status = read_json(&art, "product.json", &art.bundle, err);
    if (status == CW_OK)
        status = read_views(&art, err);
    if (status != CW_OK)
        return status;
    const char *name = json_string_value(json_object_get(art.bundle, "product"));
    if (name && strcmp(name, product->art) != 0)
        cw_fault_add_hint(
            faults, "art.name", "/art", "",
            cw_arena_printf(arena, "the bundle is of '%s', not '%s'", name, product->art));
    check_layers(&art);
    check_tiles(&art);
    check_parts(&art);
    check_finishes(&art);
    check_surfaces(&art);
    if (faults->count + faults->dropped == before)
        return CW_OK;
    return cw_fail(err, CW_E_INPUT, "product.art", "the art does not fit the document");
}
