/*
 * Responsible for: the layers of flat views.
 * Does not: look whether the art has their pictures (art.c).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

static enum cw_blend blend_of(const char *name) {
    static const char *const names[] = {[CW_BLEND_NORMAL] = "normal",
                                        [CW_BLEND_MULTIPLY] = "multiply",
                                        [CW_BLEND_SCREEN] = "screen",
                                        [CW_BLEND_OVERLAY] = "overlay"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return (enum cw_blend)i;
    return CW_BLEND_NORMAL;
}

static void load_layer(struct loader *loader, const json_t *json, const char *pointer,
                       struct cw_view_layer *ret) {
    const char *tint = cw_load_at(loader, pointer, "tint");
    const struct source source =
        cw_load_source(loader, json_object_get(json, "tint"), TABLE_COLOURS, tint);
    *ret = (struct cw_view_layer){
        .picture = cw_load_string(loader, json, "picture"),
        .surface = cw_load_member_reference(loader, TABLE_SURFACES, json, "surface", pointer),
        .tint_option = source.option,
        .tint = source.fixed,
        .blend = blend_of(cw_load_string(loader, json, "blend")),
        .opacity_percent = (int32_t)cw_load_integer(json, "opacityPercent", 100),
        .when = cw_load_condition(loader, json, "when", pointer)};
    cw_load_check_fed(loader, source.option, FED_COLOUR, cw_load_at(loader, tint, "option"));
}

/* A surface's texts lie in one place. */
static void check_repeat(struct loader *loader, const struct cw_view_layer *layers, size_t i,
                         const char *pointer) {
    for (size_t k = 0; k < i && layers[i].surface != CW_NONE; k++)
        if (layers[k].surface == layers[i].surface)
            cw_load_fault(loader, "layer.repeat", cw_load_at(loader, pointer, "surface"),
                          "name a surface once", "layer %zu has this surface already", k);
}

void cw_load_layers(struct loader *loader, const json_t *json, const char *pointer,
                    struct cw_view *ret) {
    const json_t *list = json_object_get(json, "layers");
    const char *at = cw_load_at(loader, pointer, "layers");
    size_t count = json_array_size(list);
    struct cw_view_layer *layers = cw_arena_array(loader->arena, count + 1, sizeof *layers);
    for (size_t i = 0; i < count; i++) {
        const char *item = cw_load_at_index(loader, at, i);
        load_layer(loader, json_array_get(list, i), item, &layers[i]);
        check_repeat(loader, layers, i, item);
    }
    ret->layers = layers;
    ret->layer_count = count;
}
