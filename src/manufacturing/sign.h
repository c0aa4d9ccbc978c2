/* Ed25519 signatures over canonical documents, as detached JWS (RFC 7515 appendix F, RFC 7797, RFC
 * 8037). */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/digest.h"

struct cw_signing_key;

/* Read `path` (mode 0600, JWK with "d"), or make a new key and write it there durably. CW_E_IO;
 * CW_E_INPUT "key.file". */
enum cw_status cw_signing_key_open(const char *path, struct cw_signing_key **ret_key,
                                   struct cw_error *err) CW_MUST_USE;
void cw_signing_key_free(struct cw_signing_key *key);            /* wipes it; NULL is fine */
const char *cw_signing_key_id(const struct cw_signing_key *key); /* RFC 7638 thumbprint */

/* {"keys":[{kty,crv,x,kid,use,alg}]} in the arena. */
char *cw_signing_jwks(struct cw_arena *arena, const struct cw_signing_key *key);

/* "header..signature" over the canonical bytes, in the arena. */
char *cw_jws_sign(struct cw_arena *arena, const struct cw_signing_key *key,
                  struct cw_bytes payload);

struct cw_spec_verdict {
    char digest[CW_DIGEST_TEXT]; /* computed */
    char key_id[64];
};

/**
 * Check digest and signature of a spec document, offline.
 * @param document as read, any JSON spelling
 * @param jwks     key set
 * @errors  CW_E_INPUT "spec.syntax", "spec.digest" (bytes were changed), "spec.signature",
 * "spec.key_unknown", "spec.header"
 * @units none @owner plain value @cost one hash, one signature check @source as above
 */
enum cw_status cw_spec_verify(const json_t *document, const json_t *jwks,
                              struct cw_spec_verdict *ret_verdict,
                              struct cw_error *err) CW_MUST_USE;
