/*
 * Responsible for: holding what the importer draws against the reference pictures of the suite
 * resvg-svg, drawing by drawing, through the real process. Does not: judge by eye. A test program:
 *
 *   svg_suite RENDERER SUITES EXCEPTIONS [--list]          CORDWAIN_SUITES comes before SUITES
 *
 * Every drawing is either near its picture, or refused by a named rule that EXCEPTIONS gives for
 * it, or listed there as different with the reason. An exception that is none any more is a failure
 * too.
 * --list prints each drawing's verdict and difference instead of judging.
 */
#include <fcntl.h>
#include <fts.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "preview/import.h"

#define NEAR                                                                                       \
    24 /* levels a channel may differ and count as the same: edges are antialiased differently */
#define FAR_PERMIL 10 /* pixels of a thousand that may be farther away */
#define EXCEPTIONS 1000

struct exception {
    char file[200];
    char what[64]; /* a code, or "differs" */
    bool used;
};

static struct exception exceptions[EXCEPTIONS];
static size_t exception_count;
static unsigned near_count, refused_count, different_count, failed_count;
static bool listing;

static void read_exceptions(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        exit(2);
    char line[400];
    while (fgets(line, sizeof line, file)) {
        struct exception *e = &exceptions[exception_count];
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (exception_count == EXCEPTIONS || sscanf(line, "%199s %63s", e->file, e->what) != 2)
            exit(2);
        exception_count++;
    }
    fclose(file);
}

static const char *expected(const char *name) {
    for (size_t i = 0; i < exception_count; i++) {
        if (strcmp(exceptions[i].file, name) == 0) {
            exceptions[i].used = true;
            return exceptions[i].what;
        }
    }
    return "near";
}

/* The reference as straight RGBA; NULL when there is none. */
static uint8_t *read_reference(const char *path, png_image *image) {
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(image, path))
        return NULL;
    image->format = PNG_FORMAT_RGBA;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(*image));
    if (pixels && png_image_finish_read(image, NULL, pixels, 0, NULL))
        return pixels;
    free(pixels);
    return NULL;
}

/* Pixels of a thousand, rounded up, that are farther than NEAR in any channel. */
static unsigned far_permil(const uint8_t *straight, const uint8_t *drawn, size_t count) {
    size_t far = 0;
    for (size_t i = 0; i < count; i++, straight += 4, drawn += 4) {
        int most = abs(straight[3] - drawn[3]);
        for (int c = 0; c < 3; c++) {
            int wanted = (straight[c] * straight[3] + 127) / 255, d = abs(wanted - drawn[c]);
            most = d > most ? d : most;
        }
        far += most > NEAR;
    }
    return (unsigned)((far * 1000 + count - 1) / count);
}

static unsigned compare(const struct cw_import_verdict *verdict, const png_image *image,
                        const uint8_t *reference) {
    if (verdict->width_px != image->width || verdict->height_px != image->height)
        return 1000;
    size_t count = (size_t)image->width * image->height;
    uint8_t *drawn = mmap(NULL, count * 4, PROT_READ, MAP_SHARED, verdict->picture_fd, 0);
    if (drawn == MAP_FAILED)
        exit(2);
    unsigned far = far_permil(reference, drawn, count);
    munmap(drawn, count * 4);
    return far;
}

static void judge(const char *name, const struct cw_import_verdict *verdict, unsigned far) {
    const char *is = verdict->refused ? verdict->code : far > FAR_PERMIL ? "differs" : "near";
    const char *wanted = expected(name);
    near_count += strcmp(is, "near") == 0;
    different_count += strcmp(is, "differs") == 0;
    refused_count += verdict->refused;
    if (listing) {
        printf("%s %s %u\n", name, is, far);
    } else if (strcmp(is, wanted) != 0) {
        failed_count++;
        printf("not ok - %s: %s (%u of 1000 pixels), not %s\n", name, is, far, wanted);
    }
}

static void try(const char *renderer, const char *suite, const char *path) {
    char picture[4096];
    snprintf(picture, sizeof picture, "%.*spng", (int)strlen(path) - 3, path);
    png_image image;
    uint8_t *reference = read_reference(picture, &image);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (!reference || fd < 0)
        exit(2);
    const struct cw_import_request request = {.program = renderer,
                                              .file_fd = fd,
                                              .draw_px = image.width > image.height ? image.width
                                                                                    : image.height,
                                              .wants_picture = true};
    struct cw_import_verdict verdict;
    struct cw_error err = {0};
    if (cw_import_run(&request, &verdict, &err) != CW_OK)
        exit(2);
    judge(path + strlen(suite) + 1, &verdict,
          verdict.refused ? 0 : compare(&verdict, &image, reference));
    if (verdict.picture_fd >= 0)
        close(verdict.picture_fd);
    close(fd);
    free(reference);
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    listing = argc > 4 && strcmp(argv[4], "--list") == 0;
    char suite[3000];
    const char *suites = getenv("CORDWAIN_SUITES");
    snprintf(suite, sizeof suite, "%s/resvg-svg/crates/resvg/tests/tests",
             suites ? suites : argv[2]);
    if (access(suite, R_OK) != 0) {
        printf("1..0 # skip the suite is not there (set CORDWAIN_SUITES)\n");
        return 77;
    }
    read_exceptions(argv[3]);
    char *roots[] = {suite, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
        const char *dot = strrchr(entry->fts_name, '.');
        if (entry->fts_info == FTS_F && dot && strcmp(dot, ".svg") == 0)
            try(argv[1], suite, entry->fts_path);
    }
    fts_close(tree);
    for (size_t i = 0; !listing && i < exception_count; i++) {
        if (!exceptions[i].used) {
            failed_count++;
            printf("not ok - %s: an exception for no drawing\n", exceptions[i].file);
        }
    }
    printf("%u drawn within tolerance, %u refused, %u listed as different\n", near_count,
           refused_count, different_count);
    return failed_count != 0 || near_count == 0;
}
