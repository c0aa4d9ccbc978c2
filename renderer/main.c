/*
 * Responsible for the command line of cordwain-renderer. Does no work of its own. The server starts
 * it as a worker; the catalog and people start it to pack art. The locale stays "C": numbers in PDF
 * and SVG depend on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/sandbox.h"
#include "contact.h"
#include "fonts.h"
#include "import.h"
#include "import_worker.h"
#include "pack_write.h"
#include "sandbox.h"
#include "worker.h"

static const char usage[] =
    "cordwain-renderer --worker FD --fonts fonts.json   serve jobs on a socket\n"
    "cordwain-renderer --import FD                      judge one uploaded file, then end\n"
    "cordwain-renderer --contact FD --fonts fonts.json  join the pictures of a memory file\n"
    "cordwain-renderer --pack ART_DIR OUT_FILE [PICTURES_DIR]\n"
    "                                                   pack an art bundle, print its digest\n"
    "cordwain-renderer --version | --help\n";

static int fail(const struct cw_error *err) {
    fprintf(stderr, "cordwain-renderer: %s%s%s [%s]\n", err->message, err->detail[0] ? ": " : "",
            err->detail, err->code ? err->code : "");
    return 1;
}

static int pack(const char *art_dir, const char *out, const char *pictures_dir) {
    struct cw_error err = {0};
    char digest[CW_DIGEST_TEXT];
    if (cw_renderer_limits(&err) || cw_pack_write(art_dir, pictures_dir, out, digest, &err))
        return fail(&err);
    printf("%s\n", digest);
    return 0;
}

/* -1, and a word about it, when it is none. */
static int open_descriptor(const char *text) {
    char *end;
    errno = 0;
    long fd = strtol(text, &end, 10);
    if (errno || *end || fd < 0 || fd > 1023 || fcntl((int)fd, F_GETFD) < 0) {
        fprintf(stderr, "cordwain-renderer: '%s' is not an open descriptor\n", text);
        return -1;
    }
    return (int)fd;
}

static int import(const char *fd_text) {
    int fd = open_descriptor(fd_text);
    if (fd < 0)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    struct cw_error err = {0};
    cw_import_svg_warm();
    if (cw_import_lock(&err) || cw_import_serve(fd, &err))
        return fail(&err);
    return 0;
}

/* What begins with fonts, is locked, and serves one descriptor. */
static int serve(const char *mode, const char *fd_text, const char *fonts_path) {
    int fd = open_descriptor(fd_text);
    if (fd < 0)
        return 2;
    signal(SIGPIPE, SIG_IGN); /* a log line nobody reads must not end a worker */
    struct cw_error err = {0};
    struct cw_fonts *fonts;
    if (cw_fonts_load(fonts_path, &fonts, &err))
        return fail(&err);
    int code = 0;
    if (cw_fonts_warm(fonts, &err) || cw_renderer_lock(&err) ||
        (strcmp(mode, "--worker") == 0 ? cw_worker_run : cw_contact_make)(fd, fonts, &err))
        code = fail(&err);
    cw_fonts_free(fonts);
    return code;
}

/* For the unit tests: lock down, then do what must kill us. Returns only when the lock does not
 * hold. */
static int self_test_sandbox(const char *what) {
    struct cw_error err = {0};
    if (!cw_sandbox_available())
        return 77;
    if (cw_renderer_lock(&err))
        return fail(&err);
    cw_sandbox_provoke(what);
    return strcmp(what, "nothing") == 0 ? 0 : 3;
}

int main(int argc, char **argv) {
    if (argc == 5 && (strcmp(argv[1], "--worker") == 0 || strcmp(argv[1], "--contact") == 0) &&
        strcmp(argv[3], "--fonts") == 0)
        return serve(argv[1], argv[2], argv[4]);
    if (argc == 3 && strcmp(argv[1], "--import") == 0)
        return import(argv[2]);
    if ((argc == 4 || argc == 5) && strcmp(argv[1], "--pack") == 0)
        return pack(argv[2], argv[3], argc == 5 ? argv[4] : NULL);
    if (argc == 3 && strcmp(argv[1], "--self-test-sandbox") == 0)
        return self_test_sandbox(argv[2]);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts(cw_worker_build());
        return 0;
    }
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    fputs(usage, help ? stdout : stderr);
    return help ? 0 : 2;
}
