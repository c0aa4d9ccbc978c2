/*
 * Responsible for: `cordwain configure` (selections in, answers out).
 * Does not: decide (configure step). Command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "app/picture_files.h"
#include "app/rules.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "catalog/snapshot.h"
#include "cli/cli.h"
#include "configure/available.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"
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

struct asking {
    const struct cw_engine *engine;
    const struct cw_snapshot *snapshot;
    const char *locale, *market;
    const char *const *overlays;
    size_t overlay_count;
    struct api_ask ask;
    struct cw_sync *renderer; /* NULL: texts are not measured */
    struct cw_picture_files *pictures;
    int worst;
};

static void answer(struct asking *asking, const struct cw_selection *selection,
                   struct cw_arena *arena, struct cw_buf *buf) {
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    struct cw_configure_context context = {.market = asking->market,
                                           .locale = asking->locale,
                                           .now_ms = cw_clock_now_ms(&cw_clock_system),
                                           .overlays = asking->overlays,
                                           .overlay_count = asking->overlay_count};
    cw_picture_files_tell(asking->pictures, &context);
    cw_rules_solve(asking->snapshot, selection, arena, &context);
    struct cw_resolved resolved = {0};
    (void)!cw_resolve(asking->engine, selection, &context, CW_RESOLVE_SHOWN, arena, &resolved,
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
    struct api_click click = {.engine = asking->engine,
                              .selection = selection,
                              .context = &context,
                              .ask = &asking->ask,
                              .resolved = &resolved};
    err = (struct cw_error){0};
    if (api_answer_click(&click, arena, buf, &err) != CW_OK) {
        cw_fault_add(&faults, err.code, err.pointer, "%s", err.message);
        put_faults(buf, &faults);
        asking->worst = err.status == CW_E_BUG ? CLI_FAILED : CLI_REFUSED;
    }
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
    } else if (cw_picture_files_replace(asking->pictures, cw_engine_product(asking->engine), json,
                                        /* folder: */ NULL, &faults) == CW_OK &&
               cw_selection_decode(cw_engine_product(asking->engine), json, "", arena, &selection,
                                   &faults) == CW_OK) {
        answer(asking, &selection, arena, &buf);
    }
    if (faults.count > 0) {
        put_faults(&buf, &faults);
        asking->worst = CLI_REFUSED;
    }
    puts(buf.data ? buf.data : "{}");
}

/* Every --overlay ID; false when the product has none of that name. */
static bool read_overlays(struct cli *cli, const struct cw_product *product,
                          struct asking *asking) {
    const char **ids = cw_arena_array(cli->arena, cli->option_count + 1, sizeof *ids);
    for (size_t i = 0; i < cli->option_count; i++) {
        if (strcmp(cli->options[i].name, "overlay") != 0) {
            continue;
        }
        if (!cw_has_overlay(product, cli->options[i].value)) {
            cli_usage(cli, "this product has no overlay '%s'", cli->options[i].value);
            return false;
        }
        ids[asking->overlay_count++] = cli->options[i].value;
    }
    asking->overlays = ids;
    return true;
}

/* --ask JSON: the member "ask" of a configure request, held against the same schema. */
static bool read_ask(struct cli *cli, const struct cw_product *product, struct api_ask *ask) {
    const char *text = cli_option(cli, "ask", "{}");
    struct cw_faults faults = {.arena = cli->arena};
    struct cw_error err = {0};
    json_t *json;
    if (cw_json_read(cli->arena, text, strlen(text), CW_JSON_BYTES, &json, &err) != CW_OK) {
        cw_fault_add(&faults, err.code, "", "%s", err.message);
    } else {
        json_t *body = json_pack("{s:{},s:O}", "selections", "ask", json);
        if (cw_schema_validate(cw_schema_builtin(CW_SCHEMA_CONFIGURE_REQUEST), body, NULL,
                               &faults) == CW_OK) {
            (void)!api_ask_read(json, product, cw_clock_now_ms(&cw_clock_system), cli->arena, ask,
                                &faults);
        }
        json_decref(body);
    }
    for (size_t i = 0; i < faults.count; i++) {
        fprintf(stderr, "cordwain: --ask: %s: %s [%s]\n", faults.items[i].pointer,
                faults.items[i].message, faults.items[i].code);
    }
    return faults.count == 0;
}

static int run_configure(struct cli *cli) {
    int exit_code;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    if (cli_product(cli, false, &snapshot, &exit_code) != CW_OK) {
        return exit_code;
    }
    struct asking asking = {.engine = cw_snapshot_engine(snapshot),
                            .snapshot = snapshot,
                            .locale = cli_option(cli, "locale", "en"),
                            .market = cli_option(cli, "market", ""),
                            .ask = API_ASK_DEFAULT};
    if (*asking.market && !cw_has_market(cw_snapshot_product(snapshot), asking.market)) {
        return cli_usage(cli, "this product has no market '%s'", asking.market);
    }
    if (!read_overlays(cli, cw_snapshot_product(snapshot), &asking) ||
        !read_ask(cli, cw_snapshot_product(snapshot), &asking.ask)) {
        return CLI_USAGE;
    }
    struct cw_error err = {0};
    if (cw_sync_new(cli->paths.renderer, cli->paths.fonts, &asking.renderer, &err) != CW_OK) {
        return cli_fail(cli, &err);
    }
    asking.pictures = cw_picture_files_new(&cli->paths);
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        answer_line(&asking, line, (size_t)length);
        fflush(stdout);
    }
    free(line);
    cw_sync_free(asking.renderer);
    cw_picture_files_free(asking.pictures);
    return asking.worst;
}

static const char *const configure_options[] = {
    "data=", "product=", "locale=", "market=", "overlay=", "ask=", NULL};
const struct cli_command cli_configure = {
    "configure",
    "",
    "answer selections: one JSON object per line in, one answer per line out",
    "examples:\n"
    "  echo '{\"finish\":\"gloss\"}' | cordwain configure --product schemas/products/bottle.json\n"
    "  cordwain configure --product bottle --data data --locale fa < selections.jsonl\n"
    "  echo '{}' | cordwain configure --product bottle --data data --ask "
    "'{\"sample\":{\"count\":3}}'\n"
    "  echo '{\"photo\":{\"artwork\":\"@cat.jpg\",\"widthUm\":60000}}' | cordwain configure \\\n"
    "      --product schemas/products/bottle.json\n\n"
    "The answers are those of POST /v1/products/{id}/configure; a line that is wrong is answered "
    "with\n"
    "{\"errors\":[…]} and makes the exit code 1. \"@FILE\" stands for the id of a picture: a PNG "
    "or\n"
    "JPEG, judged by a locked process as an upload is.\n\n"
    "options: --product ID[@VERSION]|FILE, --data DIR, --locale TAG, --market ID,\n"
    "  --overlay ID (repeatable), --ask JSON (the member \"ask\": repairs, completions, sample, "
    "goal)\n",
    configure_options,
    run_configure};
