/*
 * Responsible for reading the orientation out of EXIF. Does not turn pictures (import_turn.c) and
 * reads nothing else: neither place nor date of a photo. The importer process runs it, inside the
 * sandbox.
 */
#include "exif.h"

#include <stdbool.h>
#include <string.h>

#define ENTRY_BYTES     12
#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3

static uint32_t number(const uint8_t *at, int bytes, bool little) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[little ? bytes - 1 - i : i];
    return value;
}

int cw_exif_orientation(const uint8_t *data, size_t length) {
    if (length < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return 1;
    bool little = data[0] == 'I';
    size_t at = number(data + 4, 4, little);
    if (at > length - 2)
        return 1;
    uint32_t count = number(data + at, 2, little);
    at += 2;
    for (; count > 0 && length - at >= ENTRY_BYTES; count--, at += ENTRY_BYTES) {
        const uint8_t *entry = data + at;
        if (number(entry, 2, little) != TAG_ORIENTATION)
            continue;
        uint32_t value = number(entry + 8, 2, little);
        bool right = number(entry + 2, 2, little) == TYPE_SHORT && value >= 1 && value <= 8;
        return right ? (int)value : 1;
    }
    return 1;
}
