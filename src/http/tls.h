/* TLS for those without a proxy in front: one certificate, TLS 1.2 and 1.3, HTTP/1.1 by ALPN. */
#pragma once

#include "base/error.h"

struct bufferevent;
struct cw_http_tls;
struct event_base;

/**
 * Read a certificate and its key, once, at start-up.
 * @param cert     PEM file: the server's certificate, then those between it and the root
 * @param key      PEM file: its private key, without a passphrase
 * @param ret_tls  freed with cw_http_tls_free after every server that uses it; shared by all loops
 * @units   none
 * @owner   caller
 * @errors  CW_E_INPUT "tls.certificate", "tls.key" (unreadable, or not of this certificate);
 *          CW_E_INPUT "tls.not_built" in a build without TLS; CW_E_NOMEM
 * @cost    two files; blocks
 * @source  RFC 8446, RFC 5246, RFC 7301 (ALPN); RFC 9325 (recommendations)
 */
enum cw_status cw_http_tls_new(const char *cert, const char *key, struct cw_http_tls **ret_tls,
                               struct cw_error *err) CW_MUST_USE;
void cw_http_tls_free(struct cw_http_tls *tls); /* NULL is fine */

/* A bufferevent that expects a client's handshake on this socket and closes it when freed. NULL
 * when memory is out: the socket is still the caller's. */
struct bufferevent *cw_http_tls_accept(struct cw_http_tls *tls, struct event_base *base, int fd);

/* Tell the client that nothing more comes (close_notify), before the socket is shut. */
void cw_http_tls_say_end(struct bufferevent *bev);
