/*
 * Responsible for: small diagrams for tests and their judge.
 * Does not: share code with the queries or the compiler. Tests only.
 */
#include "diagram_maker.h"

#include <string.h>

#include "base/arena.h"
#include "base/digest.h"

#define MAX_VARS  64
#define MAX_WORDS 4
#define MAX_PARTS 8

struct cw_model *cw_random_variables(struct cw_arena *arena, struct cw_random *random,
                                     uint32_t combinations) {
    struct cw_model *model = cw_model_new(arena);
    uint32_t left = combinations;
    while (left > 1 && model->var_count < MAX_VARS && cw_random_below(random, 12) != 0) {
        uint32_t values = 1 + cw_random_below(random, 5);
        if (cw_random_below(random, 12) == 0)
            values = 64 + cw_random_below(random, 70);
        if (values > left)
            break;
        left /= values;
        cw_model_add_var(model, values);
    }
    if (cw_random_below(random, 2) == 0)
        return model;
    bool large = cw_random_below(random, 3) == 0;
    for (uint32_t var = 0; var < model->var_count; var++)
        for (uint32_t value = 0; value < model->value_counts[var]; value++) {
            uint64_t ways = 1 + cw_random_below(random, large ? UINT32_MAX : 9);
            if (cw_random_below(random, 3) == 0)
                cw_model_set_multiplicity(model, var, value, large ? ways << 20 | 1 : ways);
        }
    return model;
}

/* ---- from a list ----------------------------------------------------------------------------- */

struct listing {
    const struct cw_model *model;
    struct cw_diagram_writer *writer;
    struct cw_arena *arena;
};

/* The node of variable `var` over lines that agree on all variables before it. */
static uint32_t listed_node(const struct listing *listing, uint32_t var, const uint32_t **lines,
                            size_t count) {
    uint32_t values = listing->model->value_counts[var], words = cw_set_words(values), parts = 0;
    struct cw_diagram_part *part = cw_arena_array(listing->arena, values, sizeof *part);
    uint32_t *children = cw_arena_array(listing->arena, values, sizeof *children);
    uint64_t *sets = cw_arena_array(listing->arena, (size_t)values * words, sizeof *sets);
    const uint32_t **with = cw_arena_array(listing->arena, count, sizeof *with);
    for (uint32_t value = 0; value < values; value++) {
        size_t with_count = 0;
        for (size_t i = 0; i < count; i++)
            if (lines[i][var] == value)
                with[with_count++] = lines[i];
        if (with_count == 0)
            continue;
        cw_set_add(sets + (size_t)parts * words, value);
        part[parts] = (struct cw_diagram_part){.set = sets + (size_t)parts * words};
        if (var + 1 < listing->model->var_count) {
            children[parts] = listed_node(listing, var + 1, with, with_count);
            part[parts].children = &children[parts];
            part[parts].child_count = 1;
        }
        parts++;
    }
    return cw_diagram_writer_node(listing->writer, var, part, parts);
}

void cw_make_listed_diagram(const struct cw_model *model, const uint32_t *lines, size_t count,
                            struct cw_buf *buf) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct listing listing = {model, cw_diagram_writer_new(model), arena};
    const uint32_t **all = cw_arena_array(arena, count, sizeof *all);
    struct cw_diagram_part root = {0};
    uint32_t child = 0;
    for (size_t i = 0; i < count; i++)
        all[i] = lines + i * model->var_count;
    if (count > 0 && model->var_count > 0) {
        child = listed_node(&listing, 0, all, count);
        root = (struct cw_diagram_part){.children = &child, .child_count = 1};
    }
    cw_diagram_writer_finish(listing.writer, count > 0 ? &root : NULL, buf);
    cw_diagram_writer_free(listing.writer);
}

/* ---- at random ------------------------------------------------------------------------------- */

struct sketch {
    const struct cw_model *model;
    struct cw_random *random;
    struct cw_diagram_writer *writer;
    struct {
        uint64_t scope;
        uint32_t node;
    } made[256];
    uint32_t made_count;
};

/* Vectors of one branch. */
struct branch_sketch {
    struct cw_diagram_leaf leaves[MAX_VARS];
    uint32_t children[MAX_VARS];
};

static uint32_t random_node(struct sketch *sketch, uint64_t scope);

static void random_set(struct sketch *sketch, uint32_t values, uint64_t *set) {
    memset(set, 0, cw_set_words(values) * sizeof *set);
    cw_set_add(set, cw_random_below(sketch->random, values));
    for (uint32_t value = 0; value < values; value++)
        if (cw_random_below(sketch->random, 2) == 0)
            cw_set_add(set, value);
}

/* Share the variables out between leaves and up to three children. */
static void random_slices(struct sketch *sketch, uint64_t scope, struct branch_sketch *branch,
                          struct cw_diagram_part *part) {
    uint64_t groups[3] = {0}, set[MAX_WORDS];
    part->leaves = branch->leaves;
    part->children = branch->children;
    for (uint32_t var = 0; var < sketch->model->var_count; var++) {
        uint32_t place = cw_random_below(sketch->random, 5);
        if ((scope >> var & 1) == 0)
            continue;
        if (place < 3) {
            groups[place] |= UINT64_C(1) << var;
            continue;
        }
        random_set(sketch, sketch->model->value_counts[var], set);
        branch->leaves[part->leaf_count++] =
            (struct cw_diagram_leaf){var, cw_diagram_writer_set(sketch->writer, var, set)};
    }
    for (size_t i = 0; i < 3; i++)
        if (groups[i] != 0)
            branch->children[part->child_count++] = random_node(sketch, groups[i]);
}

static uint32_t remember(struct sketch *sketch, uint64_t scope, uint32_t node) {
    if (sketch->made_count < sizeof sketch->made / sizeof *sketch->made) {
        sketch->made[sketch->made_count].scope = scope;
        sketch->made[sketch->made_count++].node = node;
    }
    return node;
}

/* A node over exactly the variables of the scope; often one made before. */
static uint32_t random_node(struct sketch *sketch, uint64_t scope) {
    uint64_t sets[MAX_PARTS][MAX_WORDS] = {{0}};
    struct branch_sketch branches[MAX_PARTS];
    struct cw_diagram_part parts[MAX_PARTS] = {{0}};
    uint32_t count = 1 + cw_random_below(sketch->random, 3), used = 0, var;
    for (uint32_t i = 0; i < sketch->made_count; i++)
        if (sketch->made[i].scope == scope && cw_random_below(sketch->random, 3) == 0)
            return sketch->made[i].node;
    do
        var = cw_random_below(sketch->random, sketch->model->var_count);
    while ((scope >> var & 1) == 0);
    uint32_t values = sketch->model->value_counts[var],
             kept = cw_random_below(sketch->random, values);
    for (uint32_t value = 0; value < values; value++)
        if (value == kept || cw_random_below(sketch->random, 4) != 0)
            cw_set_add(sets[cw_random_below(sketch->random, count)], value);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t any = 0;
        for (uint32_t w = 0; w < MAX_WORDS; w++)
            any |= sets[i][w];
        if (any == 0)
            continue;
        parts[used].set = sets[i];
        random_slices(sketch, scope & ~(UINT64_C(1) << var), &branches[used], &parts[used]);
        used++;
    }
    return remember(sketch, scope, cw_diagram_writer_node(sketch->writer, var, parts, used));
}

void cw_make_random_diagram(const struct cw_model *model, struct cw_random *random,
                            struct cw_buf *buf) {
    struct sketch sketch = {
        .model = model, .random = random, .writer = cw_diagram_writer_new(model)};
    struct branch_sketch branch;
    struct cw_diagram_part root = {0};
    uint64_t scope = model->var_count < 64 ? (UINT64_C(1) << model->var_count) - 1 : UINT64_MAX;
    random_slices(&sketch, scope, &branch, &root);
    cw_diagram_writer_finish(sketch.writer, cw_random_below(random, 40) == 0 ? NULL : &root, buf);
    cw_diagram_writer_free(sketch.writer);
}

/* ---- the judge ------------------------------------------------------------------------------- */

static const void *section(const void *file, const struct cw_diagram_section *section) {
    return (const uint8_t *)file + section->offset;
}

static bool node_accepts(const void *file, uint32_t number, const uint32_t *values);

static bool branch_accepts(const void *file, const struct cw_diagram_branch *branch,
                           const uint32_t *values) {
    const struct cw_diagram_header *head = file;
    const struct cw_diagram_leaf *leaves = section(file, &head->leaves);
    const uint32_t *children = section(file, &head->children);
    const uint64_t *sets = section(file, &head->sets);
    for (uint32_t i = 0; i < branch->leaf_count; i++) {
        const struct cw_diagram_leaf *leaf = &leaves[branch->first_leaf + i];
        if (!cw_set_has(sets + leaf->set, values[leaf->var]))
            return false;
    }
    for (uint32_t i = 0; i < branch->child_count; i++)
        if (!node_accepts(file, children[branch->first_child + i], values))
            return false;
    return true;
}

static bool node_accepts(const void *file, uint32_t number, const uint32_t *values) {
    const struct cw_diagram_header *head = file;
    const struct cw_diagram_node *node = section(file, &head->nodes);
    const struct cw_diagram_branch *branches = section(file, &head->branches);
    const uint64_t *sets = section(file, &head->sets);
    node += number;
    for (uint32_t i = 0; i < node->branch_count; i++) {
        const struct cw_diagram_branch *branch = &branches[node->first_branch + i];
        if (node->var == CW_DIAGRAM_NO_VAR || cw_set_has(sets + branch->set, values[node->var]))
            return branch_accepts(file, branch, values);
    }
    return false;
}

bool cw_diagram_accepts(const void *file, const uint32_t *values) {
    const struct cw_diagram_header *head = file;
    return node_accepts(file, (uint32_t)head->nodes.count - 1, values);
}

void cw_diagram_seal(void *file, size_t length) {
    struct cw_diagram_header head;
    memcpy(&head, file, sizeof head);
    head.length = length;
    memset(head.digest, 0, sizeof head.digest);
    memcpy(file, &head, sizeof head);
    cw_sha256(file, length, head.digest);
    memcpy(file, &head, sizeof head);
}
