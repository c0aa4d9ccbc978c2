/* JSON: strict reading with positions, canonical writing (RFC 8785), pointers (RFC 6901). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"

/*
 * Read one JSON text: UTF-8 without BOM, no duplicate names, depth ≤ CW_JSON_DEPTH, nothing after
 * it.
 * @param ret_value owned by the arena (deferred json_decref)
 * @errors CW_E_INPUT "json.syntax" | "json.duplicate" | "json.depth" | "json.encoding" (message has
 * line and column); CW_E_LIMIT "json.too_large" above max_bytes
 */
enum cw_status cw_json_read(struct cw_arena *arena, const char *text, size_t length,
                            size_t max_bytes, json_t **ret_value, struct cw_error *err) CW_MUST_USE;

/* RFC 8785 form appended to buf. Numbers must be finite. */
void cw_json_canonical(const json_t *value, struct cw_buf *buf);

/* Canonical text of a value in the arena. */
char *cw_json_canonical_dup(struct cw_arena *arena, const json_t *value);

/* pointer + "/" + escaped name; pointer + "/" + index. In the arena. */
char *cw_json_pointer(struct cw_arena *arena, const char *base, const char *name);
char *cw_json_pointer_index(struct cw_arena *arena, const char *base, size_t index);

/*
 * The next reference token of a pointer, unescaped into token[capacity] (longer ones are cut), the
 * pointer moved behind it; false at the end.
 */
bool cw_json_pointer_next(const char **pointer, char *token, size_t capacity);

/* The value at a JSON Pointer, or NULL. Borrowed. */
const json_t *cw_json_at(const json_t *root, const char *pointer);

/*
 * Line and column (both from 1, column in bytes) where the value at `pointer` starts in `text`; for
 * a member, its name. Falls back to the nearest existing parent. The text must be valid JSON.
 */
void cw_json_locate(const char *text, size_t length, const char *pointer, size_t *ret_line,
                    size_t *ret_column);

/* An instant as a JSON string, RFC 3339 in UTC. The caller's reference. */
json_t *cw_json_time(int64_t ms);

/* Deferred json_decref for cw_arena_defer. */
void cw_json_release(void *value);
static inline void cw_json_decrefp(json_t **value) {
    json_decref(*value);
}
#define CW_AUTO_JSON __attribute__((cleanup(cw_json_decrefp)))
