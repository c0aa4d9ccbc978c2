/* A picture as it lies in Redis: with a header that proves whose it is. Private to the Redis tier.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "preview/identity.h"

/*
 *  0  u32 magic "CWV1"   4  u16 version   6  u16 zero   8  identity[32]   40  u64 length
 * 48  mac[32]: BLAKE2b keyed, over bytes 0..47 and the data   80  data
 */
#define CW_REDIS_VALUE_HEADER_BYTES 80
#define CW_REDIS_MAC_KEY_BYTES      32

/* Append header and data. Never fails. */
void cw_redis_value_encode(const uint8_t key[CW_REDIS_MAC_KEY_BYTES],
                           const uint8_t identity[CW_IDENTITY_BYTES], struct cw_bytes data,
                           struct cw_buf *buf);

/* The data inside, or NULL when anything does not match: a foreign, cut, renamed or changed value.
 * The blob is the caller's; the data is copied. */
struct cw_blob *cw_redis_value_decode(const uint8_t key[CW_REDIS_MAC_KEY_BYTES],
                                      const uint8_t identity[CW_IDENTITY_BYTES],
                                      struct cw_bytes value);
