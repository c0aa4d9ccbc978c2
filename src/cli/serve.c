/*
 * Responsible for: `cordwain serve`, `cordwain demo`, `cordwain config …`.
 * Does not: serve (app). Command line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/serve.h"
#include "cli/cli.h"
#include "http/limits.h"

#define SETTINGS                                                                                   \
    "listen=", "data=", "redis=", "base-url=", "cors=", "tls-cert=", "tls-key=",                   \
        "drain-delay-ms=", "loops=", "rate-limit=", "hosts=", "rules-compile-ms=",                 \
        "rules-retry-ms=", "artworks-mb=", "artworks-days=", "workers=", "access-log="

static const char *const settings[] = {SETTINGS, NULL};
static const char *const print_options[] = {SETTINGS, "limits", NULL};

/* Prints every fault; CLI_USAGE when there is one. */
static int read_config(struct cli *cli, struct cw_config *ret_config) {
    struct cw_faults faults = {.arena = cli->arena};
    if (cw_config_read(cli->options, cli->option_count, cli->arena, ret_config, &faults) == CW_OK) {
        return CLI_OK;
    }
    for (size_t i = 0; i < faults.count; i++) {
        fprintf(stderr, "cordwain: --%s: %s [%s]%s%s\n", faults.items[i].pointer + 1,
                faults.items[i].message, faults.items[i].code, *faults.items[i].hint ? ": " : "",
                faults.items[i].hint);
    }
    return CLI_USAGE;
}

static int serve(struct cli *cli, bool demo) {
    struct cw_config config;
    struct cw_error err = {0};
    if (cli->word_count > 0) {
        return cli_usage(cli, "'%s' is one word too many", cli->words[0]);
    }
    int exit_code = read_config(cli, &config);
    if (exit_code != CLI_OK) {
        return exit_code;
    }
    if (cw_paths_find(cli->arena, config.data, &cli->paths, &err) != CW_OK ||
        cw_serve(&config, &cli->paths, demo, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    return CLI_OK;
}

static int run_serve(struct cli *cli) {
    return serve(cli, false);
}

static int run_demo(struct cli *cli) {
    return serve(cli, true);
}

static int run_check(struct cli *cli) {
    struct cw_config config;
    int exit_code = read_config(cli, &config);
    if (exit_code == CLI_OK && cli->json) {
        puts("{\"valid\":true}");
    } else if (exit_code == CLI_OK) {
        puts("configuration is valid");
    }
    return exit_code == CLI_OK ? CLI_OK : CLI_REFUSED;
}

static int print_limits(const struct cli *cli) {
    size_t count;
    const struct cw_limit *limits = cw_limits_table(&count);
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < count; i++) {
        if (!cli->json) {
            printf("%-36s %12" PRId64 " %-10s %s\n", limits[i].name, limits[i].value,
                   limits[i].unit, limits[i].code);
            continue;
        }
        cw_buf_puts(&buf, i ? ",{\"name\":" : "[{\"name\":");
        cw_buf_json(&buf, limits[i].name);
        cw_buf_printf(&buf, ",\"value\":%" PRId64 ",\"unit\":", limits[i].value);
        cw_buf_json(&buf, limits[i].unit);
        cw_buf_puts(&buf, ",\"code\":");
        cw_buf_json(&buf, limits[i].code);
        cw_buf_puts(&buf, "}");
    }
    if (cli->json) {
        printf("%s]\n", buf.data);
    }
    return CLI_OK;
}

static int run_print(struct cli *cli) {
    if (cli_has(cli, "limits")) {
        return print_limits(cli);
    }
    size_t count;
    const struct cw_setting *table = cw_settings(&count);
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < count; i++) {
        const char *value, *source;
        source = cw_config_source(&table[i], cli->options, cli->option_count, &value);
        if (!cli->json) {
            printf("%-10s %-24s %-12s %-20s %s\n", table[i].name, *value ? value : "(none)", source,
                   table[i].environment, table[i].description);
            continue;
        }
        cw_buf_puts(&buf, i ? "," : "{");
        cw_buf_json(&buf, table[i].name);
        cw_buf_puts(&buf, ":{\"value\":");
        cw_buf_json(&buf, value);
        cw_buf_puts(&buf, ",\"source\":");
        cw_buf_json(&buf, source);
        cw_buf_puts(&buf, "}");
    }
    if (cli->json) {
        printf("%s}\n", buf.data);
    }
    return CLI_OK;
}

#define SETTINGS_HELP                                                                              \
    "options (each also as an environment variable, see `cordwain config print`):\n"               \
    "  --listen HOST:PORT   default 127.0.0.1:8080; port 0 takes a free one\n"                     \
    "  --data DIR           database, art packs, keys; default ./data\n"                           \
    "  --redis URL          shared preview cache; default none\n"                                  \
    "  --base-url URL       how the outside calls this server\n"                                   \
    "  --cors ORIGINS       origins whose pages may use the API\n"                                 \
    "  --tls-cert FILE      PEM certificate and chain, with --tls-key FILE; default plain HTTP\n"  \
    "  --hosts LIST         hosts that are answered, shop.example,10.0.0.7:8080; others get 421; " \
    "default any\n"                                                                                \
    "  --rate-limit N       requests per second of one client address or key; default 0, no "      \
    "limit\n"                                                                                      \
    "  --drain-delay-ms N   after SIGTERM, /readyz says 503 for so long first; default 0\n"        \
    "  --rules-compile-ms N for compiling a version's rules before it is published; default "      \
    "2000\n"                                                                                       \
    "  --rules-retry-ms N   for a second try in the background; default 60000, 0 for none\n"       \
    "  --artworks-mb N      pictures of shoppers on disk; default 10240, 0 takes none\n"           \
    "  --artworks-days N    until a picture goes that nothing names; default 30, 0 keeps all\n"    \
    "  --loops N            event loops that answer; default one per core\n"                       \
    "  --workers N          renderer processes; default one per core\n"                            \
    "  --access-log on|off  default on\n"

const struct cli_command cli_serve = {
    "serve",
    "",
    "serve the shop, the factory desk and the API",
    "examples:\n"
    "  cordwain serve --listen 127.0.0.1:8080 --data data\n"
    "  cordwain serve --listen 0.0.0.0:80 --data /var/lib/cordwain --redis "
    "redis://127.0.0.1:6379\n\n"
    "Prints `ready http://…` once it accepts; ends cleanly on SIGTERM. Listens on the socket that\n"
    "systemd passes instead of --listen, if it does.\n\n" SETTINGS_HELP,
    settings,
    run_serve};

const struct cli_command cli_demo = {
    "demo",
    "",
    "serve with the three demo products and keys for a designer and a facility",
    "examples:\n"
    "  cordwain demo --listen 127.0.0.1:8080 --data data\n\n"
    "Seeds the data folder (once), prints a designer and a facility key, then "
    "serves.\n\n" SETTINGS_HELP,
    settings,
    run_demo};

const struct cli_command cli_config_check = {
    "config",
    "check",
    "check the settings without starting anything",
    "examples:\n"
    "  CORDWAIN_LISTEN=0.0.0.0:80 cordwain config check\n\n"
    "Exit code 1 when a setting is wrong.\n\n" SETTINGS_HELP,
    settings,
    run_check};

const struct cli_command cli_config_print = {
    "config",
    "print",
    "print the settings in force, or all limits with --limits",
    "examples:\n"
    "  cordwain config print\n"
    "  cordwain config print --limits --json\n\n" SETTINGS_HELP,
    print_options,
    run_print};
