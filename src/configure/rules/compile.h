/*
 * Compiling a model into a diagram, top down (Huang and Darwiche 2007; Koriche, Lagniez, Marquis,
 * Thomas 2015): propagate, split into components, look each up by its whole residual, branch.
 */
#pragma once

#include "configure/rules/model.h"

/* Whatever runs out first ends the attempt. Zero: no limit. */
struct cw_compile_budget {
    uint64_t wall_ms;
    uint64_t branches;     /* of the diagram */
    uint64_t bytes;        /* of the diagram */
    uint64_t memory_bytes; /* of everything the compiler holds */
};

enum cw_compile_outcome {
    CW_COMPILED,
    CW_COMPILE_OUT_OF_TIME,
    CW_COMPILE_OUT_OF_BRANCHES,
    CW_COMPILE_OUT_OF_BYTES,
    CW_COMPILE_OUT_OF_MEMORY
};

struct cw_compile_result {
    enum cw_compile_outcome outcome;
    struct cw_bytes artefact; /* COMPILED; in the arena, 8-byte aligned */
    uint64_t compile_ms;
    uint32_t node_count;
    uint64_t branch_count;
    uint32_t orders_tried;
    /* The hardest bag of the tree decomposition: variables that are mutually entangled. */
    uint32_t entangled_count;
    const uint32_t *entangled;
    double log2_width; /* of the product of its domain sizes; a lower bound if time was short */
};

/**
 * Compile. Several elimination orders are tried while the budget lasts; the smallest diagram wins.
 * The same model and budget give the same bytes, unless the wall budget itself ends an attempt.
 * @param model  borrowed
 * @param budget what it may use; an attempt that fails leaves nothing behind
 * @units   milliseconds of the monotonic clock, bytes
 * @owner   the result lives in `arena`
 * @errors  none expected: a model without a configuration compiles to a diagram without one;
 *          CW_E_NOMEM
 * @cost    the budget at most (looked at before every branch), after preparing, which is linear in
 *          the model and not timed; one thread, no I/O; search is not recursive, so any stack will
 * do
 * @source  docs/explanation/rule-engine.md; component caching on full residuals, Bacchus, Dalmao,
 *          Pitassi 2003
 */
enum cw_status cw_model_compile(const struct cw_model *model,
                                const struct cw_compile_budget *budget, struct cw_arena *arena,
                                struct cw_compile_result *ret, struct cw_error *err) CW_MUST_USE;
