/* Diagrams for tests, made without the compiler, and a judge of them that reads the file by its
 * documented layout and shares nothing with the queries. */
#pragma once

#include "configure/rules/diagram_write.h"
#include "random_product.h" /* cw_random_below */

/* Variables for a random diagram: at most `combinations` assignments; now and then a variable of
 * more than 64 values; half of the models have multiplicities above 1,
 * some of them of 50 bits. */
struct cw_model *cw_random_variables(struct cw_arena *arena, struct cw_random *random,
                                     uint32_t combinations);

/* Append the diagram of exactly these configurations: `count` lines of a value per variable. */
void cw_make_listed_diagram(const struct cw_model *model, const uint32_t *lines, size_t count,
                            struct cw_buf *buf);

/* Append a random one with shared nodes, leaves and several children per branch. */
void cw_make_random_diagram(const struct cw_model *model, struct cw_random *random,
                            struct cw_buf *buf);

/* Is a complete assignment a configuration of the diagram? */
bool cw_diagram_accepts(const void *file, const uint32_t *values);

/* Write the right length and digest into a file of at least a header, so that damage behind them is
 * reached. */
void cw_diagram_seal(void *file, size_t length);
