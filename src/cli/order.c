/*
 * Responsible for: `cordwain order list|show` and `cordwain spec show|verify`.
 * Does not: change anything. Command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_write.h"
#include "cli/cli.h"
#include "cordwain/limits.h"
#include "manufacturing/sign.h"
#include "manufacturing/spec.h"

static const char *const data_options[] = {"data=", NULL};
static const char *const verify_options[] = {"data=", "keys=", NULL};

struct reading {
    struct cw_arena *arena;
    const char *id;
    struct cw_order_row *orders, order;
    struct cw_spec_row *specs, spec;
    size_t count;
};

static enum cw_status list_orders(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct reading *r = arg;
    return txn->ops->order_list(txn, r->arena, 0, 1000, &r->orders, &r->count, err);
}

static int run_list(struct cli *cli) {
    struct cw_error err = {0};
    struct reading r = {.arena = cli->arena};
    if (cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->read_wait(cli->store, list_orders, &r, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '[');
    for (size_t i = 0; i < r.count; i++) {
        char created[CW_TIME_TEXT];
        cw_time_rfc3339(r.orders[i].created_ms, created);
        cw_jw_begin(&w, NULL, '{');
        cw_jw_str(&w, "id", r.orders[i].id);
        cw_jw_str(&w, "number", r.orders[i].number);
        cw_jw_str(&w, "state", r.orders[i].state);
        cw_jw_int(&w, "total", r.orders[i].total_minor);
        cw_jw_str(&w, "currency", r.orders[i].currency);
        cw_jw_str(&w, "createdAt", created);
        cw_jw_end(&w, '}');
        if (!cli->json) {
            char total[CLI_MONEY];
            cli_money(r.orders[i].currency, r.orders[i].total_minor, total);
            printf("%s  %-20s %-16s %12s %s  %s\n", r.orders[i].id, r.orders[i].number,
                   r.orders[i].state, total, r.orders[i].currency, created);
        }
    }
    cw_jw_end(&w, ']');
    if (cli->json) {
        puts(buf.data);
    }
    return CLI_OK;
}

/* The store says "no such record"; a person wants to know of what, and where. */
static enum cw_status not_here(struct cw_error *err, const char *what, const char *id) {
    *err = (struct cw_error){0};
    return cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no %s '%.60s' in this data folder",
                   what, id);
}

static enum cw_status get_order(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct reading *r = arg;
    enum cw_status status = txn->ops->order_get(txn, r->arena, r->id, &r->order, err);
    if (status == CW_E_NOT_FOUND) {
        return not_here(err, "order", r->id);
    }
    return status == CW_OK
               ? txn->ops->spec_by_order(txn, r->arena, r->id, &r->specs, &r->count, err)
               : status;
}

static int run_show(struct cli *cli) {
    struct cw_error err = {0};
    if (cli->word_count != 1) {
        return cli_usage(cli, "name one order id; `cordwain order list` shows them");
    }
    struct reading r = {.arena = cli->arena, .id = cli->words[0]};
    if (cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->read_wait(cli->store, get_order, &r, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    CW_AUTO_JSON json_t *order = json_loads(r.order.document, JSON_ALLOW_NUL, NULL);
    json_t *specs = json_array();
    for (size_t i = 0; i < r.count; i++) {
        json_array_append_new(specs,
                              json_pack("{s:s,s:i,s:s,s:s,s:s}", "id", r.specs[i].id, "revision",
                                        r.specs[i].revision, "state", r.specs[i].state, "serial",
                                        r.specs[i].serial, "facility", r.specs[i].facility_id));
    }
    json_object_set_new(order, "state", json_string(r.order.state));
    json_object_set_new(order, "specs", specs);
    char *text = json_dumps(order, cli->json ? JSON_COMPACT : JSON_INDENT(2));
    puts(text ? text : "{}");
    free(text);
    return CLI_OK;
}

static enum cw_status get_spec(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct reading *r = arg;
    enum cw_status status = txn->ops->spec_get(txn, r->arena, r->id, 0, &r->spec, err);
    return status == CW_E_NOT_FOUND ? not_here(err, "spec", r->id) : status;
}

static int run_spec_show(struct cli *cli) {
    struct cw_error err = {0};
    if (cli->word_count != 1) {
        return cli_usage(cli, "name one spec id; `cordwain order show` tells it");
    }
    struct reading r = {.arena = cli->arena, .id = cli->words[0]};
    if (cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->read_wait(cli->store, get_spec, &r, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (cli->json) {
        puts(r.spec.document); /* the signed bytes */
        return CLI_OK;
    }
    CW_AUTO_JSON json_t *spec = json_loads(r.spec.document, JSON_ALLOW_NUL, NULL);
    char *text = json_dumps(spec, JSON_INDENT(2));
    puts(text ? text : "{}");
    free(text);
    return CLI_OK;
}

/* The key set: --keys FILE (a downloaded keys.json), else that of the data folder. */
static enum cw_status read_keys(struct cli *cli, json_t **ret_keys, struct cw_error *err) {
    const char *file = cli_option(cli, "keys", NULL);
    char *text;
    size_t length;
    enum cw_status status;
    if (file) {
        status = cw_file_read(cli->arena, file, CW_JSON_BYTES, &text, &length, err);
    } else {
        struct cw_signing_key *key;
        status = cli_open_stored(cli, err);
        if (status == CW_OK) {
            const char *path = cw_arena_printf(cli->arena, "%s/signing.json", cli->paths.keys);
            if (!cw_file_exists(path)) {
                return cw_fail(
                    err, CW_E_NOT_FOUND, "spec.keys",
                    "no keys: give --keys FILE with the issuer's keys.json, or --data DIR");
            }
            status = cw_signing_key_open(path, &key, err);
        }
        if (status == CW_OK) {
            text = cw_signing_jwks(cli->arena, key);
            length = strlen(text);
            cw_signing_key_free(key);
        }
    }
    return status == CW_OK ? cw_json_read(cli->arena, text, length, CW_JSON_BYTES, ret_keys, err)
                           : status;
}

static int run_verify(struct cli *cli) {
    struct cw_error err = {0};
    if (cli->word_count != 1) {
        return cli_usage(cli, "name one spec file");
    }
    char *text;
    size_t length;
    json_t *spec, *keys;
    struct cw_spec_verdict verdict;
    struct cw_faults faults = {.arena = cli->arena};
    if (cw_file_read(cli->arena, cli->words[0], CW_JSON_BYTES, &text, &length, &err) != CW_OK ||
        cw_json_read(cli->arena, text, length, CW_JSON_BYTES, &spec, &err) != CW_OK ||
        read_keys(cli, &keys, &err) != CW_OK ||
        cw_spec_verify(spec, keys, &verdict, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (cw_spec_check(spec, &faults) != CW_OK) {
        for (size_t i = 0; i < faults.count; i++) {
            fprintf(stderr, "cordwain: %s: %s [%s]\n", faults.items[i].pointer,
                    faults.items[i].message, faults.items[i].code);
        }
        return CLI_REFUSED;
    }
    printf(cli->json ? "{\"valid\":true,\"digest\":\"%s\",\"keyId\":\"%s\"}\n"
                     : "good: %s, signed by %s, complete\n",
           verdict.digest, verdict.key_id);
    return CLI_OK;
}

const struct cli_command cli_order_list = {
    "order",
    "list",
    "list orders, newest first",
    "examples:\n  cordwain order list --data data\n  cordwain order list --json\n\noptions: --data "
    "DIR, --json\n",
    data_options,
    run_list};

const struct cli_command cli_order_show = {
    "order",
    "show",
    "show one order with the states of its specs",
    "examples:\n  cordwain order show 01KAF3… --data data\n\noptions: --data DIR, --json\n",
    data_options,
    run_show};

const struct cli_command cli_spec_show = {"spec",
                                          "show",
                                          "show a build spec; with --json the signed bytes",
                                          "examples:\n  cordwain spec show 01KAF3… --data data\n  "
                                          "cordwain spec show 01KAF3… --json > spec.json\n\n"
                                          "options: --data DIR, --json\n",
                                          data_options,
                                          run_spec_show};

const struct cli_command cli_spec_verify = {
    "spec",
    "verify",
    "check digest, signature and completeness of a spec file, offline",
    "examples:\n  cordwain spec verify spec.json --keys keys.json\n  cordwain spec verify "
    "spec.json --data data\n\n"
    "keys.json is the issuer's /.well-known/cordwain/keys.json. Exit code 0 good, 1 not.\n\n"
    "options: --keys FILE, --data DIR, --json\n",
    verify_options,
    run_verify};
