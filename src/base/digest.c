/*
 * Responsible for: SHA-256, BLAKE2b, hex, base64url, random identifiers; the one file that uses
 * libsodium in base. Does not: sign (src/manufacturing) or keep keys. Any process, any thread.
 */
#include "base/digest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/pooled.h"

void cw_sha256(const void *data, size_t length, uint8_t ret_hash[32]) {
    crypto_hash_sha256(ret_hash, data, length);
}

void cw_sha256_pieces(const struct cw_bytes *pieces, size_t count, uint8_t ret_hash[32]) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++)
        crypto_hash_sha256_update(&state, pieces[i].data, pieces[i].length);
    crypto_hash_sha256_final(&state, ret_hash);
}

void cw_blake2_pieces(const struct cw_bytes *pieces, size_t count, uint8_t ret_hash[32]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, pieces[i].data, pieces[i].length);
    crypto_generichash_final(&state, ret_hash, 32);
}

int cw_hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void cw_hex(const uint8_t *data, size_t length, char *ret_text) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        ret_text[2 * i] = digits[data[i] >> 4];
        ret_text[2 * i + 1] = digits[data[i] & 15];
    }
    ret_text[2 * length] = '\0';
}

void cw_digest_format(const uint8_t hash[32], char ret_text[CW_DIGEST_TEXT]) {
    memcpy(ret_text, "sha-256:", 8);
    cw_hex(hash, 32, ret_text + 8);
}

void cw_digest_text(const void *data, size_t length, char ret_text[CW_DIGEST_TEXT]) {
    uint8_t hash[32];
    cw_sha256(data, length, hash);
    cw_digest_format(hash, ret_text);
}

void cw_base64(const void *data, size_t length, struct cw_buf *ret_text) {
    size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL); /* with NUL */
    cw_buf_reserve(ret_text, size);
    sodium_bin2base64(ret_text->data + ret_text->length, size, data, length,
                      sodium_base64_VARIANT_ORIGINAL);
    ret_text->length += size - 1;
}

size_t cw_base64url_size(size_t length) {
    return sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void cw_base64url(const void *data, size_t length, char *ret_text) {
    sodium_bin2base64(ret_text, cw_base64url_size(length), data, length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum cw_status cw_base64url_decode(const char *text, size_t length, uint8_t *ret_data,
                                   size_t capacity, size_t *ret_length, struct cw_error *err) {
    const char *end = NULL;
    size_t decoded = 0;
    if (sodium_base642bin(ret_data, capacity, text, length, NULL, &decoded, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text + length) {
        return cw_fail(err, CW_E_INPUT, "encoding.base64url", "not canonical base64url");
    }
    *ret_length = decoded;
    return CW_OK;
}

void cw_random(void *ret_data, size_t length) {
    if (sodium_init() < 0) {
        abort(); /* no source of randomness: identifiers would be guessable */
    }
    randombytes_buf(ret_data, length);
}

void cw_ulid(int64_t now_ms, char ret_text[CW_ULID_TEXT]) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t random[10];
    cw_random_pooled(random, sizeof random);
    for (int i = 9; i >= 0; i--) {
        ret_text[i] = alphabet[now_ms & 31];
        now_ms >>= 5;
    }
    for (int half = 0; half < 2; half++) {
        uint64_t bits = 0;
        for (int i = 0; i < 5; i++) {
            bits = bits << 8 | random[half * 5 + i];
        }
        for (int i = 7; i >= 0; i--) {
            ret_text[10 + half * 8 + i] = alphabet[bits & 31];
            bits >>= 5;
        }
    }
    ret_text[26] = '\0';
}

void cw_proquint(char ret_text[CW_PROQUINT_TEXT]) {
    static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
    uint8_t random[10];
    cw_random(random, sizeof random);
    char *out = ret_text;
    for (int i = 0; i < 5; i++) {
        unsigned word = (unsigned)random[2 * i] << 8 | random[2 * i + 1];
        if (i > 0) {
            *out++ = '-';
        }
        *out++ = consonants[word >> 12 & 15];
        *out++ = vowels[word >> 10 & 3];
        *out++ = consonants[word >> 6 & 15];
        *out++ = vowels[word >> 4 & 3];
        *out++ = consonants[word & 15];
    }
    *out = '\0';
}
