/*
 * Responsible for: building a decision diagram from its leaves upwards and writing it as one flat
 * file. Equal sets, slices and nodes are stored once.
 * Does not: decide anything (compile.c) or read files (diagram.c). Any process; out of memory
 * aborts, as with cw_buf.
 */
#include "configure/rules/diagram_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* One stored run of elements; `tag` belongs to its identity (a node's variable). */
struct run {
    uint64_t hash;
    uint32_t first, count, tag;
};

/* Elements of one kind, and every run of them that was stored. Empty runs are not stored. */
struct pool {
    size_t element_bytes;
    uint8_t *elements;
    size_t element_count, element_capacity;
    struct run *runs;
    size_t run_count, run_capacity;
    uint32_t *slots; /* run + 1; open addressing, at most half full */
    size_t slot_count;
};

/* A part with its slices stored: what merging compares. */
struct piece {
    struct cw_diagram_branch branch;
    uint32_t part;
};

struct cw_diagram_writer {
    const struct cw_model *model;
    bool weighted;
    struct pool sets, leaves, children;
    struct pool nodes; /* runs of branches; run number = node number, tag = variable */
    uint64_t *set_scratch;
    size_t set_capacity;
    struct piece *pieces;
    struct cw_diagram_branch *branches;
    size_t piece_capacity, branch_capacity;
    uint32_t *child_scratch;
    size_t child_capacity;
};

/* ---- memory ---------------------------------------------------------------------------------- */

static void *grown(void *data, size_t need, size_t element_bytes, size_t *capacity) {
    if (need <= *capacity && data)
        return data;
    size_t wanted = *capacity < 64 ? 64 : *capacity * 2;
    if (wanted < need)
        wanted = need;
    void *bigger = reallocarray(data, wanted, element_bytes);
    if (!bigger)
        abort();
    *capacity = wanted;
    return bigger;
}

static void *zeroed(size_t count, size_t element_bytes) {
    void *data = calloc(count > 0 ? count : 1, element_bytes);
    if (!data)
        abort();
    return data;
}

static void pool_deinit(struct pool *pool) {
    free(pool->elements);
    free(pool->runs);
    free(pool->slots);
}

/* ---- hash-consing ---------------------------------------------------------------------------- */

/* Murmur-like mixing (Appleby 2011). It only finds candidates: equality is memcmp. */
static uint64_t fold(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return (hash ^ hash >> 32) * UINT64_C(0xff51afd7ed558ccd);
}

static uint64_t hash_bytes(const uint8_t *data, size_t length, uint64_t seed) {
    uint64_t hash = fold(seed, length);
    for (; length >= 8; data += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        hash = fold(hash, word);
    }
    if (length > 0) { /* elements are multiples of 4 bytes */
        uint32_t half;
        memcpy(&half, data, 4);
        hash = fold(hash, half);
    }
    return hash ^ hash >> 29;
}

static void place(struct pool *pool, uint32_t run) {
    size_t mask = pool->slot_count - 1, slot = pool->runs[run].hash & mask;
    while (pool->slots[slot] != 0)
        slot = (slot + 1) & mask;
    pool->slots[slot] = run + 1;
}

static void rehash(struct pool *pool) {
    free(pool->slots);
    pool->slot_count = pool->slot_count == 0 ? 256 : pool->slot_count * 2;
    pool->slots = zeroed(pool->slot_count, sizeof *pool->slots);
    for (size_t run = 0; run < pool->run_count; run++)
        place(pool, (uint32_t)run);
}

static bool same_run(const struct pool *pool, const struct run *run, const struct run *key,
                     const void *elements) {
    return run->hash == key->hash && run->tag == key->tag && run->count == key->count &&
           memcmp(pool->elements + run->first * pool->element_bytes, elements,
                  key->count * pool->element_bytes) == 0;
}

/* The number of the run of these elements, stored if it was not. `elements` is outside the pool. */
static uint32_t intern(struct pool *pool, uint32_t tag, const void *elements, uint32_t count) {
    size_t bytes = count * pool->element_bytes;
    struct run key = {.hash = hash_bytes(elements, bytes, tag), .count = count, .tag = tag};
    if (2 * (pool->run_count + 1) > pool->slot_count)
        rehash(pool);
    size_t mask = pool->slot_count - 1;
    for (size_t slot = key.hash & mask; pool->slots[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t run = pool->slots[slot] - 1;
        if (same_run(pool, &pool->runs[run], &key, elements))
            return run;
    }
    assert(pool->element_count + count < UINT32_MAX && pool->run_count + 1 < UINT32_MAX);
    pool->elements = grown(pool->elements, pool->element_count + count, pool->element_bytes,
                           &pool->element_capacity);
    pool->runs = grown(pool->runs, pool->run_count + 1, sizeof *pool->runs, &pool->run_capacity);
    key.first = (uint32_t)pool->element_count;
    memcpy(pool->elements + pool->element_count * pool->element_bytes, elements, bytes);
    pool->element_count += count;
    uint32_t run = (uint32_t)pool->run_count++;
    pool->runs[run] = key;
    place(pool, run);
    return run;
}

/* Where a slice starts in its pool; empty slices start at 0. */
static uint32_t intern_slice(struct pool *pool, const void *elements, uint32_t count) {
    if (count == 0)
        return 0;
    uint32_t run = intern(pool, 0, elements, count); /* may move pool->runs */
    return pool->runs[run].first;
}

/* ---- building -------------------------------------------------------------------------------- */

struct cw_diagram_writer *cw_diagram_writer_new(const struct cw_model *model) {
    struct cw_diagram_writer *writer = zeroed(1, sizeof *writer);
    writer->model = model;
    writer->sets.element_bytes = sizeof(uint64_t);
    writer->leaves.element_bytes = sizeof(struct cw_diagram_leaf);
    writer->children.element_bytes = sizeof(uint32_t);
    writer->nodes.element_bytes = sizeof(struct cw_diagram_branch);
    for (uint32_t value = 0; value < model->value_count && !writer->weighted; value++)
        writer->weighted = model->multiplicities[value] != 1;
    return writer;
}

void cw_diagram_writer_free(struct cw_diagram_writer *writer) {
    if (!writer)
        return;
    pool_deinit(&writer->sets);
    pool_deinit(&writer->leaves);
    pool_deinit(&writer->children);
    pool_deinit(&writer->nodes);
    free(writer->set_scratch);
    free(writer->pieces);
    free(writer->branches);
    free(writer->child_scratch);
    free(writer);
}

uint32_t cw_diagram_writer_set(struct cw_diagram_writer *writer, uint32_t var,
                               const uint64_t *set) {
    assert(var < writer->model->var_count);
    return intern_slice(&writer->sets, set, cw_set_words(writer->model->value_counts[var]));
}

static int order_numbers(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A branch without its set: slices of a part. */
static struct cw_diagram_branch store_slices(struct cw_diagram_writer *writer,
                                             const struct cw_diagram_part *part) {
    struct cw_diagram_branch branch = {.leaf_count = part->leaf_count,
                                       .child_count = part->child_count};
    for (uint32_t i = 0; i < part->leaf_count; i++)
        assert(i == 0 || part->leaves[i - 1].var < part->leaves[i].var);
    branch.first_leaf = intern_slice(&writer->leaves, part->leaves, part->leaf_count);
    if (part->child_count == 0)
        return branch;
    writer->child_scratch = grown(writer->child_scratch, part->child_count,
                                  sizeof *writer->child_scratch, &writer->child_capacity);
    for (uint32_t i = 0; i < part->child_count; i++) {
        assert(part->children[i] < writer->nodes.run_count);
        writer->child_scratch[i] = part->children[i];
    }
    qsort(writer->child_scratch, part->child_count, sizeof *writer->child_scratch, order_numbers);
    branch.first_child = intern_slice(&writer->children, writer->child_scratch, part->child_count);
    return branch;
}

static int order_pieces(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    const uint32_t keys[][2] = {{x->branch.first_leaf, y->branch.first_leaf},
                                {x->branch.leaf_count, y->branch.leaf_count},
                                {x->branch.first_child, y->branch.first_child},
                                {x->branch.child_count, y->branch.child_count},
                                {x->part, y->part}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static bool same_slices(const struct cw_diagram_branch *a, const struct cw_diagram_branch *b) {
    return a->first_leaf == b->first_leaf && a->leaf_count == b->leaf_count &&
           a->first_child == b->first_child && a->child_count == b->child_count;
}

/* Store the joined set of a group of pieces with the same slices. */
static uint32_t store_joined(struct cw_diagram_writer *writer, const struct cw_diagram_part *parts,
                             const struct piece *group, size_t count, uint32_t words) {
    writer->set_scratch =
        grown(writer->set_scratch, words, sizeof *writer->set_scratch, &writer->set_capacity);
    memset(writer->set_scratch, 0, words * sizeof *writer->set_scratch);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *set = parts[group[i].part].set;
        for (uint32_t w = 0; w < words; w++) {
            assert((writer->set_scratch[w] & set[w]) == 0); /* deterministic */
            writer->set_scratch[w] |= set[w];
        }
    }
    return intern_slice(&writer->sets, writer->set_scratch, words);
}

/* The sets of a node are disjoint, so this makes equal nodes equal runs. */
static int order_branches(const void *a, const void *b) {
    const struct cw_diagram_branch *x = a, *y = b;
    return (x->set > y->set) - (x->set < y->set);
}

uint32_t cw_diagram_writer_node(struct cw_diagram_writer *writer, uint32_t var,
                                const struct cw_diagram_part *parts, uint32_t part_count) {
    assert(part_count > 0 && var < writer->model->var_count);
    writer->pieces =
        grown(writer->pieces, part_count, sizeof *writer->pieces, &writer->piece_capacity);
    writer->branches =
        grown(writer->branches, part_count, sizeof *writer->branches, &writer->branch_capacity);
    for (uint32_t i = 0; i < part_count; i++)
        writer->pieces[i] = (struct piece){store_slices(writer, &parts[i]), i};
    qsort(writer->pieces, part_count, sizeof *writer->pieces, order_pieces);
    uint32_t words = cw_set_words(writer->model->value_counts[var]), count = 0;
    for (uint32_t i = 0, end; i < part_count; i = end) {
        for (end = i + 1; end < part_count &&
                          same_slices(&writer->pieces[i].branch, &writer->pieces[end].branch);)
            end++;
        writer->branches[count] = writer->pieces[i].branch;
        writer->branches[count++].set =
            store_joined(writer, parts, &writer->pieces[i], end - i, words);
    }
    qsort(writer->branches, count, sizeof *writer->branches, order_branches);
    return intern(&writer->nodes, var, writer->branches, count);
}

/* ---- accounting ------------------------------------------------------------------------------ */

uint64_t cw_diagram_writer_bytes(const struct cw_diagram_writer *writer) {
    uint64_t values = writer->weighted ? writer->model->value_count : 0;
    return sizeof(struct cw_diagram_header) + writer->model->var_count * sizeof(uint32_t) +
           values * sizeof(uint64_t) + writer->nodes.run_count * sizeof(struct cw_diagram_node) +
           writer->nodes.element_count * sizeof(struct cw_diagram_branch) +
           writer->leaves.element_count * sizeof(struct cw_diagram_leaf) +
           writer->children.element_count * sizeof(uint32_t) +
           writer->sets.element_count * sizeof(uint64_t);
}

uint64_t cw_diagram_writer_branches(const struct cw_diagram_writer *writer) {
    return writer->nodes.element_count;
}

uint32_t cw_diagram_writer_nodes(const struct cw_diagram_writer *writer) {
    return (uint32_t)writer->nodes.run_count;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* What the root reaches, renumbered. Numbers keep their order, so children stay below parents and
 * child slices stay sorted. Maps go from an old slice start (or node) to the new one, plus 1. */
struct closing {
    struct cw_diagram_writer *writer;
    uint32_t *node_map, *set_map, *leaf_map, *child_map;
    struct cw_buf nodes, branches, leaves, children, sets;
    uint32_t node_count, branch_count;
};

static uint32_t buffered(const struct cw_buf *buf, size_t element_bytes) {
    return (uint32_t)(buf->length / element_bytes);
}

static uint32_t keep_set(struct closing *closing, uint32_t first, uint32_t var) {
    const struct pool *pool = &closing->writer->sets;
    if (closing->set_map[first] == 0) {
        closing->set_map[first] = buffered(&closing->sets, pool->element_bytes) + 1;
        uint32_t words = cw_set_words(closing->writer->model->value_counts[var]);
        cw_buf_add(&closing->sets, pool->elements + first * pool->element_bytes,
                   words * pool->element_bytes);
    }
    return closing->set_map[first] - 1;
}

static uint32_t keep_leaves(struct closing *closing, uint32_t first, uint32_t count) {
    const struct cw_diagram_leaf *leaves =
        (const struct cw_diagram_leaf *)(const void *)closing->writer->leaves.elements;
    if (count == 0)
        return 0;
    if (closing->leaf_map[first] == 0) {
        closing->leaf_map[first] = buffered(&closing->leaves, sizeof *leaves) + 1;
        for (uint32_t i = first; i < first + count; i++) {
            struct cw_diagram_leaf leaf = {leaves[i].var,
                                           keep_set(closing, leaves[i].set, leaves[i].var)};
            cw_buf_add(&closing->leaves, &leaf, sizeof leaf);
        }
    }
    return closing->leaf_map[first] - 1;
}

static uint32_t keep_children(struct closing *closing, uint32_t first, uint32_t count) {
    const uint32_t *children = (const uint32_t *)(const void *)closing->writer->children.elements;
    if (count == 0)
        return 0;
    if (closing->child_map[first] == 0) {
        closing->child_map[first] = buffered(&closing->children, sizeof *children) + 1;
        for (uint32_t i = first; i < first + count; i++) {
            uint32_t child = closing->node_map[children[i]] - 1;
            cw_buf_add(&closing->children, &child, sizeof child);
        }
    }
    return closing->child_map[first] - 1;
}

static void keep_branch(struct closing *closing, uint32_t var,
                        const struct cw_diagram_branch *branch) {
    struct cw_diagram_branch kept = *branch;
    kept.set = var == CW_DIAGRAM_NO_VAR ? 0 : keep_set(closing, branch->set, var);
    kept.first_leaf = keep_leaves(closing, branch->first_leaf, branch->leaf_count);
    kept.first_child = keep_children(closing, branch->first_child, branch->child_count);
    cw_buf_add(&closing->branches, &kept, sizeof kept);
    closing->branch_count++;
}

static void keep_node(struct closing *closing, uint32_t var,
                      const struct cw_diagram_branch *branches, uint32_t count) {
    struct cw_diagram_node node = {var, closing->branch_count, count};
    cw_buf_add(&closing->nodes, &node, sizeof node);
    closing->node_count++;
    for (uint32_t i = 0; i < count; i++)
        keep_branch(closing, var, &branches[i]);
}

static void mark_children(struct closing *closing, const struct cw_diagram_branch *branch) {
    const uint32_t *children = (const uint32_t *)(const void *)closing->writer->children.elements;
    for (uint32_t i = 0; i < branch->child_count; i++)
        closing->node_map[children[branch->first_child + i]] = 1;
}

static void keep_reached(struct closing *closing, const struct cw_diagram_branch *root) {
    const struct pool *pool = &closing->writer->nodes;
    const struct cw_diagram_branch *branches =
        (const struct cw_diagram_branch *)(const void *)pool->elements;
    if (root)
        mark_children(closing, root);
    for (size_t node = pool->run_count; node-- > 0;) {
        const struct run *run = &pool->runs[node];
        for (uint32_t i = 0; closing->node_map[node] != 0 && i < run->count; i++)
            mark_children(closing, &branches[run->first + i]);
    }
    for (size_t node = 0; node < pool->run_count; node++) {
        const struct run *run = &pool->runs[node];
        if (closing->node_map[node] == 0)
            continue;
        closing->node_map[node] = closing->node_count + 1;
        keep_node(closing, run->tag, &branches[run->first], run->count);
    }
    keep_node(closing, CW_DIAGRAM_NO_VAR, root, root ? 1 : 0);
}

static struct cw_diagram_section add_section(struct cw_buf *buf, size_t start, const void *data,
                                             size_t count, size_t element_bytes) {
    struct cw_diagram_section section = {buf->length - start, count};
    static const uint8_t padding[8];
    if (count > 0)
        cw_buf_add(buf, data, count * element_bytes);
    cw_buf_add(buf, padding, (8 - (buf->length - start) % 8) % 8);
    return section;
}

static void write_file(const struct closing *closing, struct cw_buf *buf) {
    const struct cw_model *model = closing->writer->model;
    struct cw_diagram_header head = {.magic = CW_DIAGRAM_MAGIC,
                                     .version = CW_DIAGRAM_VERSION,
                                     .byte_order = CW_DIAGRAM_BYTE_ORDER};
    size_t start = buf->length;
    cw_model_digest(model, head.model);
    cw_buf_add(buf, &head, sizeof head);
    head.vars = add_section(buf, start, model->value_counts, model->var_count, sizeof(uint32_t));
    head.weights =
        add_section(buf, start, model->multiplicities,
                    closing->writer->weighted ? model->value_count : 0, sizeof(uint64_t));
    head.nodes = add_section(buf, start, closing->nodes.data, closing->node_count,
                             sizeof(struct cw_diagram_node));
    head.branches = add_section(buf, start, closing->branches.data, closing->branch_count,
                                sizeof(struct cw_diagram_branch));
    head.leaves = add_section(buf, start, closing->leaves.data,
                              buffered(&closing->leaves, sizeof(struct cw_diagram_leaf)),
                              sizeof(struct cw_diagram_leaf));
    head.children = add_section(buf, start, closing->children.data,
                                buffered(&closing->children, sizeof(uint32_t)), sizeof(uint32_t));
    head.sets = add_section(buf, start, closing->sets.data,
                            buffered(&closing->sets, sizeof(uint64_t)), sizeof(uint64_t));
    head.length = buf->length - start;
    memcpy(buf->data + start, &head, sizeof head);
    cw_sha256(buf->data + start, head.length, head.digest);
    memcpy(buf->data + start, &head, sizeof head);
}

void cw_diagram_writer_finish(struct cw_diagram_writer *writer, const struct cw_diagram_part *root,
                              struct cw_buf *buf) {
    struct cw_diagram_branch branch = {0};
    if (root)
        branch = store_slices(writer, root);
    struct closing closing = {
        .writer = writer,
        .node_map = zeroed(writer->nodes.run_count, sizeof(uint32_t)),
        .set_map = zeroed(writer->sets.element_count, sizeof(uint32_t)),
        .leaf_map = zeroed(writer->leaves.element_count, sizeof(uint32_t)),
        .child_map = zeroed(writer->children.element_count, sizeof(uint32_t)),
    };
    keep_reached(&closing, root ? &branch : NULL);
    write_file(&closing, buf);
    cw_buf_deinit(&closing.nodes);
    cw_buf_deinit(&closing.branches);
    cw_buf_deinit(&closing.leaves);
    cw_buf_deinit(&closing.children);
    cw_buf_deinit(&closing.sets);
    free(closing.node_map);
    free(closing.set_map);
    free(closing.leaf_map);
    free(closing.child_map);
}
