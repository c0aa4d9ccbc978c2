/* W3C Trace Context: which trace a request belongs to. Pure but for random numbers. */
#pragma once

#define CW_HTTP_TRACE 56 /* "00-<32 hex>-<16 hex>-<2 hex>" and its NUL */

/**
 * Our own traceparent for a request: the caller's trace and flags with a new parent id, or a new
 * trace when there is none to go on with.
 * @param received the field's value; NULL when absent, several joined with ", " (no trace then)
 * @param ret_own  always written
 * @units   none
 * @owner   nothing allocated
 * @errors  none: what is malformed, all zeros or of version ff is as if absent; of a higher version
 *          the first four parts count
 * @cost    O(1); any thread
 * @source  W3C Trace Context level 1, §3.2 and §4.3
 */
void cw_http_trace_continue(const char *received, char ret_own[CW_HTTP_TRACE]);
