/*
 * The build spec: built from one resolved configuration, checked for completeness, signed,
 * verified. Field names and rules: schemas/build-spec.schema.json and docs/reference/build-spec.md.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "manufacturing/sign.h"

struct cw_spec_file {
    const char *digest; /* "sha-256:…"; NULL for no such file */
    size_t length;
};

struct cw_spec_artwork { /* one per surface that carries something; a pair shares it per side */
    uint32_t surface;
    struct cw_spec_file pdf, svg; /* the same drawing */
};

struct cw_spec_preview {
    const char *view;
    const char *url; /* absolute or absolute-path */
    const char *mime;
    const char *digest;
    int32_t width_px, height_px;
};

struct cw_spec_input {
    const struct cw_resolved *resolved;
    const char *spec_id; /* ULID */
    int32_t revision;    /* ≥ 1 */
    const char *order_id, *order_number;
    int32_t line;
    int32_t quantity, priority;
    int64_t issued_ms, ship_by_ms;
    const char *serial;   /* 8 characters */
    const char *base_url; /* "https://shop.example" without slash at the end; prefix of every URL */
    size_t artwork_count;
    const struct cw_spec_artwork *artworks;
    size_t preview_count;
    const struct cw_spec_preview *previews;
};

struct cw_spec_built {           /* in the arena */
    struct cw_bytes document;    /* RFC 8785 bytes, NUL-terminated */
    char digest[CW_DIGEST_TEXT]; /* contentDigest of the document */
    const char *work_centres;    /* ",CUT,PACK,": each once, for queue filters */
};

/**
 * Build, check and sign a spec.
 * @param input        borrowed
 * @param key          signs; borrowed
 * @param ret          written on success only
 * @units   lengths integer µm (unit code 4H)
 * @owner   the arena
 * @errors  CW_E_INPUT "spec.incomplete" (message names the first finding; all in `faults` when
 * given); CW_E_BUG
 * @cost    below 1 ms; pure; any thread
 * @source  docs/reference/build-spec.md; RFC 8785; RFC 7515 appendix F; RFC 7797; RFC 8037
 */
enum cw_status cw_spec_build(const struct cw_spec_input *input, const struct cw_signing_key *key,
                             struct cw_arena *arena, struct cw_spec_built *ret,
                             struct cw_error *err) CW_MUST_USE;

/**
 * The release rule, by a path that shares no code with the building: every part has material and
 * colour, every placement part and artwork, every operation a work centre, every critical
 * characteristic a check, references resolve, texts are NFC.
 * @param document parsed spec
 * @param faults   all findings, codes "spec.…"
 * @errors CW_E_INPUT when there is a finding
 * @owner  fault texts in faults->arena @units none @cost O(document) @source
 * docs/reference/build-spec.md
 */
enum cw_status cw_spec_check(const json_t *document, struct cw_faults *faults) CW_MUST_USE;
