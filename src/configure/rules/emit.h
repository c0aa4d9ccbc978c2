/*
 * From what search found, in the problem's variables, to the diagram's parts, in the model's:
 * merged values are spread, followers put beside their leaders.
 */
#pragma once

#include "configure/rules/diagram_write.h"
#include "configure/rules/prepare.h"

struct cw_emitter {
    const struct cw_prepared *prepared;
    struct cw_account *account;
    struct cw_diagram_writer *writer;
    struct cw_diagram_leaf *leaves; /* a stack */
    size_t leaf_count, leaf_capacity;
    struct cw_u32_pool children; /* a stack */
    uint64_t *sets;              /* a stack of sets of branches */
    size_t set_count, set_capacity;
    uint64_t *scratch;     /* words of the largest variable */
    uint32_t *single_sets; /* per value: the writer's number of its set + 1 */
};

void cw_emitter_init(struct cw_emitter *emitter, const struct cw_prepared *prepared,
                     struct cw_account *account);
void cw_emitter_deinit(struct cw_emitter *emitter);

/* A variable of the model, free within the set: pushes its leaf and those of its followers, or the
 * node that decides them together. */
void cw_emit_free(struct cw_emitter *emitter, uint32_t var, const uint64_t *set);
/* The same for a variable of the problem. */
void cw_emit_leaf(struct cw_emitter *emitter, uint32_t var, const uint64_t *domain);
/* A branch on a variable of the problem: pushes its set and its followers' leaves; returns where
 * the set starts. */
size_t cw_emit_decision(struct cw_emitter *emitter, uint32_t var, const uint64_t *domain);
/* Leaves from here on in ascending order. */
void cw_emit_sort(struct cw_emitter *emitter, size_t first_leaf);
