/*
 * Responsible for: `cordwain product publish|list`.
 * Does not: check documents itself (catalog). Command line.
 */
#include <stdio.h>
#include <string.h>

#include "app/publish.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "catalog/report.h"
#include "cli/cli.h"
#include "cordwain/limits.h"

static const char *const product_options[] = {"data=", NULL};

static void report(const struct cli *cli, const char *file, const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    char *text = "";
    size_t length = 0;
    (void)!cw_file_read(faults->arena, file, CW_PRODUCT_BYTES, &text, &length, NULL);
    struct cw_report_source source = {file, text, length};
    if (cli->json) {
        cw_report_json(&source, faults, &buf);
        fputs(buf.data ? buf.data : "", stdout);
        if (buf.length && buf.data[buf.length - 1] != '\n') {
            putchar('\n');
        }
    } else {
        cw_report_text(&source, faults, &buf);
        fputs(buf.data ? buf.data : "", stderr);
    }
}

/* Warnings do not forbid publishing, but they are told. */
static void report_findings(const struct cli *cli, const char *file,
                            const struct cw_publication *publication, struct cw_arena *arena) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    char *text = "";
    size_t length = 0;
    if (cli->json || publication->checked.warning_count == 0) {
        return;
    }
    (void)!cw_file_read(arena, file, CW_PRODUCT_BYTES, &text, &length, NULL);
    struct cw_report_source source = {file, text, length};
    cw_report_items_text(&source, cw_checked_items(&publication->checked, arena),
                         publication->checked.warning_count, &buf);
    fputs(buf.data, stderr);
}

static int publish_file(struct cli *cli, const char *file) {
    struct cw_error err = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_publication publication;
    static const struct cw_rules_effort effort = CW_RULES_EFFORT;
    struct cw_publish publish = {&cli->paths, &effort, cli->store, file};
    if (cw_publish_file(&publish, &publication, &faults, &err) != CW_OK) {
        if (faults.count > 0) {
            report(cli, file, &faults);
            return CLI_REFUSED;
        }
        return cli_fail(cli, &err);
    }
    report_findings(cli, file, &publication, arena);
    if (cli->json) {
        printf("{\"id\":\"%s\",\"version\":\"%s\",\"digest\":\"%s\",\"existed\":%s,\"rules\":%s}\n",
               publication.id, publication.version, publication.digest,
               publication.existed ? "true" : "false", publication.rules);
    } else {
        printf("%s version %s %s (%s)\n", publication.id, publication.version,
               publication.existed ? "was published before" : "is published", publication.digest);
        CW_AUTO_BUF struct cw_buf change = {0};
        if (publication.change) {
            cli_put_change(&change, publication.change);
            fputs(change.data, stdout);
        }
    }
    return CLI_OK;
}

static int run_publish(struct cli *cli) {
    struct cw_error err = {0};
    if (cli->word_count == 0) {
        return cli_usage(cli, "name one or more product files");
    }
    if (cli_open_store(cli, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < cli->word_count; i++) {
        int exit_code = publish_file(cli, cli->words[i]);
        if (exit_code != CLI_OK) {
            return exit_code;
        }
    }
    return CLI_OK;
}

struct listing {
    struct cw_arena *arena;
    struct cw_product_row *rows;
    size_t count;
};

static enum cw_status list(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct listing *l = arg;
    return txn->ops->product_list(txn, l->arena, 0, &l->rows, &l->count, err);
}

static int run_list(struct cli *cli) {
    struct cw_error err = {0};
    struct listing l = {.arena = cli->arena};
    if (cli_open_stored(cli, &err) != CW_OK ||
        cli->store->ops->read_wait(cli->store, list, &l, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '[');
    for (size_t i = 0; i < l.count; i++) {
        char published[CW_TIME_TEXT];
        cw_time_rfc3339(l.rows[i].published_ms, published);
        cw_jw_begin(&w, NULL, '{');
        cw_jw_str(&w, "id", l.rows[i].id);
        cw_jw_str(&w, "version", l.rows[i].version);
        cw_jw_str(&w, "digest", l.rows[i].digest);
        cw_jw_str(&w, "publishedAt", published);
        cw_jw_end(&w, '}');
        if (!cli->json) {
            printf("%-24s %-6s %s\n", l.rows[i].id, l.rows[i].version, published);
        }
    }
    cw_jw_end(&w, ']');
    if (cli->json) {
        puts(buf.data);
    }
    return CLI_OK;
}

const struct cli_command cli_product_publish = {
    "product",
    "publish",
    "check and publish product documents",
    "examples:\n"
    "  cordwain product publish my-product.json --data data\n\n"
    "A published version never changes: raise \"version\" for the next one. A server on the same "
    "data\n"
    "folder sees it within seconds.\n\noptions: --data DIR, --json\n",
    product_options,
    run_publish};

const struct cli_command cli_product_list = {
    "product",
    "list",
    "list the published versions",
    "examples:\n  cordwain product list --data data\n  cordwain product list --json\n\noptions: "
    "--data DIR, --json\n",
    product_options,
    run_list};
