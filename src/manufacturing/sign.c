/*
 * Responsible for: the signing key file, detached JWS signatures, offline verification.
 * Does not: know what a spec holds beyond "integrity". Server and command line; any thread once
 * open.
 */
#include "manufacturing/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

struct cw_signing_key {
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    char x[44]; /* base64url of the public key */
    char id[44];
};

/* RFC 7638: SHA-256 over the required members in order; RFC 8037 appendix A.3 for OKP keys. */
static void thumbprint(const char *x, char ret_id[44]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    uint8_t hash[32];
    cw_buf_printf(&buf, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    cw_sha256(buf.data, buf.length, hash);
    cw_base64url(hash, sizeof hash, ret_id);
}

static struct cw_signing_key *key_from_seed(const unsigned char seed[crypto_sign_SEEDBYTES]) {
    struct cw_signing_key *key = calloc(1, sizeof *key);
    if (key) {
        crypto_sign_seed_keypair(key->public, key->secret, seed);
        cw_base64url(key->public, sizeof key->public, key->x);
        thumbprint(key->x, key->id);
    }
    return key;
}

static enum cw_status make_key(const char *path, struct cw_signing_key **ret_key,
                               struct cw_error *err) {
    unsigned char seed[crypto_sign_SEEDBYTES];
    char d[64];
    cw_random(seed, sizeof seed);
    struct cw_signing_key *key = key_from_seed(seed);
    if (!key) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    cw_base64url(seed, sizeof seed, d);
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&buf, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"d\":\"%s\"}\n", key->x,
                  d);
    enum cw_status status = cw_file_write_atomic(path, buf.data, buf.length, 0600, err);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(d, sizeof d);
    sodium_memzero(buf.data, buf.length);
    if (status != CW_OK) {
        cw_signing_key_free(key);
        return status;
    }
    *ret_key = key;
    return CW_OK;
}

static enum cw_status read_key(const char *path, struct cw_signing_key **ret_key,
                               struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *text;
    size_t length, seed_length = 0;
    json_t *jwk;
    unsigned char seed[crypto_sign_SEEDBYTES];
    enum cw_status status = cw_file_read(arena, path, 4096, &text, &length, err);
    if (status == CW_OK) {
        status = cw_json_read(arena, text, length, 4096, &jwk, err);
    }
    if (status != CW_OK) {
        return status;
    }
    const char *d = json_string_value(json_object_get(jwk, "d"));
    if (!d || cw_base64url_decode(d, strlen(d), seed, sizeof seed, &seed_length, NULL) != CW_OK ||
        seed_length != sizeof seed) {
        return cw_fail(err, CW_E_INPUT, "key.file", "'%s' holds no Ed25519 key", path);
    }
    *ret_key = key_from_seed(seed);
    sodium_memzero(seed, sizeof seed);
    return *ret_key ? CW_OK : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
}

/* Of two servers that start on an empty folder one makes the key and the other reads it: a key that
 * was replaced could never be verified again. */
static enum cw_status make_key_once(const char *path, struct cw_signing_key **ret_key,
                                    struct cw_error *err) {
    char lock[PATH_MAX];
    snprintf(lock, sizeof lock, "%s.lock", path);
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        enum cw_status status = cw_fail(err, CW_E_IO, "file.write", "cannot lock the key's folder");
        cw_error_detail(err, "%s: %s", lock, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    enum cw_status status =
        cw_file_exists(path) ? read_key(path, ret_key, err) : make_key(path, ret_key, err);
    close(fd);
    return status;
}

enum cw_status cw_signing_key_open(const char *path, struct cw_signing_key **ret_key,
                                   struct cw_error *err) {
    if (sodium_init() < 0) {
        return cw_fail(err, CW_E_IO, "key.sodium", "no source of randomness");
    }
    return cw_file_exists(path) ? read_key(path, ret_key, err) : make_key_once(path, ret_key, err);
}

void cw_signing_key_free(struct cw_signing_key *key) {
    if (key) {
        sodium_memzero(key, sizeof *key);
        free(key);
    }
}

const char *cw_signing_key_id(const struct cw_signing_key *key) {
    return key->id;
}

char *cw_signing_jwks(struct cw_arena *arena, const struct cw_signing_key *key) {
    return cw_arena_printf(
        arena,
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"kid\":\"%s\","
        "\"use\":\"sig\",\"alg\":\"EdDSA\"}]}",
        key->x, key->id);
}

/* The signing input of RFC 7797: header "." payload, the payload as it is. */
static void signing_input(struct cw_buf *buf, const char *header, size_t header_length,
                          struct cw_bytes payload) {
    cw_buf_add(buf, header, header_length);
    cw_buf_putc(buf, '.');
    cw_buf_add(buf, payload.data, payload.length);
}

char *cw_jws_sign(struct cw_arena *arena, const struct cw_signing_key *key,
                  struct cw_bytes payload) {
    const char *header = cw_arena_printf(arena,
                                         "{\"alg\":\"EdDSA\",\"b64\":false,\"crit\":[\"b64\"],"
                                         "\"kid\":\"%s\",\"typ\":\"build-spec+json\"}",
                                         key->id);
    char *protected = cw_arena_alloc(arena, cw_base64url_size(strlen(header)));
    cw_base64url(header, strlen(header), protected);
    CW_AUTO_BUF struct cw_buf input = {0};
    signing_input(&input, protected, strlen(protected), payload);
    unsigned char signature[crypto_sign_BYTES];
    char encoded[96];
    crypto_sign_detached(signature, NULL, (const unsigned char *)input.data, input.length,
                         key->secret);
    cw_base64url(signature, sizeof signature, encoded);
    return cw_arena_printf(arena, "%s..%s", protected, encoded);
}

/* ---- verification ---------------------------------------------------------------------------- */

static bool find_key(const json_t *jwks, const char *kid, unsigned char ret_public[32]) {
    size_t i, length = 0;
    json_t *jwk;
    json_array_foreach(json_object_get(jwks, "keys"), i, jwk) {
        const char *id = json_string_value(json_object_get(jwk, "kid"));
        const char *curve = json_string_value(json_object_get(jwk, "crv"));
        const char *x = json_string_value(json_object_get(jwk, "x"));
        if (id && curve && x && strcmp(id, kid) == 0 && strcmp(curve, "Ed25519") == 0 &&
            cw_base64url_decode(x, strlen(x), ret_public, 32, &length, NULL) == CW_OK &&
            length == 32) {
            return true;
        }
    }
    return false;
}

/* The header we write, and nothing else: alg, b64, crit, kid, typ. */
static enum cw_status read_header(struct cw_arena *arena, const char *text, size_t length,
                                  const char **ret_kid, struct cw_error *err) {
    uint8_t bytes[1024];
    size_t n = 0;
    json_t *header;
    if (cw_base64url_decode(text, length, bytes, sizeof bytes, &n, NULL) != CW_OK ||
        cw_json_read(arena, (const char *)bytes, n, sizeof bytes, &header, NULL) != CW_OK) {
        return cw_fail(err, CW_E_INPUT, "spec.header", "the signature's header cannot be read");
    }
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const json_t *crit = json_object_get(header, "crit");
    const char *first = json_string_value(json_array_get(crit, 0));
    *ret_kid = json_string_value(json_object_get(header, "kid"));
    if (!alg || strcmp(alg, "EdDSA") != 0 || !json_is_false(json_object_get(header, "b64")) ||
        json_array_size(crit) != 1 || !first || strcmp(first, "b64") != 0 || !*ret_kid) {
        return cw_fail(err, CW_E_INPUT, "spec.header",
                       "the signature is not EdDSA over an unencoded payload with a key id");
    }
    return CW_OK;
}

static enum cw_status check_signature(struct cw_arena *arena, const char *jws,
                                      struct cw_bytes payload, const json_t *jwks,
                                      struct cw_spec_verdict *verdict, struct cw_error *err) {
    const char *dots = strstr(jws, ".."), *kid = NULL;
    unsigned char public[32], signature[crypto_sign_BYTES];
    size_t length = 0;
    if (!dots) {
        return cw_fail(err, CW_E_INPUT, "spec.header", "this is no detached JWS");
    }
    enum cw_status status = read_header(arena, jws, (size_t)(dots - jws), &kid, err);
    if (status != CW_OK) {
        return status;
    }
    if (!find_key(jwks, kid, public)) {
        return cw_fail(err, CW_E_INPUT, "spec.key_unknown", "the key set has no key '%.60s'", kid);
    }
    CW_AUTO_BUF struct cw_buf input = {0};
    signing_input(&input, jws, (size_t)(dots - jws), payload);
    if (cw_base64url_decode(dots + 2, strlen(dots + 2), signature, sizeof signature, &length,
                            NULL) != CW_OK ||
        length != sizeof signature ||
        crypto_sign_verify_detached(signature, (const unsigned char *)input.data, input.length,
                                    public) != 0) {
        return cw_fail(err, CW_E_INPUT, "spec.signature",
                       "the signature does not fit the document");
    }
    snprintf(verdict->key_id, sizeof verdict->key_id, "%s", kid);
    return CW_OK;
}

enum cw_status cw_spec_verify(const json_t *document, const json_t *jwks,
                              struct cw_spec_verdict *ret_verdict, struct cw_error *err) {
    const json_t *integrity = json_object_get(document, "integrity");
    const char *claimed = json_string_value(json_object_get(integrity, "contentDigest"));
    const json_t *signatures = json_object_get(integrity, "signatures");
    if (!json_is_object(document) || !claimed || json_array_size(signatures) == 0) {
        return cw_fail(err, CW_E_INPUT, "spec.syntax", "this is no signed build spec");
    }
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_JSON json_t *content = json_copy((json_t *)(uintptr_t)document);
    CW_AUTO_BUF struct cw_buf canonical = {0};
    struct cw_spec_verdict verdict = {0};
    json_object_del(content, "integrity");
    cw_json_canonical(content, &canonical);
    cw_digest_text(canonical.data, canonical.length, verdict.digest);
    if (strcmp(verdict.digest, claimed) != 0) {
        return cw_fail(err, CW_E_INPUT, "spec.digest",
                       "the document was changed after it was signed");
    }
    struct cw_bytes payload = {(const uint8_t *)canonical.data, canonical.length};
    for (size_t i = 0; i < json_array_size(signatures); i++) {
        const char *jws =
            json_string_value(json_object_get(json_array_get(signatures, i), "value"));
        enum cw_status status =
            check_signature(arena, jws ? jws : "", payload, jwks, &verdict, err);
        if (status != CW_OK) {
            return status;
        }
    }
    *ret_verdict = verdict;
    return CW_OK;
}
