/* Example texts for options that take one. */
#pragma once

#include "configure/configure.h"

/**
 * A text the option takes: of its scripts, no longer than it may be, of its form.
 * @param random  drawn from, and moved on; equal states give equal texts
 * @param ret     never empty; in the arena
 * @units   none
 * @owner   arena
 * @errors  false when none was found: a pattern few texts have
 * @cost    up to 20,000 matches of the option's pattern
 * @source  partial matching of PCRE2: a beginning is kept while some text begins like it
 */
bool cw_sample_text(const struct cw_product *product, uint32_t option, uint64_t *random,
                    struct cw_arena *arena, const char **ret);
