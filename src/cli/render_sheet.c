/*
 * Responsible for: `cordwain render --sheet` (presets × views of products on one picture). Does
 * not: draw the pictures (the renderer's worker) or join them (cordwain-renderer --contact).
 * Command line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/art.h"
#include "base/file.h"
#include "base/start.h"
#include "base/wire.h"
#include "catalog/snapshot.h"
#include "cli/cli.h"
#include "cli/render.h"
#include "configure/configure.h"
#include "configure/value.h"
#include "cordwain/contact.h"

struct sheet {
    struct cli *cli;
    struct cw_sync *renderer;
    const struct cw_scene_request *frame; /* width, background, shadow of every picture */
    struct cw_picture_files *pictures;
    struct cw_selection own; /* -s, on top of every preset of the product at hand */
    struct cw_buf rows;
    uint32_t row_count;
};

static void lay_over(const struct cw_product *product, const struct cw_selection *top,
                     struct cw_arena *arena, struct cw_selection *selection) {
    struct cw_value *values = cw_arena_array(arena, product->option_count + 1, sizeof *values);
    bool *given = cw_arena_array(arena, product->option_count + 1, sizeof *given);
    const struct cw_selection *layers[] = {selection, top};
    for (int layer = 0; layer < 2; layer++) {
        for (size_t i = 0; i < layers[layer]->count; i++) {
            const struct cw_pick *pick = &layers[layer]->picks[i];
            values[pick->option] = pick->value;
            given[pick->option] = true;
        }
    }
    cw_selection_collect(product, values, given, arena, selection);
}

/* A preset's picks, or nothing picked, as a resolved design. */
static enum cw_status resolve(struct sheet *sheet, const struct cw_snapshot *snapshot,
                              const struct cw_preset *preset, struct cw_resolved *ret) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_arena *arena = sheet->cli->arena;
    struct cw_faults faults = {.arena = arena};
    struct cw_selection selection = {0};
    enum cw_status status =
        preset ? cw_selection_decode_picks(product, preset->picks, preset->pick_count, arena,
                                           &selection, &faults)
               : CW_OK;
    struct cw_configure_context context = {.locale = "en"};
    cw_picture_files_tell(sheet->pictures, &context);
    if (status == CW_OK) {
        lay_over(product, &sheet->own, arena, &selection);
        status = cw_resolve(cw_snapshot_engine(snapshot), &selection, &context, CW_RESOLVE_LENIENT,
                            arena, ret, &faults);
    }
    if (status != CW_OK) {
        fprintf(stderr, "cordwain: %s, preset '%s': %s [%s]\n", product->id,
                preset ? preset->id : "", faults.items[0].message, faults.items[0].code);
    }
    return status;
}

static enum cw_status add_picture(struct sheet *sheet, const struct cw_resolved *resolved,
                                  uint32_t view, const char *name, struct cw_error *err) {
    struct cw_scene_request scene = *sheet->frame;
    struct cw_blob *blob = NULL;
    char label[CW_CONTACT_LABEL_BYTES];
    scene.resolved = resolved;
    scene.view = view;
    scene.format = CW_FORMAT_PNG;
    enum cw_status status = cw_sync_render(sheet->renderer, &scene, &blob, err);
    if (status != CW_OK) {
        return status;
    }
    snprintf(label, sizeof label, "%s · %s", name, resolved->product->views[view].id);
    cw_wire_put_str(&sheet->rows, label);
    cw_wire_put_u32(&sheet->rows, (uint32_t)cw_blob_length(blob));
    cw_buf_add(&sheet->rows, cw_blob_data(blob), cw_blob_length(blob));
    cw_blob_unref(blob);
    return CW_OK;
}

/* One preset in every view; NULL is the product as it comes. */
static int add_row(struct sheet *sheet, const struct cw_snapshot *snapshot,
                   const struct cw_preset *preset, const char *title) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_resolved resolved;
    struct cw_error err = {0};
    if (resolve(sheet, snapshot, preset, &resolved) != CW_OK) {
        return CLI_REFUSED;
    }
    cw_wire_put_str(&sheet->rows, title);
    cw_wire_put_u32(&sheet->rows, (uint32_t)product->view_count);
    sheet->row_count++;
    for (uint32_t view = 0; view < product->view_count; view++) {
        if (add_picture(sheet, &resolved, view, preset ? preset->id : "default", &err) != CW_OK) {
            return cli_fail(sheet->cli, &err);
        }
    }
    return CLI_OK;
}

static int add_product(struct sheet *sheet, const char *name) {
    int exit_code;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    if (cli_product_art(sheet->cli, name, &snapshot, &exit_code) != CW_OK) {
        return exit_code;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_error err = {0};
    if (cw_preview_add_pack(
            cw_sync_service(sheet->renderer), product->art_digest,
            cw_art_pack_path(sheet->cli->arena, &sheet->cli->paths, product->art_digest),
            &err) != CW_OK) {
        return cli_fail(sheet->cli, &err);
    }
    exit_code = cli_read_selection(sheet->cli, product, sheet->pictures, &sheet->own);
    cw_sync_show_pictures(sheet->renderer, cw_picture_files_folder(sheet->pictures));
    if (exit_code == CLI_OK) {
        exit_code = add_row(sheet, snapshot, /* preset: */ NULL, product->id);
    }
    for (size_t i = 0; i < product->preset_count && exit_code == CLI_OK; i++) {
        exit_code = add_row(sheet, snapshot, &product->presets[i], "");
    }
    return exit_code;
}

/* The pictures in a memory file, in the place of which the sheet comes back. */
static enum cw_status join(struct sheet *sheet, int fd, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf head = {0};
    cw_wire_put_u32(&head, CW_CONTACT_MAGIC);
    cw_wire_put_u16(&head, CW_CONTACT_VERSION);
    cw_wire_put_u32(&head, sheet->row_count);
    char name[] = "cordwain-renderer", mode[] = "--contact", fonts[] = "--fonts", fd_text[12];
    snprintf(fd_text, sizeof fd_text, "%d", CW_SPAWN_FD);
    char *path = cw_arena_strdup(sheet->cli->arena, sheet->cli->paths.fonts);
    char *argv[] = {name, mode, fd_text, fonts, path, NULL};
    pid_t pid;
    int how = 0;
    if (!cw_write_all(fd, head.data, head.length) ||
        !cw_write_all(fd, sheet->rows.data, sheet->rows.length) || lseek(fd, 0, SEEK_SET) != 0) {
        return cw_fail(err, CW_E_IO, "render.memfd", "no memory file for the pictures");
    }
    if (cw_spawn_worker(sheet->cli->paths.renderer, argv, fd, &pid) != 0) {
        return cw_fail(err, CW_E_IO, "render.contact", "cordwain-renderer cannot be started");
    }
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
        continue;
    }
    return how == 0 ? CW_OK
                    : cw_fail(err, CW_E_INPUT, "render.contact", "the pictures were not joined");
}

static int write_sheet(struct sheet *sheet) {
    struct cw_error err = {0};
    struct stat about;
    int fd = memfd_create("sheet", MFD_CLOEXEC), exit_code = CLI_FAILED;
    void *data = MAP_FAILED;
    if (fd < 0 || join(sheet, fd, &err) != CW_OK) {
        exit_code = err.status ? cli_fail(sheet->cli, &err) : CLI_FAILED;
    } else if (fstat(fd, &about) == 0) {
        data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    }
    if (data != MAP_FAILED) {
        exit_code = cli_write_picture(sheet->cli, cli_option(sheet->cli, "sheet", ""),
                                      (struct cw_bytes){data, (size_t)about.st_size});
        munmap(data, (size_t)about.st_size);
    }
    if (fd >= 0) {
        close(fd);
    }
    return exit_code;
}

int cli_render_sheet(struct cli *cli, const struct cw_scene_request *frame) {
    struct cw_error err = {0};
    struct sheet sheet = {.cli = cli, .frame = frame};
    if (cli->word_count == 0) {
        return cli_usage(cli, "of which products? cordwain render --sheet OUT.png PRODUCT...");
    }
    if (cli_open_paths(cli, cli_has(cli, "data"), &err) != CW_OK ||
        cw_sync_new(cli->paths.renderer, cli->paths.fonts, &sheet.renderer, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    int exit_code = CLI_OK;
    sheet.pictures = cw_picture_files_new(&cli->paths);
    for (size_t i = 0; i < cli->word_count && exit_code == CLI_OK; i++) {
        exit_code = add_product(&sheet, cli->words[i]);
    }
    if (exit_code == CLI_OK) {
        exit_code = write_sheet(&sheet);
    }
    cw_buf_deinit(&sheet.rows);
    cw_sync_free(sheet.renderer);
    cw_picture_files_free(sheet.pictures);
    return exit_code;
}
