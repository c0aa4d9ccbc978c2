/* Prices of facts, inside the configure step: cw_price is what others ask. */
#pragma once

#include "configure/configure.h"
#include "configure/facts.h"

/* A required text nobody has typed yet is priced: it will have to be. */
void cw_price_facts(const struct cw_product *product, const struct cw_fact *facts,
                    const struct cw_configure_context *context, struct cw_arena *arena,
                    struct cw_price *ret);
int64_t cw_price_total(const struct cw_product *product, const struct cw_fact *facts,
                       uint32_t quantity);
/* The unit price as plain sum, as compiled costs add it up. */
int64_t cw_price_sum(const struct cw_product *product, const struct cw_fact *facts);
/* The total of a unit price: never below 0, quantity break, times the quantity. */
int64_t cw_price_of_unit(const struct cw_product *product, int64_t unit_minor, uint32_t quantity);
