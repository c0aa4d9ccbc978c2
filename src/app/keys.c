/*
 * Responsible for: making, listing and revoking API keys.
 * Does not: check requests (api/auth.c). Command line and start-up; blocking.
 */
#include "app/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

static bool scope_ok(const char *scope, size_t length) {
    static const char *const plain[] = {"products:write", "stock:write", "orders:read", "admin"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (strlen(plain[i]) == length && memcmp(plain[i], scope, length) == 0) {
            return true;
        }
    }
    static const char pull[] = "specs:pull:";
    size_t n = sizeof pull - 1;
    return length > n && length < n + 33 && memcmp(scope, pull, n) == 0 &&
           strspn(scope + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") >= length - n;
}

static enum cw_status check(const char *name, const char *scopes, struct cw_error *err) {
    if (!*name || strlen(name) > 80) {
        return cw_fail(err, CW_E_INPUT, "key.name", "a key has a name of 1 to 80 bytes");
    }
    const char *p = scopes, *pull = strstr(scopes, "specs:pull:");
    size_t count = 0;
    for (; *p; count++) {
        size_t length = strcspn(p, " ");
        if (!scope_ok(p, length)) {
            return cw_fail(err, CW_E_INPUT, "key.scope",
                           "'%.*s' is no scope: use products:write, stock:write, "
                           "specs:pull:<FACILITY>, orders:read or admin",
                           (int)(length > 60 ? 60 : length), p);
        }
        p += length;
        p += *p == ' ';
    }
    /* Whatever asks for specs is answered for the one facility that its key names. */
    if (pull && strstr(pull + 1, "specs:pull:")) {
        return cw_fail(err, CW_E_INPUT, "key.scope",
                       "a key belongs to one facility: make one for each");
    }
    return count > 0 ? CW_OK
                     : cw_fail(err, CW_E_INPUT, "key.scope", "a key has at least one scope");
}

static enum cw_status put_key(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->key_put(txn, arg, err);
}

enum cw_status cw_key_create(struct cw_store *store, const char *name, const char *scopes,
                             int64_t expires_ms, char ret_key[CW_KEY_TEXT], struct cw_error *err) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
    enum cw_status status = check(name, scopes, err);
    if (status != CW_OK) {
        return status;
    }
    uint8_t random[42], hash[32];
    char key[CW_KEY_TEXT], id[11], hex[65];
    cw_random(random, sizeof random);
    for (size_t i = 0; i < 10; i++) {
        id[i] = alphabet[random[i] & 31];
    }
    id[10] = '\0';
    int n = snprintf(key, sizeof key, "cw_live_%s_", id);
    for (size_t i = 10; i < sizeof random; i++) { /* 32 characters of 5 bits: 160 bits */
        key[n++] = alphabet[random[i] & 31];
    }
    key[n] = '\0';
    cw_sha256(key, (size_t)n, hash);
    cw_hex(hash, sizeof hash, hex);
    struct cw_key_row row = {.id = id,
                             .hash = hex,
                             .name = name,
                             .scopes = scopes,
                             .created_ms = cw_clock_now_ms(&cw_clock_system),
                             .expires_ms = expires_ms};
    status = store->ops->write_wait(store, put_key, &row, err);
    if (status == CW_OK) {
        memcpy(ret_key, key, (size_t)n + 1);
    }
    return status;
}

static enum cw_status revoke(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->key_revoke(txn, arg, cw_clock_now_ms(&cw_clock_system), err);
}

enum cw_status cw_key_revoke(struct cw_store *store, const char *id, struct cw_error *err) {
    return store->ops->write_wait(store, revoke, (void *)(uintptr_t)id, err);
}

struct listing {
    struct cw_arena *arena;
    struct cw_key_row *rows;
    size_t count;
};

static enum cw_status list(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct listing *l = arg;
    return txn->ops->key_list(txn, l->arena, &l->rows, &l->count, err);
}

enum cw_status cw_key_list(struct cw_store *store, struct cw_arena *arena, struct cw_key_row **ret,
                           size_t *ret_count, struct cw_error *err) {
    struct listing l = {.arena = arena};
    enum cw_status status = store->ops->read_wait(store, list, &l, err);
    if (status == CW_OK) {
        *ret = l.rows;
        *ret_count = l.count;
    }
    return status;
}
