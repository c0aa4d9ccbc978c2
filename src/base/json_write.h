/* Writing JSON straight into a buffer: commas and escapes are taken care of, nesting is the
 * caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* Zero-initialise `buf`'s owner as usual; `comma` is private. */
struct cw_json_writer {
    struct cw_buf *buf;
    bool comma; /* a value stands before us on this level */
};

/* name NULL inside arrays and for the root. None of these can fail. */
void cw_jw_begin(struct cw_json_writer *w, const char *name, char bracket /* '{' or '[' */);
void cw_jw_end(struct cw_json_writer *w, char bracket /* '}' or ']' */);
void cw_jw_str(struct cw_json_writer *w, const char *name,
               const char *value); /* NULL value: null */
void cw_jw_int(struct cw_json_writer *w, const char *name, int64_t value);
void cw_jw_bool(struct cw_json_writer *w, const char *name, bool value);
/* `json` is a JSON text of our own making, copied as it is. */
void cw_jw_raw(struct cw_json_writer *w, const char *name, const char *json);
