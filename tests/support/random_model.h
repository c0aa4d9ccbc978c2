/* Small random constraint models with every kind of constraint, for tests against brute force. */
#pragma once

#include "configure/rules/model.h"
#include "random_product.h" /* cw_random_below */

#define CW_RANDOM_COMBINATIONS 4000

/* The same seed gives the same model; everything in the arena. At most CW_RANDOM_COMBINATIONS
 * assignments; domains of 1 to 9 values and now and then one of more than 64; about one model in
 * four has no configuration. */
struct cw_model *cw_random_model(struct cw_arena *arena, uint64_t seed);

/* A random mask over its variables: most values stay, some variables keep one, few keep none. */
uint64_t *cw_random_mask(const struct cw_model *model, struct cw_arena *arena,
                         struct cw_random *random);

/* The next assignment in counting order (variable 0 fastest); false after the last. Start with all
 * zeros. */
bool cw_next_assignment(const struct cw_model *model, uint32_t *values);

/* Does it keep every constraint, and lie within `allowed` (NULL: anything)? */
bool cw_assignment_holds(const struct cw_model *model, const uint64_t *allowed,
                         const uint32_t *values);
