/*
 * Responsible for: everything that knows OpenSSL: the certificate, the versions, the handshake.
 * Does not: listen, or read and write (libevent does that under the connection). Runs in the
 * server: the context is shared and only read once made; each connection is its loop's alone.
 */
#include "http/tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char protocol[] = "\x08http/1.1"; /* in ALPN's form: length, name */

struct cw_http_tls {
    SSL_CTX *context;
};

/* A client that speaks only other protocols is told so (RFC 7301 §3.2), not given HTTP/1.1. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_length,
                           const unsigned char *offered, unsigned length, void *arg) {
    (void)ssl;
    (void)arg;
    unsigned char *found;
    if (SSL_select_next_proto(&found, ret_length, protocol, sizeof protocol - 1, offered, length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_name = found;
    return SSL_TLSEXT_ERR_OK;
}

static enum cw_status refuse(const char *code, const char *message, const char *path,
                             struct cw_error *err) {
    char reason[120];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    enum cw_status status = cw_fail(err, CW_E_INPUT, code, message, path);
    cw_error_detail(err, "%s: %s", path, reason);
    return status;
}

static enum cw_status load(SSL_CTX *context, const char *cert, const char *key,
                           struct cw_error *err) {
    if (SSL_CTX_use_certificate_chain_file(context, cert) != 1)
        return refuse("tls.certificate", "'%.80s' holds no certificate in PEM form", cert, err);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return refuse("tls.key", "'%.80s' holds no PEM key of the certificate", key, err);
    return CW_OK;
}

/* A key with a passphrase is refused: nobody is there to be asked. */
static int no_passphrase(char *text, int size, int writing, void *arg) {
    (void)text;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

enum cw_status cw_http_tls_new(const char *cert, const char *key, struct cw_http_tls **ret_tls,
                               struct cw_error *err) {
    struct cw_http_tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = tls != NULL ? SSL_CTX_new(TLS_server_method()) : NULL;
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
        SSL_CTX_free(context);
        free(tls);
        return cw_fail(err, CW_E_NOMEM, "memory", "no memory for TLS");
    }
    tls->context = context;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     /* a message's length says where it ends, not close_notify */
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); /* 34 kB less per idle connection */
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    enum cw_status status = load(context, cert, key, err);
    if (status != CW_OK) {
        cw_http_tls_free(tls);
        return status;
    }
    *ret_tls = tls;
    return CW_OK;
}

void cw_http_tls_free(struct cw_http_tls *tls) {
    if (tls != NULL)
        SSL_CTX_free(tls->context);
    free(tls);
}

struct bufferevent *cw_http_tls_accept(struct cw_http_tls *tls, struct event_base *base, int fd) {
    SSL *ssl = SSL_new(tls->context);
    if (ssl == NULL)
        return NULL;
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL)
        SSL_free(ssl);
    else
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

void cw_http_tls_say_end(struct bufferevent *bev) {
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    if (ssl != NULL && SSL_is_init_finished(ssl))
        (void)SSL_shutdown(ssl);
    ERR_clear_error();
}
