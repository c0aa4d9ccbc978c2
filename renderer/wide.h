/*
 * Loops for processors with AVX-512 and its byte permutations (x86-64-v4 and VBMI: Intel since Ice
 * Lake, AMD since Zen 4). They make the same bytes as the loops all processors can run, which is
 * what they are tested against.
 */
#pragma once

#include <stdbool.h>

/* May they be used? False until cw_wide_init has found that this processor has what they need. */
extern bool cw_wide;

/**
 * Make the tables, from cw_srgb_byte.
 * @param wanted false: the loops of all processors, for tests
 * @units   none
 * @owner   static
 * @errors  none
 * @cost    0.3 ms; once at start, after cw_srgb_init, before any thread
 * @source  none
 */
void cw_wide_init(bool wanted);
