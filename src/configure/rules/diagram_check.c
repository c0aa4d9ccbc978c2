/*
 * Responsible for: believing nothing about a diagram file until it was looked at: header, sections,
 * digest, and that every index is in bounds and in order.
 * Does not: judge sets (diagram.c) or which variables a branch speaks of (diagram_scope.c). Any
 * process, any thread.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "configure/rules/diagram_index.h"
#include "cordwain/limits.h"

enum cw_status cw_diagram_damaged(struct cw_error *err, const char *what) {
    return cw_fail(err, CW_E_INPUT, "rules.artefact_damaged", "compiled rules are damaged: %s",
                   what);
}

enum cw_status cw_diagram_no_memory(struct cw_error *err) {
    return cw_fail(err, CW_E_NOMEM, "memory", "no memory for compiled rules");
}

/* ---- header ---------------------------------------------------------------------------------- */

/* SHA-256 of the file with the digest's own bytes zero. */
static bool digest_is_right(const struct cw_diagram_header *head, size_t length) {
    struct cw_diagram_header blank = *head;
    memset(blank.digest, 0, sizeof blank.digest);
    const struct cw_bytes pieces[] = {
        {(const uint8_t *)&blank, sizeof blank},
        {(const uint8_t *)head + sizeof blank, length - sizeof blank},
    };
    uint8_t hash[32];
    cw_sha256_pieces(pieces, 2, hash);
    return memcmp(hash, head->digest, sizeof hash) == 0;
}

static enum cw_status check_head(const struct cw_diagram_header *head, size_t length,
                                 struct cw_error *err) {
    if (length < sizeof *head || memcmp(head->magic, CW_DIAGRAM_MAGIC, sizeof head->magic) != 0)
        return cw_diagram_damaged(err, "not a file of compiled rules");
    if (head->byte_order != CW_DIAGRAM_BYTE_ORDER)
        return cw_diagram_damaged(err, "byte order of another machine");
    if (head->version != CW_DIAGRAM_VERSION)
        return cw_fail(err, CW_E_INPUT, "rules.artefact_version",
                       "compiled rules have format version %u, this program reads %u",
                       head->version, CW_DIAGRAM_VERSION);
    if (head->length != length)
        return cw_diagram_damaged(err, "length");
    if (!digest_is_right(head, length))
        return cw_diagram_damaged(err, "digest");
    return CW_OK;
}

/* Sections stand one after the other, each at the next multiple of 8. */
struct layout {
    const struct cw_diagram_header *head;
    size_t end; /* of the sections so far */
    bool broken;
};

static const void *next_section(struct layout *layout, const struct cw_diagram_section *section,
                                size_t element_bytes, uint32_t *ret_count) {
    size_t bytes = 0, end = 0;
    const void *data = (const uint8_t *)layout->head + layout->end;
    if (layout->broken || section->offset != layout->end || section->count >= UINT32_MAX ||
        !cw_mul_size(section->count, element_bytes, &bytes) ||
        !cw_add_size(layout->end, bytes, &end) || end > layout->head->length) {
        layout->broken = true;
        return data;
    }
    layout->end = end + (8 - end % 8) % 8;
    *ret_count = (uint32_t)section->count;
    return data;
}

static enum cw_status read_sections(struct cw_diagram *diagram, struct cw_error *err) {
    const struct cw_diagram_header *head = diagram->head;
    struct layout layout = {.head = head, .end = sizeof *head};
    uint32_t weight_count = 0;
    diagram->value_counts =
        next_section(&layout, &head->vars, sizeof(uint32_t), &diagram->var_count);
    diagram->weights = next_section(&layout, &head->weights, sizeof(uint64_t), &weight_count);
    diagram->nodes =
        next_section(&layout, &head->nodes, sizeof(struct cw_diagram_node), &diagram->node_count);
    diagram->branches = next_section(&layout, &head->branches, sizeof(struct cw_diagram_branch),
                                     &diagram->branch_count);
    diagram->leaves =
        next_section(&layout, &head->leaves, sizeof(struct cw_diagram_leaf), &diagram->leaf_count);
    diagram->children =
        next_section(&layout, &head->children, sizeof(uint32_t), &diagram->child_count);
    diagram->sets = next_section(&layout, &head->sets, sizeof(uint64_t), &diagram->set_count);
    if (weight_count == 0)
        diagram->weights = NULL;
    if (layout.broken || layout.end != head->length)
        return cw_diagram_damaged(err, "sections");
    return CW_OK;
}

/* ---- variables ------------------------------------------------------------------------------- */

static enum cw_status read_variables(struct cw_diagram *diagram, struct cw_error *err) {
    size_t count = (size_t)diagram->var_count + 1;
    diagram->word_bases = calloc(count, sizeof *diagram->word_bases);
    diagram->value_bases = calloc(count, sizeof *diagram->value_bases);
    if (!diagram->word_bases || !diagram->value_bases)
        return cw_diagram_no_memory(err);
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        uint32_t values = diagram->value_counts[var];
        if (values == 0 || values > CW_MODEL_VALUES ||
            values > (uint32_t)CW_MODEL_ALL_VALUES - diagram->value_count)
            return cw_diagram_damaged(err, "number of values");
        diagram->value_count += values;
        diagram->word_count += cw_set_words(values);
        diagram->word_bases[var + 1] = diagram->word_count;
        diagram->value_bases[var + 1] = diagram->value_count;
    }
    return CW_OK;
}

static enum cw_status check_weights(const struct cw_diagram *diagram, struct cw_error *err) {
    if (!diagram->weights)
        return CW_OK;
    if (diagram->head->weights.count != diagram->value_count)
        return cw_diagram_damaged(err, "number of weights");
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        uint64_t sum = 0;
        for (uint32_t i = diagram->value_bases[var]; i < diagram->value_bases[var + 1]; i++)
            if (diagram->weights[i] == 0 || __builtin_add_overflow(sum, diagram->weights[i], &sum))
                return cw_diagram_damaged(err, "weight");
    }
    return CW_OK;
}

/* ---- nodes and branches ---------------------------------------------------------------------- */

static enum cw_status check_nodes(const struct cw_diagram *diagram, struct cw_error *err) {
    uint64_t branches = 0;
    if (diagram->node_count == 0)
        return cw_diagram_damaged(err, "no root");
    for (uint32_t i = 0; i < diagram->node_count; i++) {
        const struct cw_diagram_node *node = &diagram->nodes[i];
        bool root = i == cw_diagram_root(diagram);
        if (root ? node->var != CW_DIAGRAM_NO_VAR || node->branch_count > 1
                 : node->var >= diagram->var_count || node->branch_count == 0)
            return cw_diagram_damaged(err, "node");
        if (node->first_branch != branches)
            return cw_diagram_damaged(err, "order of branches");
        branches += node->branch_count;
    }
    return branches == diagram->branch_count ? CW_OK
                                             : cw_diagram_damaged(err, "number of branches");
}

/* Note where slices start (starts[first] = count); false: out of bounds, or the same start with
 * another length. */
static bool note_slice(uint32_t *starts, uint32_t element_count, uint32_t first, uint32_t count) {
    if (count == 0)
        return first == 0;
    if (first >= element_count || count > element_count - first ||
        (starts[first] != 0 && starts[first] != count))
        return false;
    starts[first] = count;
    return true;
}

static bool slices_overlap(const uint32_t *starts, uint32_t element_count) {
    uint32_t end = 0;
    for (uint32_t i = 0; i < element_count; i++) {
        if (starts[i] == 0)
            continue;
        if (i < end)
            return true;
        end = i + starts[i];
    }
    return false;
}

static bool note_slices(const struct cw_diagram *diagram, uint32_t *leaf_starts,
                        uint32_t *child_starts) {
    for (uint32_t i = 0; i < diagram->branch_count; i++) {
        const struct cw_diagram_branch *branch = &diagram->branches[i];
        if (!note_slice(leaf_starts, diagram->leaf_count, branch->first_leaf, branch->leaf_count) ||
            !note_slice(child_starts, diagram->child_count, branch->first_child,
                        branch->child_count))
            return false;
    }
    return !slices_overlap(leaf_starts, diagram->leaf_count) &&
           !slices_overlap(child_starts, diagram->child_count);
}

/* Leaves of a slice ascend by variable, children by node. */
static bool slices_ascend(const struct cw_diagram *diagram, const uint32_t *leaf_starts,
                          const uint32_t *child_starts) {
    for (uint32_t i = 0; i < diagram->leaf_count; i++)
        for (uint32_t n = 1; n < leaf_starts[i]; n++)
            if (diagram->leaves[i + n - 1].var >= diagram->leaves[i + n].var)
                return false;
    for (uint32_t i = 0; i < diagram->child_count; i++)
        for (uint32_t n = 1; n < child_starts[i]; n++)
            if (diagram->children[i + n - 1] >= diagram->children[i + n])
                return false;
    return true;
}

/* Number the slices of leaves, and turn branches into arms (without atoms). */
static enum cw_status make_arms(struct cw_diagram *diagram, uint32_t *leaf_starts,
                                struct cw_error *err) {
    uint32_t count = 1;
    for (uint32_t i = 0; i < diagram->leaf_count; i++)
        count += leaf_starts[i] != 0;
    diagram->slices = calloc(count, sizeof *diagram->slices);
    diagram->arms = calloc((size_t)diagram->branch_count + 1, sizeof *diagram->arms);
    diagram->first_arms = calloc((size_t)diagram->node_count + 1, sizeof *diagram->first_arms);
    if (!diagram->slices || !diagram->arms || !diagram->first_arms)
        return cw_diagram_no_memory(err);
    diagram->slice_count = 1;
    for (uint32_t i = 0; i < diagram->leaf_count; i++) {
        if (leaf_starts[i] == 0)
            continue;
        diagram->slices[diagram->slice_count] = (struct cw_diagram_slice){i, leaf_starts[i]};
        leaf_starts[i] = diagram->slice_count++;
    }
    for (uint32_t i = 0; i < diagram->branch_count; i++) {
        const struct cw_diagram_branch *branch = &diagram->branches[i];
        diagram->arms[i] = (struct cw_diagram_arm){
            .slice = branch->leaf_count > 0 ? leaf_starts[branch->first_leaf] : 0,
            .first_child = branch->first_child,
            .child_count = branch->child_count};
    }
    for (uint32_t i = 0; i < diagram->node_count; i++)
        diagram->first_arms[i + 1] =
            diagram->nodes[i].first_branch + diagram->nodes[i].branch_count;
    return CW_OK;
}

/* Children ascend within a slice: the last is the largest. */
static bool children_below(const struct cw_diagram *diagram) {
    for (uint32_t node = 0; node < diagram->node_count; node++)
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
            const struct cw_diagram_arm *arm = &diagram->arms[i];
            if (arm->child_count > 0 &&
                diagram->children[arm->first_child + arm->child_count - 1] >= node)
                return false;
        }
    return true;
}

static enum cw_status check_branches(struct cw_diagram *diagram, struct cw_error *err) {
    uint32_t *leaf_starts = calloc((size_t)diagram->leaf_count + 1, sizeof *leaf_starts);
    uint32_t *child_starts = calloc((size_t)diagram->child_count + 1, sizeof *child_starts);
    enum cw_status status = CW_OK;
    if (!leaf_starts || !child_starts)
        status = cw_diagram_no_memory(err);
    else if (!note_slices(diagram, leaf_starts, child_starts))
        status = cw_diagram_damaged(err, "slices");
    else if (!slices_ascend(diagram, leaf_starts, child_starts))
        status = cw_diagram_damaged(err, "order of leaves or children");
    else
        status = make_arms(diagram, leaf_starts, err);
    free(leaf_starts);
    free(child_starts);
    if (status == CW_OK && !children_below(diagram))
        status = cw_diagram_damaged(err, "child above its node");
    return status;
}

enum cw_status cw_diagram_check(struct cw_diagram *diagram, const void *data, size_t length,
                                struct cw_error *err) {
    diagram->head = data;
    enum cw_status status = check_head(diagram->head, length, err);
    if (status == CW_OK)
        status = read_sections(diagram, err);
    if (status == CW_OK)
        status = read_variables(diagram, err);
    if (status == CW_OK)
        status = check_weights(diagram, err);
    if (status == CW_OK)
        status = check_nodes(diagram, err);
    if (status == CW_OK)
        status = check_branches(diagram, err);
    return status;
}
