/* Numbers for what single constraints and domains still say: between the files of the residual. */
#pragma once

#include "configure/rules/residual.h"

/* Equal numbers, equal domains. */
uint32_t cw_residual_domain(struct cw_residual *residual, uint32_t var);
/* Equal numbers, equal relations (given the domains of their variables). */
uint32_t cw_residual_content(struct cw_residual *residual, uint32_t constraint);
