/*
 * Responsible for: the envelope of a cached picture. Whoever can write to Redis must not be able to
 * make us serve their bytes, so the MAC covers data, length and name with a key Redis never sees.
 * Does not: talk to Redis.
 * Runs in: the server (preview loop).
 */
#include "preview/redis_value.h"

#include <sodium.h>
#include <string.h>

#include "base/wire.h"
#include "cordwain/limits.h"

#define VALUE_MAGIC   0x31565743u /* "CWV1" */
#define VALUE_VERSION 1
#define HEAD_BYTES    48
#define MAC_BYTES     (CW_REDIS_VALUE_HEADER_BYTES - HEAD_BYTES)

static void compute_mac(const uint8_t *key, const void *head, struct cw_bytes data,
                        uint8_t ret_mac[MAC_BYTES]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, CW_REDIS_MAC_KEY_BYTES, MAC_BYTES);
    crypto_generichash_update(&state, head, HEAD_BYTES);
    crypto_generichash_update(&state, data.data, data.length);
    crypto_generichash_final(&state, ret_mac, MAC_BYTES);
}

void cw_redis_value_encode(const uint8_t key[CW_REDIS_MAC_KEY_BYTES],
                           const uint8_t identity[CW_IDENTITY_BYTES], struct cw_bytes data,
                           struct cw_buf *buf) {
    uint8_t mac[MAC_BYTES];
    size_t start = buf->length;
    cw_wire_put_u32(buf, VALUE_MAGIC);
    cw_wire_put_u16(buf, VALUE_VERSION);
    cw_wire_put_u16(buf, 0);
    cw_buf_add(buf, identity, CW_IDENTITY_BYTES);
    cw_wire_put_u64(buf, data.length);
    compute_mac(key, buf->data + start, data, mac);
    cw_buf_add(buf, mac, sizeof mac);
    cw_buf_add(buf, data.data, data.length);
}

struct cw_blob *cw_redis_value_decode(const uint8_t key[CW_REDIS_MAC_KEY_BYTES],
                                      const uint8_t identity[CW_IDENTITY_BYTES],
                                      struct cw_bytes value) {
    if (value.length <= CW_REDIS_VALUE_HEADER_BYTES ||
        value.length > CW_REDIS_VALUE_HEADER_BYTES + (size_t)CW_RENDER_IMAGE_BYTES)
        return NULL;
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, value.data, HEAD_BYTES);
    struct cw_bytes data = {.data = value.data + CW_REDIS_VALUE_HEADER_BYTES,
                            .length = value.length - CW_REDIS_VALUE_HEADER_BYTES};
    if (cw_wire_get_u32(&reader) != VALUE_MAGIC || cw_wire_get_u16(&reader) != VALUE_VERSION ||
        cw_wire_get_u16(&reader) != 0 || memcmp(reader.at, identity, CW_IDENTITY_BYTES) != 0)
        return NULL;
    reader.at += CW_IDENTITY_BYTES;
    if (cw_wire_get_u64(&reader) != data.length)
        return NULL;
    uint8_t mac[MAC_BYTES];
    compute_mac(key, value.data, data, mac);
    if (sodium_memcmp(mac, value.data + HEAD_BYTES, MAC_BYTES) != 0)
        return NULL;
    return cw_blob_new(data.data, data.length);
}
