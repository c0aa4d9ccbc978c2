/* SHA-256, BLAKE2b, hex, base64url, random and time-ordered identifiers (libsodium). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define CW_DIGEST_TEXT 80 /* "sha-256:" + 64 hex + NUL, rounded up */

void cw_sha256(const void *data, size_t length, uint8_t ret_hash[32]);
/* Of all pieces one after the other. */
void cw_sha256_pieces(const struct cw_bytes *pieces, size_t count, uint8_t ret_hash[32]);

/* BLAKE2b of all pieces one after the other: as hard to forge as SHA-256 and several times faster
 * without its instructions. For keys that never leave the process. */
void cw_blake2_pieces(const struct cw_bytes *pieces, size_t count, uint8_t ret_hash[32]);

/* "sha-256:<64 hex>" */
void cw_digest_text(const void *data, size_t length, char ret_text[CW_DIGEST_TEXT]);
void cw_digest_format(const uint8_t hash[32], char ret_text[CW_DIGEST_TEXT]);

void cw_hex(const uint8_t *data, size_t length, char *ret_text); /* 2 * length + 1 bytes */
int cw_hex_digit(char c);                                        /* 0 to 15, -1 when it is none */
/* base64 with padding, appended. */
void cw_base64(const void *data, size_t length, struct cw_buf *ret_text);
/* base64url without padding; ret_text needs cw_base64url_size(length) bytes. */
size_t cw_base64url_size(size_t length);
void cw_base64url(const void *data, size_t length, char *ret_text);
/* Decode; CW_E_INPUT "encoding.base64url" on anything but canonical base64url. */
enum cw_status cw_base64url_decode(const char *text, size_t length, uint8_t *ret_data,
                                   size_t capacity, size_t *ret_length,
                                   struct cw_error *err) CW_MUST_USE;

void cw_random(void *ret_data, size_t length);

/* 26 characters of Crockford base 32: 48 bits of ms since 1970, 80 random bits (the ULID layout).
 */
#define CW_ULID_TEXT 27
void cw_ulid(int64_t now_ms, char ret_text[CW_ULID_TEXT]);

/* Five pronounceable five-letter words, 80 random bits: "lusab-babad-gutih-tugad-mudof"
 * (Wilkerson 2009, proquints). */
#define CW_PROQUINT_TEXT 30
void cw_proquint(char ret_text[CW_PROQUINT_TEXT]);
