/*
 * Responsible for adding up what a drawing costs when its references are followed: bombs are small
 * files that refer to themselves tenfold, tenfold. It counts too much rather than too little;
 * what it cannot know (a huge blend, a million dashes) meets the deadline. The importer process
 * runs it, inside the sandbox.
 */
#include "svg_cost.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN 200 /* references and levels in one another: deep enough for any drawing */

static int compare(const struct svg_text *a, const struct svg_text *b) {
    size_t length = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->at, b->at, length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_id(const void *a, const void *b, void *nodes) {
    const struct svg_node *all = nodes;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = compare(&all[x].id, &all[y].id);
    return order ? order : (x > y) - (x < y);
}

/* The first of an id: librsvg takes that one. */
static struct svg_node *find(struct svg_tree *tree, const struct svg_text *id) {
    uint32_t low = 0, high = tree->id_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(&tree->nodes[tree->by_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct svg_node *node = low < tree->id_count ? &tree->nodes[tree->by_id[low]] : NULL;
    return node && compare(&node->id, id) == 0 ? node : NULL;
}

static uint32_t capped(uint64_t cost) {
    return cost > CW_SVG_WORK ? CW_SVG_WORK + 1 : (uint32_t)cost;
}

static enum cw_status add_up(struct svg_tree *tree, struct svg_node *node, int chain,
                             struct cw_error *err);

static enum cw_status add_refs(struct svg_tree *tree, const struct svg_node *node, int chain,
                               uint64_t *cost, struct cw_error *err) {
    uint64_t below = *cost;
    for (uint32_t i = node->ref_start; i < node->ref_end; i++) {
        struct svg_node *target = find(tree, &tree->refs[i].id);
        if (!target)
            continue;
        enum cw_status status = add_up(tree, target, chain + 1, err);
        if (status)
            return status;
        *cost = capped(*cost + (uint64_t)target->cost * (tree->refs[i].per_point ? below : 1));
    }
    return CW_OK;
}

static enum cw_status add_up(struct svg_tree *tree, struct svg_node *node, int chain,
                             struct cw_error *err) {
    if (node->cost)
        return CW_OK;
    if (node->open)
        return cw_fail(err, CW_E_INPUT, "artwork.svg.cycle", "'%.*s' is drawn inside itself",
                       (int)(node->id.length < 40 ? node->id.length : 40), node->id.at);
    if (chain > CHAIN)
        return cw_fail(err, CW_E_LIMIT, "artwork.svg.too_much_work",
                       "more than %d references in one another", CHAIN);
    node->open = true;
    uint64_t cost = node->own;
    for (uint32_t i = (uint32_t)(node - tree->nodes) + 1; i < node->end; i = tree->nodes[i].end) {
        enum cw_status status = add_up(tree, &tree->nodes[i], chain + 1, err);
        if (status)
            return status;
        cost = capped(cost + tree->nodes[i].cost);
    }
    enum cw_status status = add_refs(tree, node, chain, &cost, err);
    node->open = false;
    node->cost = capped(cost);
    return status;
}

enum cw_status cw_svg_cost(struct svg_tree *tree, struct cw_error *err) {
    for (uint32_t i = 0; i < tree->node_count; i++)
        if (tree->nodes[i].id.length > 0)
            tree->by_id[tree->id_count++] = i;
    qsort_r(tree->by_id, tree->id_count, sizeof *tree->by_id, by_id, tree->nodes);
    for (uint32_t i = 0; i < tree->node_count; i = tree->nodes[i].end) {
        enum cw_status status = add_up(tree, &tree->nodes[i], 0, err);
        if (status)
            return status;
        if (tree->nodes[i].cost > CW_SVG_WORK)
            return cw_fail(err, CW_E_LIMIT, "artwork.svg.too_much_work",
                           "more than %d elements and points, counted as often as they are drawn",
                           CW_SVG_WORK);
    }
    return CW_OK;
}
