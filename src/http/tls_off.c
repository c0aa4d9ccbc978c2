/*
 * Responsible for: saying that this build has no TLS. Does not: anything else.
 * Runs in: the server.
 */
#include "http/tls.h"

#include <stddef.h>

enum cw_status cw_http_tls_new(const char *cert, const char *key, struct cw_http_tls **ret_tls,
                               struct cw_error *err) {
    (void)cert;
    (void)key;
    (void)ret_tls;
    return cw_fail(err, CW_E_INPUT, "tls.not_built", "this program was built without TLS");
}

void cw_http_tls_free(struct cw_http_tls *tls) {
    (void)tls;
}

struct bufferevent *cw_http_tls_accept(struct cw_http_tls *tls, struct event_base *base, int fd) {
    (void)tls;
    (void)base;
    (void)fd;
    return NULL;
}

void cw_http_tls_say_end(struct bufferevent *bev) {
    (void)bev;
}
