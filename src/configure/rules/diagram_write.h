/*
 * Building a diagram from its leaves upwards. Equal sets, slices and nodes are stored once
 * (hash-consed, compared in full), so the compiler may say the same thing as often as it likes.
 */
#pragma once

#include "configure/rules/diagram.h"

struct cw_diagram_writer;

/* One branch as the compiler says it: sets in full words of the variable they belong to. */
struct cw_diagram_part {
    const uint64_t *set;                  /* of the node's variable */
    const struct cw_diagram_leaf *leaves; /* .set from cw_diagram_writer_set; ascending variables */
    uint32_t leaf_count;
    const uint32_t *children; /* any order; sorted here */
    uint32_t child_count;
};

struct cw_diagram_writer *cw_diagram_writer_new(const struct cw_model *model);
void cw_diagram_writer_free(struct cw_diagram_writer *writer);

/* The number of a set, for leaves. */
uint32_t cw_diagram_writer_set(struct cw_diagram_writer *writer, uint32_t var, const uint64_t *set);

/* The number of a node; branches with equal leaves and children are merged into one. */
uint32_t cw_diagram_writer_node(struct cw_diagram_writer *writer, uint32_t var,
                                const struct cw_diagram_part *parts, uint32_t part_count);

/* So far: what budgets are measured in. */
uint64_t cw_diagram_writer_bytes(const struct cw_diagram_writer *writer);
uint64_t cw_diagram_writer_branches(const struct cw_diagram_writer *writer);
uint32_t cw_diagram_writer_nodes(const struct cw_diagram_writer *writer);

/* Close with the root (one part, or NULL: no configuration) and append the file; nodes the root
 * does not reach are left out. */
void cw_diagram_writer_finish(struct cw_diagram_writer *writer, const struct cw_diagram_part *root,
                              struct cw_buf *buf);
