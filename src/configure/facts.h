/* A complete configuration as plain facts, and the rules read straight from the product. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "cordwain/limits.h"
#include "cordwain/product.h"
#include "cordwain/selection.h"

struct cw_fact {
    bool active;
    bool present;          /* TEXT: something is or will be written */
    struct cw_value value; /* TEXT: "" while nobody has typed it */
};

/* One fact per option. An option outside the selection is inactive; a text outside it is empty and
 * active when its activeIf says so. */
struct cw_fact *cw_facts_new(const struct cw_product *product, const struct cw_selection *selection,
                             struct cw_arena *arena);

/* The selection of all active options; empty texts are left out. */
void cw_facts_selection(const struct cw_product *product, const struct cw_fact *facts,
                        struct cw_arena *arena, struct cw_selection *ret);

/* NULL is true. */
bool cw_facts_hold(const struct cw_product *product, const struct cw_fact *facts,
                   const struct cw_cond *cond);
bool cw_facts_keep(const struct cw_product *product, const struct cw_fact *facts,
                   const struct cw_rule *rule);

/* Whether a derived option has the choice of a row that fits; true for any other option. */
bool cw_facts_derive(const struct cw_product *product, const struct cw_fact *facts,
                     uint32_t option);

/* Attribute of a choice, or of a flag or number option; 0 when it has none. */
int64_t cw_choice_attribute(const struct cw_choice *choice, const char *name);
int64_t cw_option_attribute(const struct cw_option *option, const char *name);

/* A choice of `option` that is picked in `fact`: the flag's or the choice's bit, the multi's bits.
 */
bool cw_fact_has(const struct cw_option *option, const struct cw_fact *fact, uint32_t choice);
