/*
 * Responsible for: bearer keys: looked up by SHA-256, scoped, expiring.
 * Does not: make keys (src/cli/key.c). Server process, loop thread; the look-up runs on a store
 * reader.
 */
#include <string.h>
#include <strings.h>

#include "api/context.h"

struct authorisation {
    const char *scope;
    cw_http_handler *next;
    struct cw_key_row row;
    char hash[65];
    bool found;
};

bool api_has_scope(const char *scopes, const char *scope) {
    size_t n = strlen(scope);
    for (const char *p = scopes; *p;) {
        p += strspn(p, " ");
        size_t length = strcspn(p, " ");
        if ((length == n && memcmp(p, scope, n) == 0) ||
            (length == 5 && memcmp(p, "admin", 5) == 0)) {
            return true;
        }
        p += length;
    }
    return false;
}

const char *api_scopes(const struct cw_request *req) {
    const struct authorisation *auth = req->user;
    return auth->row.scopes;
}

static void refuse(struct cw_request *req, const char *code, const char *message) {
    struct cw_error err = {0};
    if (strcmp(code, "auth.scope") == 0) {
        (void)cw_fail(&err, CW_E_INPUT, "auth.scope", "%s", message);
    } else if (!api_throttle_address(req)) { /* guessing keys is slow */
        return;
    } else {
        (void)!cw_reply_header(req, "WWW-Authenticate", "Bearer realm=\"cordwain\"", NULL);
        if (strcmp(code, "auth.missing") == 0) {
            (void)cw_fail(&err, CW_E_INPUT, "auth.missing", "%s", message);
        } else {
            (void)cw_fail(&err, CW_E_INPUT, "auth.unknown", "%s", message);
        }
    }
    cw_reply_problem(req, &err);
}

static enum cw_status find_key(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct authorisation *auth = job->data;
    enum cw_status status = txn->ops->key_by_hash(txn, job->arena, auth->hash, &auth->row, err);
    if (status == CW_E_NOT_FOUND) {
        if (err) {
            *err = (struct cw_error){0};
        }
        return CW_OK;
    }
    auth->found = status == CW_OK;
    return status;
}

static void judge(struct cw_request *req, struct authorisation *auth) {
    /* "specs:pull" alone asks for a pull scope of any facility; the handler looks closer. */
    bool any_facility =
        strcmp(auth->scope, "specs:pull") == 0 && strstr(auth->row.scopes, "specs:pull:") != NULL;
    if (!any_facility && !api_has_scope(auth->row.scopes, auth->scope)) {
        refuse(req, "auth.scope",
               cw_arena_printf(req->arena, "this key lacks the scope '%s'", auth->scope));
        return;
    }
    req->user = auth;
    auth->next(req);
}

static void key_found(struct api_job *job) {
    struct authorisation *auth = job->data;
    struct cw_request *req = job->req;
    int64_t now = api_now(req);
    if (!auth->found || auth->row.revoked_ms != 0 ||
        (auth->row.expires_ms != 0 && auth->row.expires_ms <= now)) {
        refuse(req, "auth.unknown", "this key is unknown, revoked or has expired");
        return;
    }
    if (api_throttle_key(req, auth->hash)) {
        judge(req, auth);
    }
}

void api_authorise(struct cw_request *req, const char *scope, cw_http_handler *next) {
    struct authorisation *known = req->user;
    if (known) { /* before its body was read */
        known->scope = scope;
        known->next = next;
        judge(req, known);
        return;
    }
    const char *header = cw_request_header(req, "Authorization");
    if (!header || strncasecmp(header, "Bearer ", 7) != 0) {
        refuse(req, "auth.missing", "send Authorization: Bearer and your key");
        return;
    }
    const char *secret = header + 7 + strspn(header + 7, " ");
    struct authorisation *auth = cw_arena_alloc(req->arena, sizeof *auth);
    auth->scope = scope;
    auth->next = next;
    uint8_t hash[32];
    cw_sha256(secret, strlen(secret), hash);
    cw_hex(hash, sizeof hash, auth->hash);
    api_read(api_job_new(req, find_key, key_found, auth));
}

/* A body is only wanted, and 100 Continue only sent, once the key is known to be good. */
bool cw_api_before(struct cw_request *req) {
    api_cors(req);
    if (!req->route || !req->route->scope) {
        if (!api_throttle_address(req)) {
            return true;
        }
        bool uploads = req->route && (req->route->flags & API_ROUTE_UPLOAD) != 0;
        if (uploads) {
            api_uploads_before(req);
        }
        return uploads;
    }
    if (!cw_request_header(req, "Authorization")) {
        refuse(req, "auth.missing", "send Authorization: Bearer and your key");
        return true;
    }
    if (!cw_request_has_body(req)) {
        return false;
    }
    api_authorise(req, req->route->scope, cw_request_proceed);
    return true;
}
