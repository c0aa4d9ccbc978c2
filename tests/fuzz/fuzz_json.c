/*
 * Fuzz target: JSON reading and canonical writing.
 * Properties: what was read can be written, read again, and is written the same (RFC 8785 is a
 * fixed point).
 */
#include "fuzz.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "cordwain/limits.h"

/* RFC 8785 numbers are doubles (I-JSON): beyond 2^53 they are written as integers that no int64 may
 * hold. */
static bool beyond_ijson(const json_t *value) {
    if (json_is_number(value))
        return fabs(json_number_value(value)) > 9007199254740991.0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (beyond_ijson(json_array_get(value, i)))
            return true;
    }
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, name, member) {
        if (beyond_ijson(member))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf once = {0};
    CW_AUTO_BUF struct cw_buf twice = {0};
    json_t *value, *again;
    const char *text = (const char *)data;
    if (cw_json_read(arena, text, size, CW_JSON_BYTES, &value, NULL) != CW_OK)
        return 0;
    size_t line, column;
    cw_json_locate(text, size, "/a/0/b", &line, &column);
    assert(line >= 1 && column >= 1);
    if (beyond_ijson(value))
        return 0;
    cw_json_canonical(value, &once);
    /* six bytes for an escape of one: the written form may be longer than the limit for reading */
    enum cw_status status = cw_json_read(arena, once.data, once.length, SIZE_MAX, &again, NULL);
    assert(status == CW_OK);
    cw_json_canonical(again, &twice);
    assert(once.length == twice.length && memcmp(once.data, twice.data, once.length) == 0);
    return 0;
}
