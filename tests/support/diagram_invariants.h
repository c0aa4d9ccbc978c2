/* What every diagram that opens must keep, however its file came about: answers agree with each
 * other. For fuzzing and damaged files, where no oracle knows the right answer. */
#pragma once

#include "configure/rules/diagram.h"

/* Asks everything with masks and costs made from the seed; aborts when two answers disagree. */
void cw_diagram_check_invariants(const struct cw_diagram *diagram, uint64_t seed);
