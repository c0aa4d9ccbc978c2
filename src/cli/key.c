/*
 * Responsible for: `cordwain key create|list|revoke`.
 * Does not: check requests. Command line.
 */
#include "app/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "cli/cli.h"

static const char *const create_options[] = {"data=", "name=", "scope=", "expires-days=", NULL};
static const char *const data_options[] = {"data=", NULL};

static int run_create(struct cli *cli) {
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf scopes = {0};
    char key[CW_KEY_TEXT];
    for (size_t i = 0; i < cli->option_count; i++) {
        if (strcmp(cli->options[i].name, "scope") == 0) {
            cw_buf_printf(&scopes, "%s%s", scopes.length ? " " : "", cli->options[i].value);
        }
    }
    const char *text = cli_option(cli, "expires-days", "0");
    long days = strtol(text, NULL, 10);
    if (!*text || strlen(text) > 5 || strspn(text, "0123456789") != strlen(text) || days > 36500) {
        return cli_usage(cli, "--expires-days is a number of days from 0 (never) to 36500");
    }
    int64_t expires = days ? cw_clock_now_ms(&cw_clock_system) + days * CW_DAY_MS : 0;
    if (cli_open_store(cli, &err) != CW_OK ||
        cw_key_create(cli->store, cli_option(cli, "name", "unnamed"),
                      scopes.data ? scopes.data : "", expires, key, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (cli->json) {
        printf("{\"key\":\"%s\"}\n", key);
    } else {
        printf("%s\n", key);
        fputs("keep it: only its SHA-256 was stored, it cannot be shown again\n", stderr);
    }
    return CLI_OK;
}

static void write_key(struct cw_json_writer *w, const struct cw_key_row *row) {
    char created[CW_TIME_TEXT];
    cw_time_rfc3339(row->created_ms, created);
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "id", row->id);
    cw_jw_str(w, "name", row->name);
    cw_jw_str(w, "scopes", row->scopes);
    cw_jw_str(w, "createdAt", created);
    cw_jw_bool(w, "revoked", row->revoked_ms != 0);
    cw_jw_end(w, '}');
}

static int run_list(struct cli *cli) {
    struct cw_error err = {0};
    struct cw_key_row *rows;
    size_t count;
    if (cli_open_stored(cli, &err) != CW_OK ||
        cw_key_list(cli->store, cli->arena, &rows, &count, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '[');
    for (size_t i = 0; i < count; i++) {
        write_key(&w, &rows[i]);
        if (!cli->json) {
            printf("%-12s %-8s %-24s %s\n", rows[i].id, rows[i].revoked_ms ? "revoked" : "live",
                   rows[i].name, rows[i].scopes);
        }
    }
    cw_jw_end(&w, ']');
    if (cli->json) {
        puts(buf.data);
    }
    return CLI_OK;
}

static int run_revoke(struct cli *cli) {
    struct cw_error err = {0};
    if (cli->word_count != 1) {
        return cli_usage(cli, "name one key id; `cordwain key list` shows them");
    }
    if (cli_open_stored(cli, &err) != CW_OK ||
        cw_key_revoke(cli->store, cli->words[0], &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (!cli->json) {
        printf("key %s is revoked\n", cli->words[0]);
    }
    return CLI_OK;
}

const struct cli_command cli_key_create = {
    "key",
    "create",
    "make an API key for a designer, facility or shop",
    "examples:\n"
    "  cordwain key create --data data --name 'Porto line 3' --scope specs:pull:FAC-PT-03\n"
    "  cordwain key create --name studio --scope products:write --expires-days 90\n\n"
    "options: --data DIR, --name TEXT, --scope SCOPE (repeatable), --expires-days N (0: never), "
    "--json\n"
    "scopes: products:write, stock:write, specs:pull:<FACILITY>, orders:read, admin\n",
    create_options,
    run_create};

const struct cli_command cli_key_list = {"key",
                                         "list",
                                         "list the keys (their ids, never the keys)",
                                         "examples:\n  cordwain key list --data data\n  cordwain "
                                         "key list --json\n\noptions: --data DIR, --json\n",
                                         data_options,
                                         run_list};

const struct cli_command cli_key_revoke = {
    "key",
    "revoke",
    "revoke a key at once",
    "examples:\n  cordwain key revoke 7KQ2M4XWZC --data data\n\noptions: --data DIR, --json\n",
    data_options,
    run_revoke};
