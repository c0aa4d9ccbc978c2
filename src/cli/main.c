/*
 * Responsible for: reading the command line, finding the command, help, exit codes.
 * Does not: do any command's work. The program's entry.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/report.h"
#include "catalog/snapshot.h"
#include "app/art.h"
#include "app/publish.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"
#include "store/store_sqlite.h"

static const struct cli_command *const commands[] = {
    &cli_demo,         &cli_serve,           &cli_product_check,  &cli_product_publish,
    &cli_product_list, &cli_product_import,  &cli_product_export, &cli_configure,
    &cli_render,       &cli_art_check,       &cli_order_list,     &cli_order_show,
    &cli_spec_show,    &cli_spec_verify,     &cli_key_create,     &cli_key_list,
    &cli_key_revoke,   &cli_stock_list,      &cli_stock_set,      &cli_config_check,
    &cli_config_print, &cli_schema_validate, &cli_schema_check,
};
#define COMMANDS (sizeof commands / sizeof *commands)

/* The commands of one noun, or all for NULL; how many. */
static size_t print_commands(FILE *out, const char *noun) {
    size_t count = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        char name[40];
        if (!noun || strcmp(commands[i]->noun, noun) == 0) {
            snprintf(name, sizeof name, "%s %s", commands[i]->noun, commands[i]->verb);
            fprintf(out, "  %-18s %s\n", name, commands[i]->summary);
            count++;
        }
    }
    return count;
}

static void print_help(FILE *out) {
    fputs(
        "cordwain - product personalisation: rules, pictures, orders, build specs\n\n"
        "examples:\n"
        "  cordwain demo --listen 127.0.0.1:8080 --data data\n"
        "  cordwain product check my-product.json\n"
        "  cordwain schema validate my.schema.json my.json\n"
        "  cordwain render --product bottle --view front --width 600 --format png -o bottle.png\n\n"
        "commands:\n",
        out);
    print_commands(out, NULL);
    fputs("\n`cordwain COMMAND --help` tells more. Exit codes: 0 done, 1 input refused, 2 wrong "
          "usage, "
          "3 failure.\n",
          out);
}

const char *cli_option(const struct cli *cli, const char *name, const char *fallback) {
    for (size_t i = cli->option_count; i-- > 0;) {
        if (strcmp(cli->options[i].name, name) == 0) {
            return cli->options[i].value;
        }
    }
    return fallback;
}

bool cli_has(const struct cli *cli, const char *name) {
    return cli_option(cli, name, NULL) != NULL;
}

int cli_usage(const struct cli *cli, const char *format, ...) {
    va_list args;
    fprintf(stderr, "%s: ", cli->program);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n", stderr);
    return CLI_USAGE;
}

int cli_fail(const struct cli *cli, const struct cw_error *err) {
    if (cli->json) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_buf_puts(&buf, "{\"code\":");
        cw_buf_json(&buf, err->code ? err->code : "unknown");
        cw_buf_puts(&buf, ",\"message\":");
        cw_buf_json(&buf, err->message);
        cw_buf_puts(&buf, "}");
        puts(buf.data);
    }
    fprintf(stderr, "%s: %s [%s]%s%s\n", cli->program, err->message,
            err->code ? err->code : "unknown", err->detail[0] ? ": " : "", err->detail);
    switch (err->status) {
    case CW_E_INPUT:
    case CW_E_CONFLICT:
    case CW_E_LIMIT:
        return CLI_REFUSED;
    case CW_E_NOT_FOUND:
        return CLI_USAGE;
    default:
        return CLI_FAILED;
    }
}

static enum cw_status data_folder(struct cli *cli, const char **ret_data, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct cw_faults faults = {.arena = scratch};
    struct cw_config config;
    if (cw_config_read(cli->options, cli->option_count, cli->arena, &config, &faults) != CW_OK) {
        return cw_fail(err, CW_E_INPUT, "config.invalid", "%s at %s", faults.items[0].message,
                       faults.items[0].pointer);
    }
    *ret_data = config.data;
    return CW_OK;
}

enum cw_status cli_open_paths(struct cli *cli, bool with_data, struct cw_error *err) {
    const char *data = "";
    enum cw_status status = with_data ? data_folder(cli, &data, err) : CW_OK;
    return status == CW_OK ? cw_paths_find(cli->arena, data, &cli->paths, err) : status;
}

enum cw_status cli_open_stored(struct cli *cli, struct cw_error *err) {
    const char *data = "";
    enum cw_status status = data_folder(cli, &data, err);
    if (status == CW_OK && !cw_file_exists(cw_arena_printf(cli->arena, "%s/cordwain.db", data))) {
        return cw_fail(err, CW_E_NOT_FOUND, "data.not_found",
                       "there is no data in the folder '%.80s': name another with --data", data);
    }
    return status == CW_OK ? cli_open_store(cli, err) : status;
}

enum cw_status cli_open_store(struct cli *cli, struct cw_error *err) {
    enum cw_status status = cli_open_paths(cli, true, err);
    return status == CW_OK
               ? cw_store_sqlite_open(cli->paths.database, &cw_clock_system, &cli->store, err)
               : status;
}

/* ---- --product ------------------------------------------------------------------------------- */

static void print_faults(const struct cli *cli, const char *file, const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    char *text = "";
    size_t length = 0;
    (void)!cw_file_read(faults->arena, file, (size_t)16 << 20, &text, &length, NULL);
    struct cw_report_source source = {file, text, length};
    cw_report_text(&source, faults, &buf);
    fputs(buf.data ? buf.data : "", stderr);
    (void)cli;
}

struct lookup {
    struct cw_arena *arena;
    const char *id, *version;
    struct cw_product_row row;
};

static enum cw_status find_product(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct lookup *l = arg;
    enum cw_status status = txn->ops->product_get(txn, l->arena, l->id, l->version, &l->row, err);
    if (status == CW_E_NOT_FOUND && err) {
        *err = (struct cw_error){0};
        (void)cw_fail(err, CW_E_NOT_FOUND, "product.not_found",
                      l->version ? "no product '%s' of that version in this data folder"
                                 : "no product '%s' in this data folder",
                      l->id);
    }
    return status;
}

static enum cw_status stored_product(struct cli *cli, const char *name,
                                     struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    enum cw_status status = cli_open_stored(cli, err);
    if (status != CW_OK) {
        return status;
    }
    const char *at = strchr(name, '@');
    struct lookup l = {.arena = cli->arena,
                       .id = at ? cw_arena_strndup(cli->arena, name, (size_t)(at - name)) : name,
                       .version = at ? at + 1 : NULL};
    status = cli->store->ops->read_wait(cli->store, find_product, &l, err);
    static const struct cw_rules_effort effort = CW_RULES_EFFORT;
    return status == CW_OK ? cw_admit_row(&cli->paths, &effort, &l.row, ret_snapshot, err) : status;
}

/* $XDG_CACHE_HOME/cordwain or ~/.cache/cordwain (XDG Base Directory Specification 0.8); NULL:
 * neither is known. */
static const char *cache_folder(struct cw_arena *arena) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/') {
        return cw_arena_printf(arena, "%s/cordwain", cache);
    }
    return home && home[0] == '/' ? cw_arena_printf(arena, "%s/.cache/cordwain", home) : NULL;
}

/* A file's art is packed into the data folder when one was named, otherwise into the user's cache.
 */
static enum cw_status open_pack_folder(struct cli *cli, struct cw_error *err) {
    bool named = cli_has(cli, "data") || getenv("CORDWAIN_DATA");
    const char *cache = named ? NULL : cache_folder(cli->arena);
    return cache ? cw_paths_find(cli->arena, cache, &cli->paths, err)
                 : cli_open_paths(cli, true, err);
}

static enum cw_status file_product(struct cli *cli, const char *file, bool pack_art,
                                   struct cw_snapshot **ret_snapshot, struct cw_faults *faults,
                                   struct cw_error *err) {
    enum cw_status status = pack_art ? open_pack_folder(cli, err) : cli_open_paths(cli, false, err);
    if (status == CW_OK) {
        status = cw_load_file(&cli->paths, file, "", ret_snapshot, faults, err);
    }
    if (status != CW_OK || !pack_art) {
        return status;
    }
    if (cw_snapshot_product(*ret_snapshot)->rules_only) {
        cw_snapshot_unref(*ret_snapshot);
        *ret_snapshot = NULL;
        return cw_fail(err, CW_E_INPUT, "product.rules_only",
                       "a document with rules only has nothing to draw");
    }
    char digest[CW_DIGEST_TEXT];
    status = cw_art_install(&cli->paths, cw_snapshot_product(*ret_snapshot)->art, digest, err);
    cw_snapshot_unref(*ret_snapshot);
    *ret_snapshot = NULL;
    return status == CW_OK ? cw_load_file(&cli->paths, file, digest, ret_snapshot, faults, err)
                           : status;
}

static bool is_file(const char *name) {
    size_t length = strlen(name);
    return strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".json") == 0);
}

enum cw_status cli_product_named(struct cli *cli, const char *name,
                                 struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    struct cw_faults faults = {.arena = cli->arena};
    if (!is_file(name)) {
        return stored_product(cli, name, ret_snapshot, err);
    }
    enum cw_status status = cw_load_file(&cli->paths, name, "", ret_snapshot, &faults, err);
    if (status != CW_OK && faults.count > 0) {
        print_faults(cli, name, &faults);
    }
    return status;
}

static enum cw_status open_product(struct cli *cli, const char *name, bool pack_art,
                                   struct cw_snapshot **ret_snapshot, int *ret_exit) {
    struct cw_error err = {0};
    struct cw_faults faults = {.arena = cli->arena};
    enum cw_status status = is_file(name)
                                ? file_product(cli, name, pack_art, ret_snapshot, &faults, &err)
                                : stored_product(cli, name, ret_snapshot, &err);
    if (status == CW_OK) {
        return CW_OK;
    }
    if (faults.count > 0) {
        print_faults(cli, name, &faults);
        *ret_exit = CLI_REFUSED;
    } else {
        *ret_exit = cli_fail(cli, &err);
    }
    return status;
}

enum cw_status cli_product(struct cli *cli, bool pack_art, struct cw_snapshot **ret_snapshot,
                           int *ret_exit) {
    const char *name = cli_option(cli, "product", NULL);
    if (name) {
        return open_product(cli, name, pack_art, ret_snapshot, ret_exit);
    }
    *ret_exit = cli_usage(cli, "--product ID or --product FILE is missing");
    return CW_E_INPUT;
}

enum cw_status cli_product_art(struct cli *cli, const char *name, struct cw_snapshot **ret_snapshot,
                               int *ret_exit) {
    return open_product(cli, name, /* pack_art: */ true, ret_snapshot, ret_exit);
}

/* ---- parsing --------------------------------------------------------------------------------- */

static const struct cli_command *find_command(int argc, char **argv, int *ret_used) {
    for (size_t i = 0; i < COMMANDS; i++) {
        bool verb = *commands[i]->verb != '\0';
        if (argc > 1 && strcmp(argv[1], commands[i]->noun) == 0 &&
            (!verb || (argc > 2 && strcmp(argv[2], commands[i]->verb) == 0))) {
            *ret_used = verb ? 3 : 2;
            return commands[i];
        }
    }
    return NULL;
}

/* 1: known flag, 2: takes a value, 0: unknown. -s and -o are short for --select and --output. */
static int option_kind(const struct cli_command *command, const char *name) {
    if (strcmp(name, "json") == 0 || strcmp(name, "help") == 0) {
        return 1;
    }
    for (const char *const *p = command->options; *p; p++) {
        size_t n = strlen(*p);
        bool value = (*p)[n - 1] == '=';
        if (strlen(name) == n - value && strncmp(*p, name, n - value) == 0) {
            return value ? 2 : 1;
        }
    }
    return 0;
}

static const char *long_name(const char *arg) {
    if (strcmp(arg, "-s") == 0) {
        return "select";
    }
    if (strcmp(arg, "-o") == 0) {
        return "output";
    }
    if (strcmp(arg, "-h") == 0) {
        return "help";
    }
    return strncmp(arg, "--", 2) == 0 && arg[2] ? arg + 2 : NULL;
}

static int parse(struct cli *cli, const struct cli_command *command, int argc, char **argv,
                 int at) {
    for (; at < argc; at++) {
        const char *name = long_name(argv[at]);
        if (name && cli->option_count == CLI_VALUES) {
            return cli_usage(cli, "more than %d options", CLI_VALUES);
        }
        if (!name) {
            if (argv[at][0] == '-' && argv[at][1] != '\0') {
                return cli_usage(cli, "unknown option '%s'; see --help", argv[at]);
            }
            if (cli->word_count == CLI_VALUES) {
                return cli_usage(cli, "more than %d words", CLI_VALUES);
            }
            cli->words[cli->word_count++] = argv[at];
            continue;
        }
        const char *equals = strchr(name, '='), *value = "";
        char plain[64];
        size_t length = equals ? (size_t)(equals - name) : strlen(name);
        snprintf(plain, sizeof plain, "%.*s", (int)(length > 63 ? 63 : length), name);
        int kind = option_kind(command, plain);
        if (kind == 0) {
            return cli_usage(cli, "unknown option '%s'; see --help", argv[at]);
        }
        if (kind == 2) {
            value = equals ? equals + 1 : at + 1 < argc ? argv[++at] : NULL;
            if (!value) {
                return cli_usage(cli, "option '--%s' needs a value", plain);
            }
        }
        cli->options[cli->option_count++] =
            (struct cw_config_value){cw_arena_strdup(cli->arena, plain), value};
    }
    cli->json = cli_has(cli, "json");
    return CLI_OK;
}

/* A noun alone or with --help lists its commands; anything else is a mistake. */
static int no_command(int argc, char **argv) {
    bool asked = argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
    if (!asked) {
        fprintf(stderr, "cordwain: unknown command '%s%s%s'\n", argv[1], argc > 2 ? " " : "",
                argc > 2 ? argv[2] : "");
    }
    if (print_commands(asked ? stdout : stderr, argv[1]) == 0) {
        print_help(stderr);
        return CLI_USAGE;
    }
    return asked ? CLI_OK : CLI_USAGE;
}

int main(int argc, char **argv) {
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? CLI_USAGE : CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("cordwain " CORDWAIN_VERSION);
        return CLI_OK;
    }
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cli cli = {.program = "cordwain", .arena = arena};
    int used;
    const struct cli_command *command = find_command(argc, argv, &used);
    if (!command) {
        return no_command(argc, argv);
    }
    int exit_code = parse(&cli, command, argc, argv, used);
    if (exit_code == CLI_OK && cli_has(&cli, "help")) {
        fputs(command->help, stdout);
        return CLI_OK;
    }
    if (exit_code == CLI_OK) {
        if (!getenv("CORDWAIN_LOG") && command != &cli_serve && command != &cli_demo) {
            cw_log_level_set(CW_LOG_WARN); /* a command's standard error is for what went wrong */
        }
        exit_code = command->run(&cli);
    }
    if (cli.store) {
        cli.store->ops->free(cli.store);
    }
    return exit_code;
}
