/*
 * Responsible for: `cordwain configure` (selections in, answers out) and `cordwain render` (one
 * picture). Does not: decide or draw (configure step, renderer). Command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "app/art.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "catalog/snapshot.h"
#include "cli/cli.h"
#include "cordwain/limits.h"
#include "preview/sync.h"

static void put_faults(struct cw_buf *buf, const struct cw_faults *faults) {
    cw_buf_puts(buf, "{\"errors\":[");
    for (size_t i = 0; i < faults->count; i++) {
        cw_buf_puts(buf, i ? ",{\"pointer\":" : "{\"pointer\":");
        cw_buf_json(buf, faults->items[i].pointer);
        cw_buf_puts(buf, ",\"code\":");
        cw_buf_json(buf, faults->items[i].code);
        cw_buf_puts(buf, ",\"message\":");
        cw_buf_json(buf, faults->items[i].message);
        if (*faults->items[i].hint) {
            cw_buf_puts(buf, ",\"hint\":");
            cw_buf_json(buf, faults->items[i].hint);
        }
        cw_buf_puts(buf, "}");
    }
    cw_buf_puts(buf, "]}");
}

/* ---- configure ------------------------------------------------------------------------------- */

struct asking {
    const struct cw_engine *engine;
    const char *locale, *market;
    struct cw_sync *renderer; /* NULL: texts are not measured */
    int worst;
};

static void answer(struct asking *asking, const struct cw_selection *selection,
                   struct cw_arena *arena, struct cw_buf *buf) {
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    struct cw_configure_context context = {.market = asking->market,
                                           .locale = asking->locale,
                                           .now_ms = cw_clock_now_ms(&cw_clock_system)};
    struct cw_resolved resolved = {0};
    (void)!cw_resolve(asking->engine, selection, &context, CW_RESOLVE_LENIENT, arena, &resolved,
                      &faults); /* what is wrong with the rules is told by cw_configure */
    if (asking->renderer) {
        struct cw_measure_request request = {cw_engine_product(asking->engine),
                                             resolved.decal_count, resolved.decals};
        struct cw_text_fit *fits;
        if (cw_sync_measure(asking->renderer, &request, arena, &fits, &err) == CW_OK) {
            context.fits = fits;
            for (size_t i = 0; i < resolved.decal_count; i++) {
                context.fit_count += resolved.decals[i].kind == CW_DECAL_TEXT;
            }
        }
    }
    struct cw_answer result;
    err = (struct cw_error){0};
    if (cw_configure(asking->engine, selection, &context, arena, &result, &err) != CW_OK) {
        cw_fault_add(&faults, err.code, err.pointer, "%s", err.message);
        put_faults(buf, &faults);
        asking->worst = CLI_REFUSED;
        return;
    }
    struct api_answer a = {asking->engine, asking->locale, selection,        &result,
                           &resolved,      context.fits,   context.fit_count};
    api_write_answer(buf, &a, arena);
}

static void answer_line(struct asking *asking, const char *line, size_t length) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    struct cw_selection selection;
    json_t *json;
    if (cw_json_read(arena, line, length, CW_JSON_BYTES, &json, &err) != CW_OK) {
        cw_fault_add(&faults, err.code, "", "%s", err.message);
    } else if (cw_selection_decode(cw_engine_product(asking->engine), json, "", arena, &selection,
                                   &faults) == CW_OK) {
        answer(asking, &selection, arena, &buf);
    }
    if (faults.count > 0) {
        put_faults(&buf, &faults);
        asking->worst = CLI_REFUSED;
    }
    puts(buf.data ? buf.data : "{}");
}

static bool has_market(const struct cw_product *product, const char *market) {
    for (size_t i = 0; i < product->market_count; i++) {
        if (strcmp(product->markets[i].id, market) == 0) {
            return true;
        }
    }
    return false;
}

static int run_configure(struct cli *cli) {
    int exit_code;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    if (cli_product(cli, false, &snapshot, &exit_code) != CW_OK) {
        return exit_code;
    }
    struct asking asking = {.engine = cw_snapshot_engine(snapshot),
                            .locale = cli_option(cli, "locale", "en"),
                            .market = cli_option(cli, "market", "")};
    if (*asking.market && !has_market(cw_snapshot_product(snapshot), asking.market)) {
        return cli_usage(cli, "this product has no market '%s'", asking.market);
    }
    struct cw_error err = {0};
    if (cw_sync_new(cli->paths.renderer, cli->paths.fonts, &asking.renderer, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        answer_line(&asking, line, (size_t)length);
        fflush(stdout);
    }
    free(line);
    cw_sync_free(asking.renderer);
    return asking.worst;
}

/* ---- render ---------------------------------------------------------------------------------- */

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

/* Every -s option=choice. */
static bool read_selection(struct cli *cli, const struct cw_product *product,
                           struct cw_selection *ret) {
    struct cw_selection_text *pairs = cw_arena_array(cli->arena, cli->option_count, sizeof *pairs);
    struct cw_faults faults = {.arena = cli->arena};
    size_t count = 0;
    for (size_t i = 0; i < cli->option_count; i++) {
        const char *value = cli->options[i].value, *equals = strchr(value, '=');
        if (strcmp(cli->options[i].name, "select") != 0) {
            continue;
        }
        if (!equals) {
            cli_usage(cli, "-s wants option=choice, not '%s'", value);
            return false;
        }
        pairs[count++] = (struct cw_selection_text){
            cw_arena_strndup(cli->arena, value, (size_t)(equals - value)), equals + 1};
    }
    if (cw_selection_decode_pairs(product, pairs, count, cli->arena, ret, &faults) == CW_OK) {
        return true;
    }
    for (size_t i = 0; i < faults.count; i++) {
        fprintf(stderr, "cordwain: %s: %s [%s]%s%s\n", faults.items[i].pointer + 1,
                faults.items[i].message, faults.items[i].code, *faults.items[i].hint ? ": " : "",
                faults.items[i].hint);
    }
    return false;
}

static bool read_scene(struct cli *cli, const struct cw_product *product,
                       struct cw_scene_request *scene) {
    const char *view = cli_option(cli, "view", product->views[0].id),
               *width = cli_option(cli, "width", "1024");
    char *end;
    unsigned long px = strtoul(width, &end, 10);
    if (*end || px < CW_PREVIEW_MIN_PX || px > CW_PREVIEW_MAX_PX) {
        cli_usage(cli, "--width is a number of pixels from %d to %d", CW_PREVIEW_MIN_PX,
                  CW_PREVIEW_MAX_PX);
        return false;
    }
    scene->width_px = (uint32_t)px;
    if (!find_format(cli_option(cli, "format", "png"), &scene->format)) {
        cli_usage(cli, "--format is png, webp or jpg");
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

static int write_picture(struct cli *cli, const struct cw_blob *blob) {
    const char *file = cli_option(cli, "output", "");
    FILE *out = strcmp(file, "-") == 0 ? stdout : fopen(file, "wb");
    if (!out || fwrite(cw_blob_data(blob), 1, cw_blob_length(blob), out) != cw_blob_length(blob) ||
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
        printf("{\"file\":%s,\"bytes\":%zu}\n", name.data, cw_blob_length(blob));
    }
    return CLI_OK;
}

static int draw(struct cli *cli, const struct cw_scene_request *scene) {
    struct cw_error err = {0};
    struct cw_sync *renderer = NULL;
    struct cw_blob *blob = NULL;
    const char *digest = scene->resolved->product->art_digest;
    enum cw_status status = cw_sync_new(cli->paths.renderer, cli->paths.fonts, &renderer, &err);
    if (status == CW_OK) {
        status = cw_preview_add_pack(cw_sync_service(renderer), digest,
                                     cw_art_pack_path(cli->arena, &cli->paths, digest), &err);
    }
    if (status == CW_OK) {
        status = cw_sync_render(renderer, scene, &blob, &err);
    }
    int exit_code = status == CW_OK ? write_picture(cli, blob) : cli_fail(cli, &err);
    cw_blob_unref(blob);
    cw_sync_free(renderer);
    return exit_code;
}

static int run_render(struct cli *cli) {
    int exit_code;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    if (!cli_has(cli, "output")) {
        return cli_usage(cli, "-o FILE is missing (- for standard output)");
    }
    if (cli_product(cli, true, &snapshot, &exit_code) != CW_OK) {
        return exit_code;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_scene_request scene = {.background = {0xF4, 0xF4, 0xF2}};
    struct cw_selection selection;
    struct cw_resolved resolved;
    struct cw_faults faults = {.arena = cli->arena};
    if (!read_scene(cli, product, &scene)) {
        return CLI_USAGE;
    }
    if (!read_selection(cli, product, &selection)) {
        return CLI_REFUSED;
    }
    struct cw_configure_context context = {.locale = "en"};
    if (cw_resolve(cw_snapshot_engine(snapshot), &selection, &context, CW_RESOLVE_LENIENT,
                   cli->arena, &resolved, &faults) != CW_OK) {
        fprintf(stderr, "cordwain: %s [%s]\n", faults.items[0].message, faults.items[0].code);
        return CLI_REFUSED;
    }
    scene.resolved = &resolved;
    return draw(cli, &scene);
}

static const char *const configure_options[] = {"data=", "product=", "locale=", "market=", NULL};
static const char *const render_options[] = {
    "data=", "product=", "view=", "width=", "format=", "select=", "output=", NULL};

const struct cli_command cli_configure = {
    "configure",
    "",
    "answer selections: one JSON object per line in, one answer per line out",
    "examples:\n"
    "  echo '{\"finish\":\"gloss\"}' | cordwain configure --product schemas/products/bottle.json\n"
    "  cordwain configure --product bottle --data data --locale fa < selections.jsonl\n\n"
    "The answers are those of POST /v1/products/{id}/configure; a line that is wrong is answered "
    "with\n"
    "{\"errors\":[…]} and makes the exit code 1.\n\n"
    "options: --product ID[@VERSION]|FILE, --data DIR, --locale TAG, --market ID\n",
    configure_options,
    run_configure};

const struct cli_command cli_render = {
    "render",
    "",
    "draw one preview into a file",
    "examples:\n"
    "  cordwain render --product schemas/products/bottle.json --view front --width 600 --format "
    "png \\\n"
    "      -s finish=gloss -s body_colour=gloss-cherry -s wrap_text=Maya -o bottle.png\n"
    "  cordwain render --product court-sneaker --data data --view side -o - > shoe.png\n\n"
    "options: --product ID[@VERSION]|FILE, --view VIEW, --width 64…2048, --format png|webp|jpg,\n"
    "  -s option=value (repeatable), -o FILE (- for standard output), --data DIR, --json\n"
    "A FILE's art is packed into --data DIR, or into ~/.cache/cordwain without it.\n",
    render_options,
    run_render};
