/*
 * Responsible for: patterns, as close to ECMA-262's u mode as PCRE2 goes, with limits so that no
 * pattern can keep a thread busy. Does not: translate ECMA-only syntax; JIT is off because it knows
 * no heap limit. Runs in: every process that validates.
 */
#include "jsonschema/internal.h"

#include <string.h>

static void release_code(void *code) {
    pcre2_code_free(code);
}

enum cw_status cw_schema_regex_compile(struct cw_arena *arena, const char *pattern,
                                       pcre2_code **ret_code, struct cw_error *err) {
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    int number = 0;
    PCRE2_SIZE offset = 0;
    /* DOLLAR_ENDONLY: ECMA's $ does not match before a last line feed. */
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                      PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C,
                      &number, &offset, context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR text[120] = "";
        pcre2_get_error_message(number, text, sizeof text);
        return cw_fail(err, CW_E_INPUT, "schema.regex", "pattern '%.60s' fails at %zu: %s", pattern,
                       (size_t)offset, (const char *)text);
    }
    cw_arena_defer(arena, release_code, code);
    *ret_code = code;
    return CW_OK;
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
