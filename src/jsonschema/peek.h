/*
 * Members and strings of jansson read where they stand. Inside this folder only.
 *
 * Why: the accessors are functions of a shared library, three calls for a member and two for a
 * string; they took more than half of the time of the quick form. The structs below are how
 * jansson 2.14 lays them out, which its headers do not promise: cw_schema_peek_check
 * compares them with what the accessors say, and where it says no the accessors are called.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct peek_member { /* what an iterator points to */
    void *previous, *next;
    size_t hash;
    json_t *value;
    size_t length;
    char name[];
};

struct peek_string {
    json_t json;
    char *text;
    size_t length;
};

/* Does the jansson that runs lay them out so? Asked once for each schema. */
bool cw_schema_peek_check(void);

static inline const char *peek_name(bool peeks, void *at) {
    return peeks ? ((struct peek_member *)at)->name : json_object_iter_key(at);
}

static inline size_t peek_name_length(bool peeks, void *at) {
    return peeks ? ((struct peek_member *)at)->length : json_object_iter_key_len(at);
}

static inline const json_t *peek_value(bool peeks, void *at) {
    return peeks ? ((struct peek_member *)at)->value : json_object_iter_value(at);
}

/* `value` is a string, in these two. */
static inline const char *peek_text(bool peeks, const json_t *value) {
    return peeks ? ((const struct peek_string *)(const void *)value)->text
                 : json_string_value(value);
}

static inline size_t peek_length(bool peeks, const json_t *value) {
    return peeks ? ((const struct peek_string *)(const void *)value)->length
                 : json_string_length(value);
}
