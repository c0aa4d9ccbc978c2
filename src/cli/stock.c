/*
 * Responsible for: `cordwain stock list|set`.
 * Does not: decide what a missing item takes away (configure). Command line.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "catalog/stock.h"
#include "cli/cli.h"

static const char *const data_options[] = {"data=", NULL};

struct listed {
    struct cw_arena *arena;
    struct cw_stock_row *rows;
    size_t count;
};

static enum cw_status list(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct listed *l = arg;
    return txn->ops->stock_list(txn, l->arena, /* out_only: */ false, &l->rows, &l->count, err);
}

static int run_list(struct cli *cli) {
    struct cw_error err = {0};
    struct listed l = {.arena = cli->arena};
    if (cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->read_wait(cli->store, list, &l, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '[');
    for (size_t i = 0; i < l.count; i++) {
        char changed[CW_TIME_TEXT];
        cw_time_rfc3339(l.rows[i].changed_ms, changed);
        cw_jw_begin(&w, NULL, '{');
        cw_jw_str(&w, "item", l.rows[i].item);
        cw_jw_bool(&w, "available", l.rows[i].available);
        cw_jw_str(&w, "changedAt", changed);
        cw_jw_end(&w, '}');
        if (!cli->json) {
            printf("%-32s %-4s %s\n", l.rows[i].item, l.rows[i].available ? "in" : "out", changed);
        }
    }
    cw_jw_end(&w, ']');
    if (cli->json) {
        puts(buf.data);
    }
    return CLI_OK;
}

static enum cw_status put(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->stock_put(txn, arg, err);
}

static int run_set(struct cli *cli) {
    struct cw_error err = {0};
    bool in = cli->word_count == 2 && strcmp(cli->words[1], "in") == 0;
    if (cli->word_count != 2 || (!in && strcmp(cli->words[1], "out") != 0)) {
        return cli_usage(cli, "name one stock item, then in or out");
    }
    struct cw_stock_row row = {cli->words[0], in, cw_clock_now_ms(&cw_clock_system)};
    if (cw_stock_item_check(row.item, &err) != CW_OK || cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->write_wait(cli->store, put, &row, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (!cli->json) {
        printf("%s is %s\n", row.item, in ? "in" : "out");
    }
    return CLI_OK;
}

const struct cli_command cli_stock_list = {
    "stock",
    "list",
    "list the stock items that were ever set, and whether they are in",
    "examples:\n  cordwain stock list --data data\n  cordwain stock list --json\n\noptions: "
    "--data DIR, --json\n",
    data_options,
    run_list};

const struct cli_command cli_stock_set = {
    "stock",
    "set",
    "say that a stock item is in or out",
    "examples:\n"
    "  cordwain stock set LEA-NAPPA-RED out --data data\n"
    "  cordwain stock set LEA-NAPPA-RED in --data data\n\n"
    "Every choice whose \"stockItem\" it is cannot be chosen or ordered while it is out. A server "
    "on the\nsame data folder follows within seconds; nothing is published again.\n\n"
    "options: --data DIR, --json\n",
    data_options,
    run_set};
