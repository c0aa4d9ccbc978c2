/*
 * Responsible for: `cordwain product import|export`: models of other tools.
 * Does not: read any format itself (exchange); publish. Command line.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "catalog/load.h"
#include "catalog/report.h"
#include "catalog/snapshot.h"
#include "cli/cli.h"
#include "cordwain/limits.h"
#include "exchange/exchange.h"
#include "jsonschema/builtin.h"

typedef enum cw_status (*import_function)(const struct cw_exchange_source *source,
                                          struct cw_buf *ret_document, struct cw_faults *faults,
                                          struct cw_error *err);

static const struct format {
    const char *option;
    import_function import;
} formats[] = {{"dimacs", cw_dimacs_import}, {"uvl", cw_uvl_import}};
#define FORMATS (sizeof formats / sizeof *formats)

/* To --output, or to standard output. */
static int write_out(struct cli *cli, const struct cw_buf *buf) {
    struct cw_error err = {0};
    const char *file = cli_option(cli, "output", "-");
    if (strcmp(file, "-") != 0)
        return cw_file_write_atomic(file, buf->data, buf->length, 0644, &err) == CW_OK
                   ? CLI_OK
                   : cli_fail(cli, &err);
    if (fwrite(buf->data, 1, buf->length, stdout) != buf->length || fflush(stdout) != 0) {
        (void)cw_fail(&err, CW_E_IO, "file.write", "cannot write to standard output");
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

static void print_faults(const struct cli *cli, const struct cw_exchange_source *source,
                         const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_report_source shown = {source->name, source->text, source->length};
    if (cli->json)
        cw_report_json(&shown, faults, &buf);
    else
        cw_report_text(&shown, faults, &buf);
    fputs(buf.data ? buf.data : "", cli->json ? stdout : stderr);
}

static int import_file(struct cli *cli, const struct format *format, const char *file) {
    CW_AUTO_BUF struct cw_buf document = {0};
    struct cw_faults faults = {.arena = cli->arena};
    struct cw_error err = {0};
    char *text = "";
    size_t length = 0;
    if (cw_file_read(cli->arena, file, CW_EXCHANGE_BYTES, &text, &length, &err) != CW_OK)
        return cli_fail(cli, &err);
    struct cw_exchange_source source = {file, text, length};
    if (format->import(&source, &document, &faults, &err) == CW_OK)
        return write_out(cli, &document);
    if (faults.count == 0)
        return cli_fail(cli, &err);
    print_faults(cli, &source, &faults);
    return CLI_REFUSED;
}

static int run_import(struct cli *cli) {
    const struct format *chosen = NULL;
    for (size_t i = 0; i < FORMATS; i++) {
        if (!cli_has(cli, formats[i].option))
            continue;
        if (chosen)
            return cli_usage(cli, "name one model, with --dimacs or with --uvl");
        chosen = &formats[i];
    }
    if (!chosen || cli->word_count > 0)
        return cli_usage(cli, "name a model: --dimacs FILE or --uvl FILE");
    return import_file(cli, chosen, cli_option(cli, chosen->option, ""));
}

static const char *const import_options[] = {"dimacs=", "uvl=", "output=", NULL};

const struct cli_command cli_product_import = {
    "product",
    "import",
    "make a product document of a model of another tool",
    "examples:\n"
    "  cordwain product import --uvl shop.uvl -o shop.json\n"
    "  cordwain product import --dimacs model.dimacs | jq '.options | length'\n\n"
    "The document has options and rules only (\"rulesOnly\"): check it, configure it, export it.\n"
    "What the format says and a product cannot is refused with line and column, never left out.\n"
    "Exit code 0 done, 1 the model is refused, 2 the file is missing.\n\n"
    "options: --dimacs FILE (CNF) or --uvl FILE, -o FILE (standard output), --json (faults as "
    "JSON)\n",
    import_options,
    run_import};

/* A document on its own: neither its rules are compiled nor its art is looked for. */
static int load_file(struct cli *cli, const char *file, struct cw_snapshot **ret_snapshot) {
    struct cw_faults faults = {.arena = cli->arena};
    struct cw_error err = {0};
    char *text = "";
    size_t length = 0;
    if (cw_file_read(cli->arena, file, CW_PRODUCT_BYTES, &text, &length, &err) != CW_OK)
        return cli_fail(cli, &err);
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    if (cw_product_load(&source, &faults, ret_snapshot, &err) == CW_OK)
        return CLI_OK;
    if (faults.count == 0)
        return cli_fail(cli, &err);
    print_faults(cli, &(struct cw_exchange_source){file, text, length}, &faults);
    return CLI_REFUSED;
}

static int load_product(struct cli *cli, const char *name, struct cw_snapshot **ret_snapshot) {
    size_t length = strlen(name);
    int exit_code = CLI_OK;
    if (strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".json") == 0))
        return load_file(cli, name, ret_snapshot);
    cli->options[cli->option_count++] = (struct cw_config_value){"product", name};
    (void)!cli_product(cli, /* pack_art: */ false, ret_snapshot, &exit_code);
    return exit_code;
}

static int run_export(struct cli *cli) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    CW_AUTO_BUF struct cw_buf model = {0};
    CW_AUTO_BUF struct cw_buf notes = {0};
    struct cw_error err = {0};
    bool schema = cli_has(cli, "selection-schema");
    if (schema == cli_has(cli, "uvl") || cli->word_count != 1 || cli->option_count == CLI_VALUES)
        return cli_usage(cli, "name one format and one product: --uvl or --selection-schema, and "
                              "ID or FILE");
    int exit_code = load_product(cli, cli->words[0], &snapshot);
    if (exit_code != CLI_OK)
        return exit_code;
    if (schema) {
        const struct cw_product *product = cw_snapshot_product(snapshot);
        cw_selection_schema(product, cli_option(cli, "locale", product->locales[0]), &model);
        cw_buf_putc(&model, '\n');
        return write_out(cli, &model);
    }
    if (cw_uvl_export(cw_snapshot_product(snapshot), &model, &notes, &err) != CW_OK)
        return cli_fail(cli, &err);
    char *rest = notes.data;
    for (char *line; rest && (line = strsep(&rest, "\n")) && *line;)
        fprintf(stderr, "%s: note: not in the model: %s\n", cli->words[0], line);
    return write_out(cli, &model);
}

static const char *const export_options[] = {
    "uvl", "selection-schema", "output=", "locale=", "data=", NULL};

const struct cli_command cli_product_export = {
    "product",
    "export",
    "write a product as a model for another tool, or its selections as a JSON Schema",
    "examples:\n"
    "  cordwain product export --uvl schemas/products/bottle.json -o bottle.uvl\n"
    "  cordwain product export --uvl bottle --data data\n"
    "  cordwain product export --selection-schema bottle --data data -o bottle.schema.json\n\n"
    "The model has exactly as many configurations as the product. What it cannot say (prices, "
    "texts,\n"
    "pictures) is listed on standard error and in comments at its head.\n\n"
    "The selection schema is a JSON Schema 2020-12 of complete selections; what it does not say "
    "stands in its $comment.\n\n"
    "options: --uvl or --selection-schema (the format), -o FILE (standard output), --data DIR, "
    "--locale TAG (of titles in the schema)\n",
    export_options,
    run_export};
