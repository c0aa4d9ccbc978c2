/*
 * Reads and continues a traceparent field. Does not keep tracestate nor send spans anywhere. Runs
 * in the server.
 */
#include "http/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/pooled.h"

/* Where the parts of "00-trace-parent-flags" stand. */
enum { AT_TRACE = 3, TRACE_DIGITS = 32, AT_PARENT = 36, PARENT_DIGITS = 16, AT_FLAGS = 53 };
#define WHOLE 55

static bool all_hex(const char *text, size_t count) {
    return strspn(text, "0123456789abcdef") >= count;
}

static bool all_zero(const char *text, size_t count) {
    return strspn(text, "0") >= count;
}

static bool usable(const char *text) {
    size_t length = text != NULL ? strlen(text) : 0;
    if (length < WHOLE || !all_hex(text, 2) || strncmp(text, "ff", 2) == 0)
        return false;
    bool ours = strncmp(text, "00", 2) == 0;
    if (ours ? length != WHOLE : length > WHOLE && text[WHOLE] != '-')
        return false;
    return text[2] == '-' && text[AT_PARENT - 1] == '-' && text[AT_FLAGS - 1] == '-' &&
           all_hex(text + AT_TRACE, TRACE_DIGITS) && !all_zero(text + AT_TRACE, TRACE_DIGITS) &&
           all_hex(text + AT_PARENT, PARENT_DIGITS) && !all_zero(text + AT_PARENT, PARENT_DIGITS) &&
           all_hex(text + AT_FLAGS, 2);
}

void cw_http_trace_continue(const char *received, char ret_own[CW_HTTP_TRACE]) {
    uint8_t random[(TRACE_DIGITS + PARENT_DIGITS) / 2];
    char digits[2 * sizeof random + 1];
    cw_random_pooled(random, sizeof random);
    random[0] |= 1; /* neither id may be all zeros */
    random[TRACE_DIGITS / 2] |= 1;
    cw_hex(random, sizeof random, digits);
    bool known = usable(received);
    /* Of the flags only "sampled" is defined; a new trace is not sampled by us. */
    bool sampled = known && strchr("13579bdf", received[AT_FLAGS + 1]) != NULL;
    memcpy(ret_own, "00-................................-................-00", CW_HTTP_TRACE);
    memcpy(ret_own + AT_TRACE, known ? received + AT_TRACE : digits, TRACE_DIGITS);
    memcpy(ret_own + AT_PARENT, digits + TRACE_DIGITS, PARENT_DIGITS);
    ret_own[AT_FLAGS + 1] = sampled ? '1' : '0';
}
