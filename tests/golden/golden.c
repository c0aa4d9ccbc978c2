/*
 * Responsible for: the golden suite: every folder of cases/ is one design; what it resolves to,
 * costs, looks like and is made from must be what is recorded. Prints TAP. golden [case…] compare
 * all cases, or those named GOLDEN_WRITE=1 …     record instead; then a person looks at the
 * difference before it is committed Does not: judge single steps (unit tests). Its own program.
 */
#include "golden.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CW_LOG_MODULE "golden"
#include "app/picture_files.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

static bool fail(const struct cw_error *err) {
    printf("Bail out! %s: %s %s\n", err->code, err->message, err->detail);
    return false;
}

/* ---- the machine the pictures were recorded on ----------------------------------------------- */

/* The drawing libraries of the build's text: our own version must not excuse a difference, nor must
 * the PNG code, which differs by processor and keeps every pixel. */
static const char *libraries(const struct golden *golden) {
    const char *build = cw_pool_build(cw_preview_pool(cw_sync_service(golden->renderer)));
    const char *from = strstr(build, "cairo/"), *to = from ? strstr(from, " isal/") : NULL;
    if (!to) {
        return from ? from : build;
    }
    return cw_arena_strndup(golden->arena, from, (size_t)(to - from));
}

static const char *fonts(const struct golden *golden) {
    return cw_pool_fonts_digest(cw_preview_pool(cw_sync_service(golden->renderer)));
}

static bool read_reference(struct golden *golden, const char *path, json_t **ret,
                           struct cw_error *err) {
    char *text;
    size_t length;
    return cw_file_read(golden->arena, path, GOLDEN_FILE_BYTES, &text, &length, err) == CW_OK &&
           cw_json_read(golden->arena, text, length, GOLDEN_FILE_BYTES, ret, err) == CW_OK;
}

/* The fonts and drawing libraries of another Debian patch level draw other pixels; that is not a
 * fault. */
static bool check_reference(struct golden *golden, const char *path, struct cw_error *err) {
    json_t *reference = NULL;
    if (golden->write) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_buf_puts(&buf, "{\n \"fonts\": ");
        cw_buf_json(&buf, fonts(golden));
        cw_buf_puts(&buf, ",\n \"libraries\": ");
        cw_buf_json(&buf, libraries(golden));
        cw_buf_puts(&buf, "\n}\n");
        return cw_file_write_atomic(path, buf.data, buf.length, 0644, err) == CW_OK;
    }
    if (!read_reference(golden, path, &reference, err)) {
        return false;
    }
    const struct {
        const char *member, *now;
    } parts[] = {{"fonts", fonts(golden)}, {"libraries", libraries(golden)}};
    for (size_t i = 0; i < 2; i++) {
        const char *recorded = json_string_value(json_object_get(reference, parts[i].member));
        if (!recorded || strcmp(recorded, parts[i].now) != 0) {
            golden->other_fonts =
                cw_arena_printf(golden->arena, "other %s: recorded with '%s', here '%s'",
                                parts[i].member, recorded ? recorded : "", parts[i].now);
            printf("# measured sizes, pictures and artwork digests are not compared: %s\n",
                   golden->other_fonts);
            return true;
        }
    }
    return true;
}

/* ---- one case -------------------------------------------------------------------------------- */

struct outcome {
    bool same;
    const char *title, *xfail; /* xfail: the reason, NULL when none */
    struct cw_buf notes;
};

static void judge(struct golden *golden, struct cw_arena *arena, const char *name,
                  struct outcome *ret) {
    struct cw_error err = {0};
    struct golden_made made = {0};
    char *text;
    size_t length;
    json_t *design;
    const char *folder = cw_arena_printf(arena, "%s/%s", golden->cases, name);
    if (cw_file_read(arena, cw_arena_printf(arena, "%s/xfail", folder), 4096, &text, &length,
                     NULL) == CW_OK) {
        text[strcspn(text, "\n")] = '\0';
        ret->xfail = text;
    }
    if (cw_file_read(arena, cw_arena_printf(arena, "%s/design.json", folder), GOLDEN_FILE_BYTES,
                     &text, &length, &err) != CW_OK ||
        cw_json_read(arena, text, length, GOLDEN_FILE_BYTES, &design, &err) != CW_OK) {
        cw_buf_printf(&ret->notes, "design.json: %s\n", err.message);
        return;
    }
    const char *title = json_string_value(json_object_get(design, "title"));
    ret->title = title ? title : "";
    if (golden_make(golden, design, arena, &made, &err) != CW_OK) {
        cw_buf_printf(&ret->notes, "%s: %s (%s)\n", err.code, err.message, err.detail);
        return;
    }
    if (golden->write && ret->xfail) {
        ret->same = true; /* what is right there is written by hand */
        return;
    }
    size_t rows = golden->report.length;
    ret->same = golden_compare(golden, name, &made, &ret->notes);
    if (ret->xfail && golden->report.length > rows) { /* nobody has to look at a known fault */
        golden->report.length = rows;
        golden->report.data[rows] = '\0';
    }
}

/* Notes as TAP comments. */
static void print_notes(const struct cw_buf *notes) {
    for (const char *line = notes->data; line && *line;) {
        size_t length = strcspn(line, "\n");
        printf("# %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

/* True when the suite may pass: a case that differs as its xfail says, may; one that no longer
 * does, not. */
static bool run_case(struct golden *golden, size_t number, const char *name) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct outcome outcome = {.title = ""};
    judge(golden, arena, name, &outcome);
    printf("%sok %zu - %s: %s", outcome.same ? "" : "not ", number, name, outcome.title);
    if (outcome.xfail && !golden->write) {
        printf(" # TODO %s", outcome.xfail);
    }
    putchar('\n');
    print_notes(&outcome.notes);
    fflush(stdout);
    cw_buf_deinit(&outcome.notes);
    return golden->write ? outcome.same : outcome.same == !outcome.xfail;
}

/* ---- all cases ------------------------------------------------------------------------------- */

static int is_case(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static bool run_folder(struct golden *golden) {
    struct dirent **entries;
    int count = scandir(golden->cases, &entries, is_case, alphasort);
    bool good = count > 0;
    printf("1..%d\n", count < 0 ? 0 : count);
    for (int i = 0; i < count; i++) {
        good = run_case(golden, (size_t)i + 1, entries[i]->d_name) && good;
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return good;
}

static bool run_named(struct golden *golden, char **names, int count) {
    bool good = true;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        good = run_case(golden, (size_t)i + 1, names[i]) && good;
    }
    return good;
}

/* ---- start ----------------------------------------------------------------------------------- */

static bool open_key(struct golden *golden, struct cw_error *err) {
    if (cw_signing_key_open(GOLDEN_SOURCE "/tests/golden/signing.json", &golden->key, err) !=
        CW_OK) {
        return false;
    }
    const char *jwks = cw_signing_jwks(golden->arena, golden->key);
    return cw_json_read(golden->arena, jwks, strlen(jwks), GOLDEN_FILE_BYTES, &golden->jwks, err) ==
           CW_OK;
}

static bool start(struct golden *golden, struct cw_error *err) {
    const char *write = getenv("GOLDEN_WRITE");
    *golden = (struct golden){.paths = {.home = GOLDEN_SOURCE,
                                        .renderer = GOLDEN_RENDERER,
                                        .rules = GOLDEN_RULES,
                                        .artefacts = "", /* compiled anew */
                                        .fonts = GOLDEN_SOURCE "/assets/fonts/fonts.json",
                                        .schemas = GOLDEN_SOURCE "/schemas",
                                        .art = GOLDEN_SOURCE "/assets/art",
                                        .packs = GOLDEN_OUT "/packs"},
                              .arena = cw_arena_new(),
                              .cases = GOLDEN_SOURCE "/tests/golden/cases",
                              .out = GOLDEN_OUT,
                              .catalog = cw_catalog_new(),
                              .write = write && strcmp(write, "1") == 0};
    golden->pictures = cw_picture_files_new(&golden->paths);
    cw_log_level_set(CW_LOG_WARN); /* the harness reads standard output and error together */
    return cw_dir_make(GOLDEN_OUT "/packs", 0755, err) == CW_OK && open_key(golden, err) &&
           cw_sync_new(golden->paths.renderer, golden->paths.fonts, &golden->renderer, err) ==
               CW_OK &&
           check_reference(golden, GOLDEN_SOURCE "/tests/golden/reference.json", err);
}

static void stop(struct golden *golden) {
    cw_sync_free(golden->renderer);
    cw_picture_files_free(golden->pictures);
    cw_catalog_free(golden->catalog);
    cw_signing_key_free(golden->key);
    cw_buf_deinit(&golden->report);
    cw_arena_free(golden->arena);
}

int main(int argc, char **argv) {
    struct golden golden;
    struct cw_error err = {0};
    bool good = start(&golden, &err) || fail(&err);
    if (good) {
        good = argc > 1 ? run_named(&golden, argv + 1, argc - 1) : run_folder(&golden);
        golden_report_write(&golden);
    }
    stop(&golden);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
