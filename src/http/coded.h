/*
 * Answers in a content coding. Only what everybody may read is ever compressed: never the answer to
 * a request that carries Authorization, so that its length tells nothing about a secret beside what
 * the client sent (BREACH, Gluck, Harris and Prado 2013). Handlers that show keys, orders or
 * designs do not come here. Loop thread only.
 */
#pragma once

#include "http/coding.h"
#include "http/reply.h"

#define CW_CODED_GZIP (1u << CW_CODING_GZIP)
#define CW_CODED_BR   (1u << CW_CODING_BR)

/*
 * The coding this request's answer should have, of identity and those offered (CW_CODED_… bits);
 * sets Vary: Accept-Encoding, so ask once. Identity with Authorization, and where the request or
 * the answer's Cache-Control (set it before) says no-transform.
 */
enum cw_coding cw_reply_coding(struct cw_request *req, unsigned offered);

/* Strong tags differ by coding: "abc" is "abc-gzip" compressed. In the request's arena. */
const char *cw_reply_etag(struct cw_request *req, const char *etag, enum cw_coding coding);

/*
 * 200 with a text made for this request, compressed if `coding` says gzip and its length lies in
 * CW_CODED_BYTES_MIN … MAX; else plain. Ends the request, as every cw_reply_….
 */
void cw_reply_text(struct cw_request *req, enum cw_coding coding, const char *content_type,
                   struct cw_bytes text, const struct cw_header *headers);

/* 200 with bytes that are in that coding already. */
void cw_reply_coded(struct cw_request *req, enum cw_coding coding, const char *content_type,
                    struct cw_blob *blob, const struct cw_header *headers);

/* The text in gzip; NULL: outside the lengths, not smaller, or the client has gone. The caller's
 * reference. */
struct cw_blob *cw_reply_gzip(struct cw_request *req, struct cw_bytes text);
