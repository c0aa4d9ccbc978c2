/*
 * Everything that is done to a model before search, and the way back: which of the model's
 * variables are decided at once, which follow another, and what the compact problem's values stand
 * for.
 */
#pragma once

#include "configure/rules/problem.h"

struct cw_follower {
    uint32_t var;
    uint64_t *sets[2]; /* its value when the leader has the smaller, the larger of its two values */
    struct cw_follower *next; /* ascending variables */
};

struct cw_prepared {
    const struct cw_model *model;
    bool impossible; /* no configuration; nothing else is set */
    const struct cw_problem *problem;
    struct cw_draft_origin origin; /* of the problem's variables and values in the model */
    /* per variable of the model: */
    uint64_t *domains; /* what is left */
    bool *searched;    /* the problem has it */
    uint32_t *leaders; /* itself, or what it follows */
    uint32_t *smaller; /* of a leader: the smaller of the two values it was joined by */
    struct cw_follower **followers; /* of a leader */
};

struct cw_prepared *cw_prepare(const struct cw_model *model, struct cw_arena *arena);
