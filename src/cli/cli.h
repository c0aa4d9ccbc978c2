/* The command line: one file per noun, a table of commands, shared helpers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "app/paths.h"
#include "cordwain/store.h"

/* Exit codes (docs/reference/command-line.md). */
enum cli_exit {
    CLI_OK = 0,
    CLI_REFUSED = 1, /* the input was read and found wrong: faults were printed */
    CLI_USAGE = 2,   /* the command line itself is wrong, or a file is missing */
    CLI_FAILED = 3   /* the machine failed: disk, memory, renderer */
};

#define CLI_VALUES 1024 /* a shell's *.json */

/* A parsed command line: options in order and the words that are none. */
struct cli {
    const char *program;
    size_t option_count;
    struct cw_config_value options[CLI_VALUES]; /* name without dashes; a flag has value "" */
    size_t word_count;
    const char *words[CLI_VALUES];
    bool json;
    struct cw_arena *arena;
    struct cw_paths paths;
    struct cw_store *store;
};

struct cli_command {
    const char *noun, *verb; /* verb "" for a noun alone */
    const char *summary;
    const char *help;           /* opens with examples */
    const char *const *options; /* known names, NULL-terminated; one ending in '=' takes a value */
    int (*run)(struct cli *cli);
};

extern const struct cli_command cli_serve, cli_demo, cli_product_check, cli_product_publish,
    cli_product_list, cli_product_import, cli_product_export, cli_configure, cli_render,
    cli_art_check, cli_order_list, cli_order_show, cli_spec_show, cli_spec_verify, cli_key_create,
    cli_key_list, cli_key_revoke, cli_config_check, cli_config_print, cli_schema_validate,
    cli_schema_check, cli_stock_list, cli_stock_set;

/* The last value of an option, or fallback. */
const char *cli_option(const struct cli *cli, const char *name, const char *fallback);
bool cli_has(const struct cli *cli, const char *name);

/* Print "cordwain: message" (or JSON) on standard error; the exit code that fits the status. */
int cli_fail(const struct cli *cli, const struct cw_error *err);
int cli_usage(const struct cli *cli, const char *format, ...) CW_PRINTF(2, 3);

/* Find the shipped files and the data folder (--data). */
enum cw_status cli_open_paths(struct cli *cli, bool with_data, struct cw_error *err) CW_MUST_USE;
/* The store of a data folder that exists already, for commands that only look: CW_E_NOT_FOUND
 * "data.not_found". */
enum cw_status cli_open_stored(struct cli *cli, struct cw_error *err) CW_MUST_USE;
/* Data folder and store, made when missing; closed by main. */
enum cw_status cli_open_store(struct cli *cli, struct cw_error *err) CW_MUST_USE;

/* "12.50": minor units as people write them. */
#define CLI_MONEY 40
void cli_money(const char *currency, int64_t minor, char ret_text[CLI_MONEY]);

struct cw_buf;
struct cw_comparison;
/* "12,345,678" */
void cli_put_grouped(struct cw_buf *buf, const char *digits);
/* What a version changes, in two or three lines. */
void cli_put_change(struct cw_buf *buf, const struct cw_comparison *comparison);

struct cw_snapshot;
/* A product by name, as --product takes it, with its rules; faults were printed. The store stays
 * open for an ID. */
enum cw_status cli_product_named(struct cli *cli, const char *name,
                                 struct cw_snapshot **ret_snapshot,
                                 struct cw_error *err) CW_MUST_USE;
/*
 * --product ID[@VERSION] of the data folder, or FILE (anything with a '/' or ending in .json),
 * whose art is packed when asked for, into --data or else the user's cache. On CW_E_INPUT faults
 * were printed already and *ret_exit is set. Free with cw_snapshot_unref.
 */
enum cw_status cli_product(struct cli *cli, bool pack_art, struct cw_snapshot **ret_snapshot,
                           int *ret_exit);
/* The same by name, with its art. */
enum cw_status cli_product_art(struct cli *cli, const char *name, struct cw_snapshot **ret_snapshot,
                               int *ret_exit);
