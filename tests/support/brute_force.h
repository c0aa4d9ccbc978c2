/*
 * Every configuration of a small product, found by trying all facts against the rules as the
 * document says them: what the rule engine is measured against. Shares no code with it but
 * configure/facts.h.
 */
#pragma once

#include "configure/configure.h"
#include "configure/facts.h"

/* How many values an option has, apart from being inactive; and the n-th of them as a fact. */
uint32_t cw_brute_values(const struct cw_option *option);
struct cw_fact cw_brute_value(const struct cw_option *option, uint32_t n);

/* Keeps every rule (warnings apart), activeIf, onlyIf, required, derive, the bounds of multis, and
 * what the context takes away. */
bool cw_brute_valid(const struct cw_product *product, const struct cw_configure_context *context,
                    const struct cw_fact *facts);

/* Calls `visit` with every combination of values and inactive, valid or not. */
struct cw_brute_visitor {
    void (*visit)(void *state, const struct cw_fact *facts);
    void *state;
};
void cw_brute_all(const struct cw_product *product, const struct cw_brute_visitor *visitor);

/* Base price and the prices of everything chosen and of price rules that hold. */
int64_t cw_brute_price(const struct cw_product *product, const struct cw_fact *facts);

/* Base days and the lead days of everything chosen. */
int32_t cw_brute_days(const struct cw_product *product, const struct cw_fact *facts);

/* Does the fact have what was picked? What fixes nothing is always kept. */
bool cw_brute_keeps(const struct cw_option *option, const struct cw_fact *fact,
                    const struct cw_value *value);
