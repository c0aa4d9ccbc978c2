/*
 * Responsible for: `cordwain product check`: faults, then findings about the rules, like a
 * compiler, and the figures. Does not: check or compile (catalog, configure). Command line.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/compare.h"
#include "app/publish.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cordwain/limits.h"

static const char *const check_options[] = {"data=", "budget-ms=", "against=", "notes", NULL};

/* ---- patience -------------------------------------------------------------------------------- */

/* Tells a person how long the second try may still take. */
struct patience {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    uint32_t retry_ms;
    bool running, over;
};

static void *tell_time(void *arg) {
    struct patience *p = arg;
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    uint32_t left_s = p->retry_ms / 1000;
    pthread_mutex_lock(&p->lock);
    while (!p->over) {
        fprintf(stderr, "\rcompiling the rules, at most %u s more \x1b[K", left_s);
        fflush(stderr);
        at.tv_sec++;
        left_s -= left_s > 0;
        pthread_cond_timedwait(&p->ended, &p->lock, &at);
    }
    pthread_mutex_unlock(&p->lock);
    fputs("\r\x1b[K", stderr);
    return NULL;
}

static void retrying(void *ctx, uint32_t retry_ms) {
    struct patience *p = ctx;
    p->retry_ms = retry_ms;
    p->over = false;
    p->running = isatty(STDERR_FILENO) && pthread_create(&p->thread, NULL, tell_time, p) == 0;
}

static void retried(void *ctx) {
    struct patience *p = ctx;
    if (!p->running) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->over = true;
    pthread_cond_signal(&p->ended);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->running = false;
}

/* ---- effort ---------------------------------------------------------------------------------- */

static bool read_budget(const struct cli *cli, struct cw_rules_effort *effort) {
    const char *text = cli_option(cli, "budget-ms", NULL);
    if (!text) {
        effort->compile_ms = CW_RULES_COMPILE_MS;
        effort->retry_ms = CW_RULES_RETRY_MS;
        return true;
    }
    char *end;
    unsigned long budget = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || budget == 0 || budget > CW_RULES_RETRY_MAX_MS) {
        return false;
    }
    effort->retry_ms = (uint32_t)budget; /* the only try, with the larger limits */
    return true;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void put_number(struct cw_buf *buf, unsigned long long number) {
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", number);
    cli_put_grouped(buf, digits);
}

static void put_figures(struct cw_buf *buf, const struct cw_checked *checked,
                        const struct cw_product *product) {
    const struct cw_diagnosis *d = &checked->diagnosis;
    cw_buf_printf(buf, "  rules %s", d->outcome);
    if (checked->made.artefact_bytes > 0) {
        cw_buf_puts(buf, " in ");
        put_number(buf, checked->made.compile_ms);
        cw_buf_puts(buf, " ms to ");
        put_number(buf, checked->made.artefact_bytes);
        cw_buf_puts(buf, " bytes");
    } else {
        cw_buf_puts(buf, " after ");
        put_number(buf, checked->made.compile_ms);
        cw_buf_puts(buf, " ms");
    }
    cw_buf_puts(buf, "\n  ");
    if (d->configurations) {
        cli_put_grouped(buf, d->configurations);
        cw_buf_printf(buf, " configuration%s", strcmp(d->configurations, "1") == 0 ? "" : "s");
    } else {
        cw_buf_puts(buf, "the number of configurations is not known");
    }
    if (d->price_known && *product->currency) {
        char least[CLI_MONEY], most[CLI_MONEY];
        cli_money(product->currency, d->price_min_minor, least);
        cli_money(product->currency, d->price_max_minor, most);
        cw_buf_printf(buf, ", %s %s to %s", product->currency, least, most);
    }
    cw_buf_putc(buf, '\n');
    if (d->test_count > 0) {
        cw_buf_printf(buf, "  %zu of %zu tests passed\n", d->test_count - d->tests_failed,
                      d->test_count);
    }
    if (d->dead_count > 0 || d->forced_count > 0) {
        cw_buf_printf(buf, "  %zu dead and %zu forced choices\n", d->dead_count, d->forced_count);
    }
}

/* One file being checked. */
struct checking {
    struct cli *cli;
    const char *file;
    struct cw_arena *arena;
    const struct cw_product *product;
    struct cw_checked checked;
    const struct cw_comparison *comparison; /* or NULL */
};

/* Notes are told when asked for; the last line says how many there are. */
static void print_text(const struct checking *c, const struct cw_report_source *source) {
    CW_AUTO_BUF struct cw_buf findings = {0};
    CW_AUTO_BUF struct cw_buf figures = {0};
    const struct cw_checked *checked = &c->checked;
    const struct cw_product *product = c->product;
    bool notes = cli_has(c->cli, "notes");
    cw_report_items_text(source, cw_checked_items(checked, c->arena),
                         checked->error_count + checked->warning_count +
                             (notes ? checked->note_count : 0),
                         &findings);
    fputs(findings.data ? findings.data : "", stderr);
    printf("%s: %s version %s %s (options %zu, rules %zu, parts %zu, presets %zu)\n", c->file,
           product->id, product->version, checked->error_count ? "cannot be published" : "is good",
           product->option_count, product->rule_count, product->part_count, product->preset_count);
    put_figures(&figures, checked, product);
    if (c->comparison) {
        cli_put_change(&figures, c->comparison);
    }
    if (checked->note_count > 0 && !notes) {
        cw_buf_printf(&figures, "  %zu note%s: --notes shows %s\n", checked->note_count,
                      checked->note_count == 1 ? "" : "s",
                      checked->note_count == 1 ? "it" : "them");
    }
    fputs(figures.data, stdout);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void print_json(const struct checking *c, const struct cw_report_source *source,
                       const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_report_members(source, faults, &w);
    if (c->product) {
        struct cw_report_list list = {"findings", cw_checked_items(&c->checked, c->arena),
                                      c->checked.diagnosis.finding_count};
        cw_jw_str(&w, "id", c->product->id);
        cw_jw_str(&w, "version", c->product->version);
        cw_checked_write(&c->checked, c->product, &w);
        cw_report_items_json(source, &list, &w);
    }
    if (c->comparison) {
        cw_comparison_write(c->comparison, &w);
    }
    cw_jw_end(&w, '}');
    puts(buf.data);
}

/* ---- the command ----------------------------------------------------------------------------- */

static enum cw_status compare(struct checking *c, struct cw_snapshot *snapshot,
                              struct cw_error *err) {
    const char *against = cli_option(c->cli, "against", NULL);
    if (!against) {
        return CW_OK;
    }
    CW_AUTO_SNAPSHOT struct cw_snapshot *before = NULL;
    struct cw_comparison *comparison = cw_arena_alloc(c->arena, sizeof *comparison);
    enum cw_status status = cli_product_named(c->cli, against, &before, err);
    if (status == CW_OK) {
        struct cw_compare compare = {&c->cli->paths, c->cli->store,    before,
                                     snapshot,       &cw_clock_system, /* budget: */ 0};
        status = cw_compare_versions(&compare, c->arena, comparison, err);
    }
    c->comparison = status == CW_OK ? comparison : NULL;
    return status;
}

static enum cw_status check(struct checking *c, const struct cw_rules_effort *effort,
                            struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_paths paths = c->cli->paths;
    paths.artefacts = ""; /* what a check finds is what compiling now gives */
    enum cw_status status = cw_load_document(&paths, c->file, "", &snapshot, faults, err);
    if (status == CW_OK) {
        status = cw_check_rules(&paths, effort, snapshot, c->arena, &c->checked, err);
    }
    if (status == CW_OK) {
        status = compare(c, snapshot, err);
    }
    if (status != CW_OK && faults->count == 0) {
        return status;
    }
    char *text = "";
    size_t length = 0;
    (void)!cw_file_read(c->arena, c->file, CW_PRODUCT_BYTES, &text, &length, NULL);
    struct cw_report_source source = {c->file, text, length};
    c->product = status == CW_OK ? cw_snapshot_product(snapshot) : NULL;
    if (c->cli->json) {
        print_json(c, &source, faults);
    } else if (c->product) {
        print_text(c, &source);
    } else {
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_report_text(&source, faults, &buf);
        fputs(buf.data ? buf.data : "", stderr);
    }
    return c->product && c->checked.error_count == 0 ? CW_OK : CW_E_INPUT;
}

static int check_file(struct cli *cli, const char *file, const struct cw_rules_effort *effort) {
    struct cw_error err = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct checking checking = {.cli = cli, .file = file, .arena = arena};
    enum cw_status status = check(&checking, effort, &faults, &err);
    if (status != CW_OK && faults.count == 0 && !checking.product) {
        return cli_fail(cli, &err);
    }
    return status == CW_OK ? CLI_OK : CLI_REFUSED;
}

static int run_check(struct cli *cli) {
    struct cw_error err = {0};
    int worst = CLI_OK;
    struct patience patience = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                .ended = PTHREAD_COND_INITIALIZER};
    struct cw_rules_effort effort = {.retrying = retrying, .retried = retried, .ctx = &patience};
    if (cli->word_count == 0) {
        return cli_usage(cli, "name one or more product files");
    }
    if (!read_budget(cli, &effort)) {
        return cli_usage(cli, "--budget-ms is a number of milliseconds from 1 to %d",
                         CW_RULES_RETRY_MAX_MS);
    }
    if (cli_open_paths(cli, false, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < cli->word_count; i++) {
        int exit_code = check_file(cli, cli->words[i], &effort);
        worst = exit_code > worst ? exit_code : worst;
    }
    return worst;
}

const struct cli_command cli_product_check = {
    "product",
    "check",
    "check product documents and their rules, every finding like a compiler",
    "examples:\n"
    "  cordwain product check schemas/products/bottle.json\n"
    "  cordwain product check --json --budget-ms 500 my-product.json\n"
    "  cordwain product check next.json --against bottle --data data\n\n"
    "Faults of the document and findings about its rules have file, line, column, JSON Pointer, "
    "what\n"
    "is wrong and how to mend it. Errors forbid publishing, warnings are surely not meant.\n"
    "Exit code 0 all good, 1 faults or errors, 2 a file is missing.\n\n"
    "options: --budget-ms N for compiling (default: 2000, then 60000 once more), --notes, --json,\n"
    "  --against FILE|ID[@VERSION] what changes, and which designs and open orders of --data DIR\n"
    "  could no longer be ordered\n",
    check_options,
    run_check};
