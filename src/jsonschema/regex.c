/*
 * Responsible for: patterns, as close to ECMA-262's u mode as PCRE2 goes, with limits so that no
 * pattern can keep a thread busy. Does not: translate (regex_ecma.c); JIT is off because it knows
 * no heap limit. Runs in: every process that validates.
 */
#include "jsonschema/internal.h"

#include <string.h>

static void release_code(void *code) {
    pcre2_code_free(code);
}

/* DOLLAR_ENDONLY: ECMA's $ does not match before a last line feed. MATCH_UNSET_BACKREF: a group
 * that took no part matches the empty text. */
#define OPTIONS                                                                                    \
    (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |      \
     PCRE2_NEVER_BACKSLASH_C)

/* NULL: refused. *ret_number is PCRE2's reason, 0 when `complaint` (static) tells. */
static pcre2_code *compile(const char *pattern, const char **ret_complaint, size_t *ret_place,
                           int *ret_number) {
    CW_AUTO_BUF struct cw_buf text = {0};
    *ret_number = 0;
    *ret_complaint = cw_schema_regex_translate(pattern, &text, ret_place);
    if (*ret_complaint)
        return NULL;
    PCRE2_SIZE offset = 0; /* in our translation: of no use to the author */
    return pcre2_compile((PCRE2_SPTR)(text.data ? text.data : ""), text.length, OPTIONS, ret_number,
                         &offset, NULL);
}

enum cw_status cw_schema_regex_compile(struct cw_arena *arena, const char *pattern,
                                       pcre2_code **ret_code, struct cw_error *err) {
    const char *complaint;
    size_t place = 0;
    int number;
    pcre2_code *code = compile(pattern, &complaint, &place, &number);
    if (complaint)
        return cw_fail(err, CW_E_INPUT, "schema.regex", "pattern '%.60s' fails at %zu: %s", pattern,
                       place, complaint);
    if (!code) {
        PCRE2_UCHAR reason[120] = "";
        pcre2_get_error_message(number, reason, sizeof reason);
        return cw_fail(err, CW_E_INPUT, "schema.regex", "pattern '%.60s' fails: %s", pattern,
                       (const char *)reason);
    }
    cw_arena_defer(arena, release_code, code);
    *ret_code = code;
    return CW_OK;
}

bool cw_schema_regex_valid(const char *pattern) {
    const char *complaint;
    size_t place = 0;
    int number;
    pcre2_code *code = compile(pattern, &complaint, &place, &number);
    bool valid = code || number == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH;
    pcre2_code_free(code);
    return valid && !complaint;
}

bool cw_schema_run_match(struct run *run, const pcre2_code *code, const char *text, size_t length) {
    if (!cw_schema_run_step(run, 1 + length / 16))
        return true;
    int result = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, run->match_data,
                             run->schema->match_context);
    if (result >= 0)
        return true;
    if (result != PCRE2_ERROR_NOMATCH)
        run->exhausted = true;
    return false;
}
