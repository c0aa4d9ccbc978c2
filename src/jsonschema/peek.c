/*
 * Responsible for: whether jansson's members and strings may be read where they stand (peek.h).
 * Does not: read them. Runs in: every process, when a schema is compiled.
 */
#include "jsonschema/peek.h"

#include <string.h>

#include "base/json.h"

/* Names and texts of different lengths, longer than what a short form could hold in place. */
static const char *const samples[] = {"", "a", "name", "twenty characters ..",
                                      "a text of 33 characters, as it is"};

static bool check_string(const json_t *value) {
    return peek_text(true, value) == json_string_value(value) &&
           peek_length(true, value) == json_string_length(value);
}

static bool check_member(void *at) {
    const char *name = json_object_iter_key(at);
    return (const char *)at < name &&
           (size_t)(name - (const char *)at) == offsetof(struct peek_member, name) &&
           peek_name_length(true, at) == json_object_iter_key_len(at) &&
           peek_value(true, at) == json_object_iter_value(at);
}

/* Versions that nobody has looked at are not even tried: their structs may be smaller. */
bool cw_schema_peek_check(void) {
    CW_AUTO_JSON json_t *object = json_object();
    bool same = jansson_version_cmp(2, 14, 0) >= 0 && jansson_version_cmp(2, 15, 0) < 0;
    for (size_t i = 0; same && i < sizeof samples / sizeof *samples; i++)
        same = json_object_set_new(object, samples[i], json_string(samples[i])) == 0;
    for (void *at = json_object_iter(object); same && at; at = json_object_iter_next(object, at))
        same = check_member(at) && check_string(json_object_iter_value(at));
    return same;
}
