/*
 * Following references: which material and colour each part gets, what is drawn on which surface,
 * which manufacturing items apply. Only reads facts; no rule is asked. Server process, any thread.
 */
#include "configure/resolve.h"

#include <string.h>

#include "base/unicode.h"
#include "configure/placement.h"

const struct cw_choice *cw_facts_choice(const struct cw_product *product,
                                        const struct cw_fact *facts, uint32_t option) {
    const struct cw_option *o = &product->options[option];
    return &o->choices[facts[option].active ? facts[option].value.choice : o->default_choice];
}

static uint32_t colour_of(const struct cw_product *product, const struct cw_fact *facts,
                          uint32_t option, uint32_t fixed) {
    return option == CW_NONE ? fixed : cw_facts_choice(product, facts, option)->colour;
}

static uint32_t material_of(const struct cw_product *product, const struct cw_fact *facts,
                            uint32_t option, uint32_t fixed) {
    return option == CW_NONE ? fixed : cw_facts_choice(product, facts, option)->material;
}

static uint32_t font_of(const struct cw_product *product, const struct cw_fact *facts,
                        uint32_t option, uint32_t fixed) {
    return option == CW_NONE ? fixed : cw_facts_choice(product, facts, option)->font;
}

static void follow_parts(const struct cw_product *product, const struct cw_fact *facts,
                         struct cw_arena *arena, struct cw_resolved *ret) {
    struct cw_resolved_part *parts = cw_arena_array(arena, product->part_count + 1, sizeof *parts);
    for (uint32_t p = 0; p < product->part_count; p++) {
        const struct cw_part *part = &product->parts[p];
        parts[p] = (struct cw_resolved_part){
            .part = p,
            .material = material_of(product, facts, part->material_option, part->material),
            .colour = colour_of(product, facts, part->colour_option, part->colour)};
    }
    ret->parts = parts;
    ret->part_count = product->part_count;
}

static bool follow_pattern(const struct cw_product *product, const struct cw_fact *facts,
                           const struct cw_pattern_use *use, struct cw_resolved_decal *ret) {
    if (!facts[use->pattern_option].active)
        return false;
    uint32_t pattern = cw_facts_choice(product, facts, use->pattern_option)->pattern;
    *ret = (struct cw_resolved_decal){.kind = CW_DECAL_PATTERN,
                                      .surface = use->surface,
                                      .colour = CW_NONE,
                                      .option = use->pattern_option,
                                      .font = CW_NONE,
                                      .pattern = pattern,
                                      .text = ""};
    if (pattern != CW_NONE && !*product->patterns[pattern].tile) /* a picture has its own */
        ret->colour = colour_of(product, facts, use->colour_option, CW_NONE);
    return pattern != CW_NONE;
}

static void take_fit(const struct cw_configure_context *context, struct cw_resolved_decal *decal) {
    for (size_t i = 0; i < context->fit_count; i++) {
        const struct cw_text_fit *fit = &context->fits[i];
        if (fit->option != decal->option || fit->verdict != CW_FIT_OK)
            continue;
        decal->em_um = fit->em_um;
        memcpy(decal->ink_um, fit->ink_um, sizeof decal->ink_um);
    }
}

/* A picture nobody knows is not drawn; strict resolving refuses it. */
static bool follow_artwork(const struct cw_product *product, const struct cw_fact *fact, uint32_t o,
                           const struct cw_configure_context *context,
                           struct cw_resolved_decal *ret) {
    uint32_t surface = product->options[o].text.surface;
    struct cw_placement placement;
    if (!cw_placement_parse(fact->value.text, &placement))
        return false;
    const struct cw_artwork_fact *artwork = cw_artwork_fact_find(context, placement.id);
    if (!artwork)
        return false;
    *ret = (struct cw_resolved_decal){.kind = CW_DECAL_ARTWORK,
                                      .surface = surface,
                                      .colour = CW_NONE,
                                      .option = o,
                                      .font = CW_NONE,
                                      .pattern = CW_NONE,
                                      .text = "",
                                      .rotation_mdeg = placement.rotation_mdeg,
                                      .artwork = artwork};
    cw_placement_box(&placement, &product->surfaces[surface], artwork, ret->box_um);
    return true;
}

static bool follow_text(const struct cw_product *product, const struct cw_fact *facts, uint32_t o,
                        const struct cw_configure_context *context, struct cw_resolved_decal *ret) {
    const struct cw_text_rule *rule = &product->options[o].text;
    const struct cw_fact *fact = &facts[o];
    if (product->options[o].kind != CW_OPTION_TEXT || rule->surface == CW_NONE || !fact->active ||
        !fact->value.text[0])
        return false;
    if (product->options[o].artwork)
        return follow_artwork(product, fact, o, context, ret);
    *ret = (struct cw_resolved_decal){
        .kind = CW_DECAL_TEXT,
        .surface = rule->surface,
        .colour = colour_of(product, facts, rule->colour_option, rule->colour),
        .option = o,
        .font = font_of(product, facts, rule->font_option, rule->font),
        .pattern = CW_NONE,
        .text = fact->value.text,
        .graphemes = (uint32_t)cw_text_graphemes(fact->value.text)};
    if (rule->rotation_option != CW_NONE)
        ret->rotation_mdeg = (int32_t)cw_choice_attribute(
            cw_facts_choice(product, facts, rule->rotation_option), "rotationMdeg");
    take_fit(context, ret);
    return true;
}

/* Patterns lie below pictures, and those below texts. */
static void follow_decals(const struct cw_product *product, const struct cw_fact *facts,
                          const struct cw_configure_context *context, struct cw_arena *arena,
                          struct cw_resolved *ret) {
    struct cw_resolved_decal *decals = cw_arena_array(
        arena, product->pattern_use_count + product->option_count + 1, sizeof *decals);
    size_t count = 0;
    for (size_t i = 0; i < product->pattern_use_count; i++)
        count += follow_pattern(product, facts, &product->pattern_uses[i], &decals[count]);
    for (int pictures = 1; pictures >= 0; pictures--)
        for (uint32_t o = 0; o < product->option_count; o++)
            if (product->options[o].artwork == (bool)pictures)
                count += follow_text(product, facts, o, context, &decals[count]);
    ret->decals = decals;
    ret->decal_count = count;
}

static void follow_layers(const struct cw_product *product, const struct cw_fact *facts,
                          struct cw_arena *arena, struct cw_resolved *ret) {
    size_t most = 0;
    for (size_t v = 0; v < product->view_count; v++)
        most += product->views[v].layer_count;
    struct cw_resolved_layer *layers = cw_arena_array(arena, most + 1, sizeof *layers);
    for (uint32_t v = 0; v < product->view_count; v++)
        for (uint32_t i = 0; i < product->views[v].layer_count; i++) {
            const struct cw_view_layer *layer = &product->views[v].layers[i];
            if (!cw_facts_hold(product, facts, layer->when))
                continue;
            layers[ret->layer_count++] = (struct cw_resolved_layer){
                .view = v,
                .layer = i,
                .colour = colour_of(product, facts, layer->tint_option, layer->tint)};
        }
    ret->layers = layers;
}

static struct cw_index_list applying(const struct cw_product *product, const struct cw_fact *facts,
                                     const struct cw_mfg_list *list, struct cw_arena *arena) {
    uint32_t *items = cw_arena_array(arena, list->count + 1, sizeof *items);
    size_t count = 0;
    for (uint32_t i = 0; i < list->count; i++)
        if (cw_facts_hold(product, facts, list->items[i].when))
            items[count++] = i;
    return (struct cw_index_list){.count = count, .items = items};
}

void cw_resolve_look(const struct cw_product *product, const struct cw_fact *facts,
                     const struct cw_configure_context *context, struct cw_arena *arena,
                     struct cw_resolved *ret) {
    follow_parts(product, facts, arena, ret);
    follow_decals(product, facts, context, arena, ret);
    follow_layers(product, facts, arena, ret);
}

void cw_resolve_make(const struct cw_product *product, const struct cw_fact *facts,
                     struct cw_arena *arena, struct cw_resolved *ret) {
    const struct cw_manufacturing *made = &product->manufacturing;
    ret->bom = applying(product, facts, &made->bom, arena);
    ret->operations = applying(product, facts, &made->operations, arena);
    ret->checks = applying(product, facts, &made->checks, arena);
    ret->labels = applying(product, facts, &made->labels, arena);
}
