/*
 * Fuzz target: patterns of JSON Schema. Input: the pattern, a line end, a text. Properties: it
 * ends; what compiles is called valid; where a pattern has a table (quick_pattern.h) table and
 * PCRE2 say the same of the text.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "cordwain/limits.h"
#include "base/unicode.h"
#include "jsonschema/internal.h"
#include "jsonschema/quick_pattern.h"

static int match(const pcre2_code *code, const char *text, size_t length) {
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    assert(data && limits);
    pcre2_set_match_limit(limits, CW_SCHEMA_PATTERN_MATCHES);
    pcre2_set_heap_limit(limits, CW_SCHEMA_PATTERN_HEAP_KIB);
    int result = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, limits);
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    return result;
}

static void compare(const struct quick_pattern *table, const pcre2_code *code, const char *text,
                    size_t length) {
    int result = match(code, text, length);
    enum quick_match said = quick_pattern_match(table, text, length);
    if (said != QUICK_MATCH_ASK && (result >= 0 || result == PCRE2_ERROR_NOMATCH))
        assert((said == QUICK_MATCH_YES) == (result >= 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *feed = size ? memchr(data, '\n', size) : NULL;
    size_t length = feed ? (size_t)(feed - (const char *)data) : size;
    const char *pattern = cw_arena_strndup(arena, size ? (const char *)data : "", length);
    const char *text = feed ? feed + 1 : "";
    size_t left = feed ? size - length - 1 : 0;
    struct cw_error err = {0};
    pcre2_code *code = NULL;
    if (!cw_utf8_valid(pattern, strlen(pattern)) || !cw_utf8_valid(text, left))
        return 0;
    if (cw_schema_regex_compile(arena, pattern, &code, &err) != CW_OK) {
        assert(err.code && *err.message);
        return 0;
    }
    assert(cw_schema_regex_valid(pattern));
    const struct quick_pattern *table = cw_schema_quick_pattern(arena, pattern);
    if (table)
        compare(table, code, text, left);
    return 0;
}
