/*
 * Content codings of answers: which one a client takes (RFC 9110 §12.5.3) and the compressors.
 * Requests are never compressed (framing.c refuses them).
 */
#pragma once

#include "base/bytes.h"

/* In the order of preference where a client weighs them equally: the last one first. */
enum cw_coding { CW_CODING_IDENTITY, CW_CODING_GZIP, CW_CODING_BR, CW_CODINGS };

/* "gzip", "br"; NULL for identity. */
const char *cw_coding_name(enum cw_coding coding);

/**
 * The coding to answer with.
 * @param accept  value of Accept-Encoding; NULL: there was none, which is answered with identity
 * @param offered 1 << coding for each form that exists; identity always does
 * @units   none
 * @owner   nothing allocated; pure
 * @errors  none: a malformed item counts as not there; a client that refuses everything we have
 *          gets identity, as §12.5.3 allows
 * @cost    O(accept)
 * @source  RFC 9110 §8.4.1, §12.4.2, §12.5.3; "x-gzip" is "gzip"
 */
enum cw_coding cw_coding_accepted(const char *accept, unsigned offered);

/* ---- compressors ----------------------------------------------------------------------------- */

/* Working memory of gzip, 300 kB or so that need not be touched anew for every answer. One thread
 * at a time. */
struct cw_coder;
struct cw_coder *cw_coder_new(void);        /* NULL: out of memory */
void cw_coder_free(struct cw_coder *coder); /* NULL is fine */

/**
 * Compress, fast: for answers that are made as they are asked for.
 * @param text  borrowed
 * @return  a blob of the caller's, NULL when it would not be smaller
 * @units   bytes
 * @owner   caller unrefs
 * @errors  none
 * @cost    about 3 ns per byte; loop thread
 * @source  RFC 1952; ISA-L level 1
 */
struct cw_blob *cw_coder_gzip(struct cw_coder *coder, struct cw_bytes text);

/* The same in Brotli (RFC 7932), well rather than fast: for files that are read at start. */
struct cw_blob *cw_coding_brotli(struct cw_bytes text);
