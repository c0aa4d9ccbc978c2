/*
 * Responsible for: remembering which identity a preview address has.
 * Does not: hold pictures (preview step) or answer. Server process, loop thread.
 */
#include "api/preview_memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define SLOTS                                                                                      \
    4096 /* direct-mapped: a shop shows fewer addresses at a time; a clash costs one resolve */

struct slot {
    uint8_t
        address[32]; /* SHA-256 of path '?' query: an address of our own making cannot be forged */
    uint32_t generation; /* 0: empty */
    struct api_preview_known known;
};

struct api_preview_memo {
    struct slot slots[SLOTS];
};

struct api_preview_memo *api_preview_memo_new(void) {
    return calloc(1, sizeof(struct api_preview_memo));
}

void api_preview_memo_free(struct api_preview_memo *memo) {
    free(memo);
}

static size_t hash_address(const char *path, const char *query, uint8_t ret_address[32]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, path);
    cw_buf_putc(&buf, '?'); /* a path holds none, so no two addresses share one text */
    cw_buf_puts(&buf, query);
    cw_sha256(buf.data, buf.length, ret_address);
    return (size_t)(ret_address[0] | ret_address[1] << 8) % SLOTS;
}

bool api_preview_memo_find(const struct api_preview_memo *memo, const char *path, const char *query,
                           uint32_t generation, struct api_preview_known *ret_known) {
    uint8_t address[32];
    const struct slot *slot = &memo->slots[hash_address(path, query, address)];
    if (slot->generation != generation || generation == 0 ||
        memcmp(slot->address, address, sizeof address) != 0) {
        return false;
    }
    *ret_known = slot->known;
    return true;
}

void api_preview_memo_put(struct api_preview_memo *memo, const char *path, const char *query,
                          uint32_t generation, const struct api_preview_known *known) {
    uint8_t address[32];
    struct slot *slot = &memo->slots[hash_address(path, query, address)];
    memcpy(slot->address, address, sizeof address);
    slot->generation = generation;
    slot->known = *known;
}
