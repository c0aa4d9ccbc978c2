/* Inside resolving: references followed on facts, and the canonical form. */
#pragma once

#include "configure/configure.h"
#include "configure/facts.h"

/* The choice of a choice option in the facts; its default while the option is inactive. */
const struct cw_choice *cw_facts_choice(const struct cw_product *product,
                                        const struct cw_fact *facts, uint32_t option);

/* parts, layers and decals of `ret`. */
void cw_resolve_look(const struct cw_product *product, const struct cw_fact *facts,
                     const struct cw_configure_context *context, struct cw_arena *arena,
                     struct cw_resolved *ret);

/* The manufacturing lists of `ret`. */
void cw_resolve_make(const struct cw_product *product, const struct cw_fact *facts,
                     struct cw_arena *arena, struct cw_resolved *ret);

/* canonical, canonical_length and digest of `ret`, from all its other members. */
void cw_resolve_seal(struct cw_arena *arena, struct cw_resolved *ret);

/* Every rule, activeIf, onlyIf, availability and required option, straight from the product. */
struct cw_issues;
void cw_check_facts(struct cw_issues *issues, const struct cw_fact *facts,
                    const struct cw_configure_context *context);

/* Nothing at all is broken: the rules above, how many a set has, required texts. */
bool cw_check_valid(const struct cw_product *product, const struct cw_fact *facts,
                    const struct cw_configure_context *context);

bool cw_rule_involves(const struct cw_rule *rule, uint32_t option);
