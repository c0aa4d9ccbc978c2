/*
 * Responsible for: `cordwain render` (one picture, or the artwork of one surface, into a file).
 * Does not: decide or draw (configure step, renderer). Command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "app/art.h"
#include "catalog/snapshot.h"
#include "cli/cli.h"
#include "cli/render.h"
#include "configure/configure.h"
#include "preview/frame.h"
#include "preview/sync.h"

static bool find_format(const char *name, enum cw_format *ret) {
    static const char *const names[] = {"png", "webp", "jpg"};
    static const enum cw_format formats[] = {CW_FORMAT_PNG, CW_FORMAT_WEBP, CW_FORMAT_JPEG};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = formats[i];
            return true;
        }
    }
    return false;
}

static bool tell_faults(const struct cw_faults *faults) {
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        fprintf(stderr, "cordwain: %s: %s [%s]%s%s\n", fault->pointer + 1, fault->message,
                fault->code, *fault->hint ? ": " : "", fault->hint);
    }
    return faults->count == 0;
}

/* A file is the only thing that can be a picture here: no server keeps any. */
static void find_unknown(const struct cw_product *product, const struct cw_selection *selection,
                         const struct cw_picture_files *pictures, struct cw_faults *faults) {
    struct cw_configure_context context = {0};
    cw_picture_files_tell(pictures, &context);
    uint32_t option = api_artworks_unknown(product, selection, &context);
    if (option != CW_NONE) {
        cw_fault_add_hint(faults, "artwork.unknown",
                          cw_arena_printf(faults->arena, "/%s", product->options[option].id),
                          "name a file as @FILE", "no picture has this id here");
    }
}

int cli_read_selection(struct cli *cli, const struct cw_product *product,
                       struct cw_picture_files *pictures, struct cw_selection *ret) {
    struct cw_selection_text *pairs =
        cw_arena_array(cli->arena, cli->option_count + 1, sizeof *pairs);
    struct cw_faults faults = {.arena = cli->arena};
    size_t count = 0;
    for (size_t i = 0; i < cli->option_count; i++) {
        const char *value = cli->options[i].value, *equals = strchr(value, '=');
        if (strcmp(cli->options[i].name, "select") != 0) {
            continue;
        }
        if (!equals) {
            return cli_usage(cli, "-s wants option=choice, not '%s'", value);
        }
        pairs[count] = (struct cw_selection_text){
            cw_arena_strndup(cli->arena, value, (size_t)(equals - value)), equals + 1};
        (void)!cw_picture_files_replace_text(pictures, product, &pairs[count++], &faults);
    }
    if (faults.count == 0 &&
        cw_selection_decode_pairs(product, pairs, count, cli->arena, ret, &faults) == CW_OK) {
        find_unknown(product, ret, pictures, &faults);
    }
    return tell_faults(&faults) ? CLI_OK : CLI_REFUSED;
}

/* The first word that frames the picture and is wrong, by its option's name. */
static bool read_frame(struct cli *cli, struct cw_scene_request *scene) {
    struct cw_faults faults = {.arena = cli->arena};
    const struct cw_frame_texts texts = {.width = cli_option(cli, "width", NULL),
                                         .dpr = cli_option(cli, "dpr", NULL),
                                         .crop = cli_option(cli, "crop", NULL),
                                         .background = cli_option(cli, "background", NULL),
                                         .shadow = cli_option(cli, "shadow", NULL)};
    cw_frame_read(&texts, scene, &faults);
    if (faults.count == 0) {
        return true;
    }
    const char *name = faults.items[0].pointer + 1;
    cli_usage(cli, "--%s: %s",
              strcmp(name, "w") == 0    ? "width"
              : strcmp(name, "bg") == 0 ? "background"
                                        : name,
              faults.items[0].message);
    return false;
}

/* --format, else what the output's name ends with, else PNG: also for standard output. */
static bool read_format(const struct cli *cli, enum cw_format *ret) {
    const char *ending = strrchr(cli_option(cli, "output", ""), '.');
    const char *format = cli_option(cli, "format", NULL);
    return format                                   ? find_format(format, ret)
           : ending && find_format(ending + 1, ret) ? true
                                                    : find_format("png", ret);
}

static bool read_scene(struct cli *cli, const struct cw_product *product,
                       struct cw_scene_request *scene) {
    const char *view = cli_option(cli, "view", product->views[0].id);
    if (!read_format(cli, &scene->format)) {
        cli_usage(cli, "--format is png, webp or jpg");
        return false;
    }
    if (!read_frame(cli, scene)) {
        return false;
    }
    for (scene->view = 0; scene->view < product->view_count; scene->view++) {
        if (strcmp(product->views[scene->view].id, view) == 0) {
            return true;
        }
    }
    cli_usage(cli, "product '%s' has no view '%s'", product->id, view);
    for (size_t i = 0; i < product->view_count; i++) {
        fprintf(stderr, "  %s\n", product->views[i].id);
    }
    return false;
}

int cli_write_picture(struct cli *cli, const char *file, struct cw_bytes picture) {
    FILE *out = strcmp(file, "-") == 0 ? stdout : fopen(file, "wb");
    if (!out || fwrite(picture.data, 1, picture.length, out) != picture.length ||
        fflush(out) != 0) {
        fprintf(stderr, "cordwain: cannot write '%s': %s\n", file, strerror(errno));
        if (out && out != stdout) {
            fclose(out);
        }
        return CLI_FAILED;
    }
    if (out == stdout) {
        return CLI_OK;
    }
    if (fclose(out) != 0) {
        fprintf(stderr, "cordwain: cannot write '%s': %s\n", file, strerror(errno));
        return CLI_FAILED;
    }
    if (cli->json) {
        CW_AUTO_BUF struct cw_buf name = {0};
        cw_buf_json(&name, file);
        printf("{\"file\":%s,\"bytes\":%zu}\n", name.data, picture.length);
    }
    return CLI_OK;
}

static int write_picture(struct cli *cli, const struct cw_blob *blob) {
    return cli_write_picture(cli, cli_option(cli, "output", ""),
                             (struct cw_bytes){cw_blob_data(blob), cw_blob_length(blob)});
}

/* ---- artwork --------------------------------------------------------------------------------- */

/* --surface, or the only one that carries something. */
static bool find_surface(struct cli *cli, struct cw_artwork_request *request) {
    const struct cw_product *product = request->resolved->product;
    const char *name = cli_option(cli, "surface", "");
    size_t found = 0;
    for (uint32_t i = 0; i < product->surface_count; i++) {
        if (*name ? strcmp(product->surfaces[i].id, name) == 0
                  : cw_resolved_carries(request->resolved, i)) {
            request->surface = i;
            found++;
        }
    }
    if (found == 1) {
        return true;
    }
    if (*name) {
        cli_usage(cli, "product '%s' has no surface '%s'", product->id, name);
    } else {
        cli_usage(cli, found ? "--surface is missing: this design has artwork on several"
                             : "nothing is drawn on any surface of this design");
    }
    for (uint32_t i = 0; i < product->surface_count; i++) {
        fprintf(stderr, "  %s%s\n", product->surfaces[i].id,
                cw_resolved_carries(request->resolved, i) ? "" : " (empty)");
    }
    return false;
}

/* One worker, and the product's art, which pictures and patterns of pictures are made from. */
static enum cw_status start_renderer(struct cli *cli, const struct cw_product *product,
                                     struct cw_sync **ret, struct cw_error *err) {
    const char *digest = product->art_digest;
    enum cw_status status = cw_sync_new(cli->paths.renderer, cli->paths.fonts, ret, err);
    if (status == CW_OK) {
        status = cw_preview_add_pack(cw_sync_service(*ret), digest,
                                     cw_art_pack_path(cli->arena, &cli->paths, digest), err);
    }
    return status;
}

static int draw_artwork(struct cli *cli, const struct cw_resolved *resolved, const char *pictures) {
    const char *format = cli_option(cli, "vector", "");
    struct cw_artwork_request request = {.resolved = resolved, .format = CW_FORMAT_PDF};
    if (strcmp(format, "svg") == 0) {
        request.format = CW_FORMAT_SVG;
    } else if (strcmp(format, "pdf") != 0) {
        return cli_usage(cli, "--vector is pdf or svg");
    }
    if (!find_surface(cli, &request)) {
        return CLI_USAGE;
    }
    struct cw_error err = {0};
    struct cw_sync *renderer = NULL;
    struct cw_blob *blob = NULL;
    enum cw_status status = start_renderer(cli, resolved->product, &renderer, &err);
    if (status == CW_OK) {
        cw_sync_show_pictures(renderer, pictures);
        status = cw_sync_artwork(renderer, &request, &blob, &err);
    }
    int exit_code = status == CW_OK ? write_picture(cli, blob) : cli_fail(cli, &err);
    cw_blob_unref(blob);
    cw_sync_free(renderer);
    return exit_code;
}

/* ---- pictures -------------------------------------------------------------------------------- */

static int draw(struct cli *cli, const struct cw_scene_request *scene, const char *pictures) {
    struct cw_error err = {0};
    struct cw_sync *renderer = NULL;
    struct cw_blob *blob = NULL;
    enum cw_status status = start_renderer(cli, scene->resolved->product, &renderer, &err);
    if (status == CW_OK) {
        cw_sync_show_pictures(renderer, pictures);
        status = cw_sync_render(renderer, scene, &blob, &err);
    }
    int exit_code = status == CW_OK ? write_picture(cli, blob) : cli_fail(cli, &err);
    cw_blob_unref(blob);
    cw_sync_free(renderer);
    return exit_code;
}

/* Small pictures unless told otherwise: there are many. */
static int draw_sheet(struct cli *cli) {
    struct cw_scene_request frame = {0};
    if (!read_frame(cli, &frame)) {
        return CLI_USAGE;
    }
    frame.width_px = cli_has(cli, "width") ? frame.width_px : 240;
    return cli_render_sheet(cli, &frame);
}

static int draw_product(struct cli *cli, const struct cw_snapshot *snapshot,
                        struct cw_picture_files *pictures) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_scene_request scene = {0};
    struct cw_selection selection;
    struct cw_resolved resolved;
    struct cw_faults faults = {.arena = cli->arena};
    if (!read_scene(cli, product, &scene)) {
        return CLI_USAGE;
    }
    int exit_code = cli_read_selection(cli, product, pictures, &selection);
    if (exit_code != CLI_OK) {
        return exit_code;
    }
    struct cw_configure_context context = {.locale = "en"};
    cw_picture_files_tell(pictures, &context);
    if (cw_resolve(cw_snapshot_engine(snapshot), &selection, &context, CW_RESOLVE_LENIENT,
                   cli->arena, &resolved, &faults) != CW_OK) {
        fprintf(stderr, "cordwain: %s [%s]\n", faults.items[0].message, faults.items[0].code);
        return CLI_REFUSED;
    }
    if (cli_has(cli, "vector")) {
        return draw_artwork(cli, &resolved, cw_picture_files_folder(pictures));
    }
    scene.resolved = &resolved;
    return draw(cli, &scene, cw_picture_files_folder(pictures));
}

static int run_render(struct cli *cli) {
    int exit_code;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    if (cli_has(cli, "sheet")) {
        return draw_sheet(cli);
    }
    if (!cli_has(cli, "output")) {
        return cli_usage(cli, "-o FILE is missing (- for standard output)");
    }
    if (cli_product(cli, true, &snapshot, &exit_code) != CW_OK) {
        return exit_code;
    }
    struct cw_picture_files *pictures = cw_picture_files_new(&cli->paths);
    exit_code = draw_product(cli, snapshot, pictures);
    cw_picture_files_free(pictures);
    return exit_code;
}

static const char *const render_options[] = {
    "data=",       "product=", "view=",   "width=",  "dpr=",     "crop=",  "format=", "select=",
    "background=", "shadow=",  "output=", "vector=", "surface=", "sheet=", NULL};

const struct cli_command cli_render = {
    "render",
    "",
    "draw one preview, or production artwork, into a file",
    "examples:\n"
    "  cordwain render --product schemas/products/bottle.json --view front --width 600 --format "
    "png \\\n"
    "      -s finish=gloss -s body_colour=gloss-cherry -s wrap_text=Maya -o bottle.png\n"
    "  cordwain render --product court-sneaker --data data --view side -o - > shoe.png\n"
    "  cordwain render --product schemas/products/bottle.json --vector pdf -s wrap_text=Maya \\\n"
    "      -o wrap.pdf\n"
    "  cordwain render --product schemas/products/bottle.json -s photo=@cat.jpg,0,8000,60000,0 -o "
    "cat.png\n"
    "  cordwain render --sheet sheet.png schemas/products/*.json\n\n"
    "options: --product ID[@VERSION]|FILE, --view VIEW, --width 64…4096, --format png|webp|jpg\n"
    "  (default: as FILE ends, else png),\n"
    "  --dpr 1…3 (the picture is that much larger), --crop x,y,w,h (in pixels of --width),\n"
    "  --background RRGGBB|transparent, --shadow on|off,\n"
    "  -s option=value (repeatable), -o FILE (- for standard output), --data DIR, --json\n"
    "A shopper's picture is -s option=@FILE or -s option=@FILE,x,y,width,rotation (micrometres,\n"
    "  thousandths of a degree): a PNG or JPEG, judged by a locked process as an upload is.\n"
    "--vector pdf|svg writes the artwork of one surface as an order would, in true size, instead "
    "of\n"
    "  a picture; --surface SURFACE where a design has several.\n"
    "--sheet OUT.png PRODUCT... draws each product as it comes and each of its presets, in every "
    "view,\n"
    "  with labels, on one PNG to look at; with --width (default 240), --background, --shadow;\n"
    "  -s goes on top of every preset.\n"
    "A FILE's art is packed into --data DIR, or into ~/.cache/cordwain without it.\n",
    render_options,
    run_render};
