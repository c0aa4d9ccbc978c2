/*
 * Responsible for: `cordwain art check` (verdicts on uploaded artwork, without a server).
 * Does not: open what a file holds (the importer process does, preview/import.c). Command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "preview/import.h"

static void print_line(const char *file, const struct cw_import_verdict *verdict) {
    CW_AUTO_BUF struct cw_buf line = {0};
    cw_buf_puts(&line, "{\"file\":");
    cw_buf_json(&line, file);
    cw_buf_printf(&line, ",\"verdict\":\"%s\"", verdict->refused ? "refused" : "ok");
    if (verdict->refused) {
        cw_buf_puts(&line, ",\"code\":");
        cw_buf_json(&line, verdict->code);
        cw_buf_puts(&line, ",\"reason\":");
        cw_buf_json(&line, verdict->reason);
    } else {
        cw_buf_printf(&line,
                      ",\"code\":null,\"reason\":null,\"kind\":\"%s\",\"width\":%u,\"height\":%u,"
                      "\"colour\":\"%s\"",
                      cw_artwork_kind_name(verdict->kind), verdict->width_px, verdict->height_px,
                      cw_artwork_colour_name(verdict->colour));
    }
    cw_buf_printf(&line, ",\"milliseconds\":%u,\"peakBytes\":%" PRIu64 "}", verdict->milliseconds,
                  verdict->peak_bytes);
    puts(line.data);
}

static const char *colour_words(enum cw_artwork_colour colour) {
    if (colour == CW_COLOUR_CONVERTED) {
        return ", colours converted to sRGB";
    }
    return colour == CW_COLOUR_ASSUMED ? ", colours taken for sRGB: the profile cannot be applied"
                                       : "";
}

static void print_human(const char *file, const struct cw_import_verdict *verdict) {
    if (verdict->refused) {
        printf("refused  %s: %s [%s]\n", file, verdict->reason, verdict->code);
    } else {
        printf("ok       %s: %s, %u x %u px%s\n", file, cw_artwork_kind_name(verdict->kind),
               verdict->width_px, verdict->height_px, colour_words(verdict->colour));
    }
}

/* -1, and a word about it. Without O_NONBLOCK a pipe nobody writes to would stop us here. */
static int open_file(const char *name) {
    struct stat about = {0};
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool there = fd >= 0 && fstat(fd, &about) == 0;
    if (there && S_ISREG(about.st_mode)) {
        return fd;
    }
    fprintf(stderr, "cordwain: cannot read '%s': %s\n", name,
            !there                   ? strerror(errno)
            : S_ISDIR(about.st_mode) ? "it is a folder"
                                     : "it is no file");
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/* CLI_OK, CLI_REFUSED, or the exit code of what went wrong. */
static int check_file(const struct cli *cli, const char *file) {
    int fd = open_file(file);
    if (fd < 0) {
        return CLI_USAGE;
    }
    struct cw_error err = {0};
    struct cw_import_verdict verdict;
    const struct cw_import_request request = {.program = cli->paths.renderer, .file_fd = fd};
    enum cw_status status = cw_import_run(&request, &verdict, &err);
    close(fd);
    if (status != CW_OK) {
        return cli_fail(cli, &err);
    }
    if (cli_has(cli, "human")) {
        print_human(file, &verdict);
    } else {
        print_line(file, &verdict);
    }
    return verdict.refused ? CLI_REFUSED : CLI_OK;
}

static int run_check(struct cli *cli) {
    if (cli->word_count == 0) {
        return cli_usage(cli, "which files? cordwain art check FILE...");
    }
    struct cw_error err = {0};
    if (cli_open_paths(cli, /* with_data: */ false, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    int worst = CLI_OK;
    for (size_t i = 0; i < cli->word_count; i++) {
        int code = check_file(cli, cli->words[i]);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static const char *const check_options[] = {"human", NULL};

const struct cli_command cli_art_check = {
    "art",
    "check",
    "would the importer take these pictures",
    "examples:\n"
    "  cordwain art check logo.svg photo.jpg\n"
    "  cordwain art check --human *.png\n\n"
    "Each file is read by a locked process of its own, as an upload to the server is. One JSON "
    "line\n"
    "per file: file, verdict (ok or refused), code, reason, kind, width, height (upright), colour\n"
    "(srgb, converted, assumed), milliseconds, peakBytes; --human writes a sentence instead.\n"
    "The codes are in docs/reference/errors.md.\n"
    "Exit codes: 0 all were taken, 1 some were refused, 2 a file cannot be opened, 3 no process\n"
    "could be started. An SVG may be art of a product; shoppers' pictures are PNG or JPEG only.\n",
    check_options,
    run_check};
