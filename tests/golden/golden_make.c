/*
 * Responsible for: one golden design's way through the steps, as the API sends an order: decode,
 * measure, resolve strictly, draw, make artwork, build and sign the spec; with fixed ids, serial
 * and clock. Does not: compare or write anything. The golden test program.
 */
#include "golden.h"

#include <string.h>

#include "app/art.h"
#include "app/picture_files.h"
#include "app/publish.h"
#include "base/clock.h"
#include "base/json.h"
#include "configure/configure.h"
#include "manufacturing/spec.h"

#define NOW_MS   1795341600000 /* 2026-11-22T10:00:00Z */
#define BASE_URL "https://shop.example"

/* One design on its way. */
struct making {
    struct golden *golden;
    struct cw_arena *arena;
    struct cw_snapshot *snapshot;
    const struct cw_product *product;
    const struct cw_engine *engine;
    const json_t *design;
    struct cw_configure_context context;
    struct cw_selection selection;
    struct cw_resolved resolved;
    struct cw_spec_artwork *artworks;
    size_t artwork_count;
    struct cw_spec_preview preview;
    struct golden_made *made;
};

/* ---- the product ----------------------------------------------------------------------------- */

static void unref_snapshot(void *snapshot) {
    cw_snapshot_unref(snapshot);
}

/* Load, pack its art, add to the catalog: once per run and product. */
static enum cw_status open_product(struct golden *golden, const char *id, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    char digest[CW_DIGEST_TEXT];
    const char *file = cw_arena_printf(arena, "%s/products/%s.json", golden->paths.schemas, id);
    enum cw_status status =
        cw_art_install(&golden->paths, id, digest, err); /* demo art: same name */
    if (status == CW_OK) {
        status = cw_load_file(&golden->paths, file, digest, &snapshot, &faults, err);
    }
    if (status == CW_OK) {
        status = cw_preview_add_pack(cw_sync_service(golden->renderer), digest,
                                     cw_art_pack_path(arena, &golden->paths, digest), err);
    }
    return status == CW_OK ? cw_catalog_add(golden->catalog, snapshot, err) : status;
}

static enum cw_status find_product(struct making *m, struct cw_error *err) {
    const char *id = json_string_value(json_object_get(m->design, "product"));
    if (!id) {
        return cw_fail(err, CW_E_INPUT, "golden.design", "design.json names no product");
    }
    struct cw_catalog *catalog = m->golden->catalog;
    enum cw_status status = cw_catalog_get(catalog, id, NULL, &m->snapshot, NULL);
    if (status != CW_OK) {
        status = open_product(m->golden, id, err);
        if (status == CW_OK) {
            status = cw_catalog_get(catalog, id, NULL, &m->snapshot, err);
        }
    }
    if (status == CW_OK) {
        cw_arena_defer(m->arena, unref_snapshot, m->snapshot);
        m->product = cw_snapshot_product(m->snapshot);
        m->engine = cw_snapshot_engine(m->snapshot);
    }
    return status;
}

/* ---- JSON of what was made ------------------------------------------------------------------- */

static void release_in(struct making *m, json_t *value) {
    cw_arena_defer(m->arena, cw_json_release, value);
}

/* Pointers as the API writes them, below /selections. */
static json_t *faults_json(struct making *m, const struct cw_faults *faults) {
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        const char *base = strncmp(fault->pointer, "/selections", 11) == 0 ? "" : "/selections";
        json_array_append_new(
            list, json_pack("{s:s+, s:s}", "pointer", base, fault->pointer, "code", fault->code));
    }
    json_t *error = json_pack("{s:o}", "errors", list);
    release_in(m, error);
    return error;
}

static json_t *price_json(struct making *m) {
    const struct cw_price *price = &m->resolved.price;
    json_t *lines = json_array();
    for (size_t i = 0; i < price->line_count; i++) {
        const struct cw_price_line *line = &price->lines[i];
        json_array_append_new(lines, json_pack("{s:s, s:s, s:s, s:I}", "kind", line->kind, "id",
                                               line->id, "title", line->title, "amount",
                                               (json_int_t)line->amount_minor));
    }
    json_t *json =
        json_pack("{s:s, s:o, s:I, s:i, s:I, s:{s:i, s:s}}", "currency", price->currency, "lines",
                  lines, "unit", (json_int_t)price->unit_minor, "quantity", (int)price->quantity,
                  "total", (json_int_t)price->total_minor, "lead", "workingDays",
                  m->resolved.lead.working_days, "shipBy", m->resolved.lead.ship_by);
    release_in(m, json);
    return json;
}

static const char *verdict_name(enum cw_fit_verdict verdict) {
    static const char *const names[] = {"ok",        "glyph_missing", "too_wide",
                                        "stroke",    "emoji",         "monogram",
                                        "too_small", "crowded",       "unmeasured"};
    return names[verdict];
}

/* NULL when the design has no text on a surface. */
static json_t *text_json(struct making *m) {
    if (m->context.fit_count == 0) {
        return NULL;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < m->context.fit_count; i++) {
        const struct cw_text_fit *fit = &m->context.fits[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:i, s:[i,i]}", "option",
                                        m->product->options[fit->option].id, "verdict",
                                        verdict_name(fit->verdict), "glyph", fit->glyph, "emUm",
                                        fit->em_um, "inkUm", fit->ink_um[0], fit->ink_um[1]));
    }
    release_in(m, list);
    return list;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* A refusal is what the case is about: kept, and the way ends. */
static enum cw_status refused(struct making *m, const struct cw_faults *faults) {
    m->made->error = faults_json(m, faults);
    return CW_OK;
}

static enum cw_status decode(struct making *m, struct cw_error *err) {
    struct cw_faults faults = {.arena = m->arena};
    const json_t *market = json_object_get(m->design, "market");
    const json_t *quantity = json_object_get(m->design, "quantity");
    (void)err;
    m->context = (struct cw_configure_context){
        .market = market ? json_string_value(market) : "",
        .locale = "en",
        .now_ms = NOW_MS,
        .quantity = quantity ? (uint32_t)json_integer_value(quantity) : 1};
    json_t *selections = json_object_get(m->design, "selections");
    if (cw_picture_files_replace(m->golden->pictures, m->product, selections, m->golden->cases,
                                 &faults) != CW_OK ||
        cw_selection_decode(m->product, selections, "/selections", m->arena, &m->selection,
                            &faults) != CW_OK) {
        return refused(m, &faults);
    }
    cw_picture_files_tell(m->golden->pictures, &m->context);
    cw_sync_show_pictures(m->golden->renderer, cw_picture_files_folder(m->golden->pictures));
    return CW_OK;
}

static enum cw_status measure(struct making *m, struct cw_error *err) {
    struct cw_resolved draft;
    struct cw_faults ignored = {.arena = m->arena};
    struct cw_text_fit *fits;
    (void)!cw_resolve(m->engine, &m->selection, &m->context, CW_RESOLVE_LENIENT, m->arena, &draft,
                      &ignored);
    struct cw_measure_request request = {m->product, draft.decal_count, draft.decals};
    enum cw_status status = cw_sync_measure(m->golden->renderer, &request, m->arena, &fits, err);
    if (status == CW_OK) {
        m->context.fits = fits;
        for (size_t i = 0; i < draft.decal_count; i++) {
            m->context.fit_count += draft.decals[i].kind == CW_DECAL_TEXT;
        }
    }
    return status;
}

static enum cw_status resolve(struct making *m, struct cw_error *err) {
    struct cw_faults faults = {.arena = m->arena};
    if (cw_resolve(m->engine, &m->selection, &m->context, CW_RESOLVE_STRICT, m->arena, &m->resolved,
                   &faults) != CW_OK) {
        return refused(m, &faults);
    }
    char digest[CW_DIGEST_TEXT];
    cw_digest_text(m->resolved.canonical, m->resolved.canonical_length, digest);
    if (strcmp(digest, m->resolved.digest) != 0) {
        return cw_fail(err, CW_E_BUG, "golden.digest",
                       "the resolved digest is not of its canonical bytes");
    }
    m->made->canonical = m->resolved.canonical;
    m->made->price = price_json(m);
    m->made->text = text_json(m);
    return cw_json_read(m->arena, m->resolved.canonical, m->resolved.canonical_length,
                        GOLDEN_FILE_BYTES, &m->made->resolved, err);
}

static void unref_blob(void *blob) {
    cw_blob_unref(blob);
}

static char *digest_of(struct making *m, struct cw_blob *take_blob) {
    char *digest = cw_arena_alloc(m->arena, CW_DIGEST_TEXT);
    cw_arena_defer(m->arena, unref_blob, take_blob);
    cw_digest_text(cw_blob_data(take_blob), cw_blob_length(take_blob), digest);
    return digest;
}

/* Height from the PNG's IHDR chunk: bytes 20 to 23, big endian (PNG 1.2, section 4.1.1). */
static int32_t png_height(const struct cw_blob *png) {
    const uint8_t *b = cw_blob_data(png);
    return cw_blob_length(png) < 24 ? 0 : b[20] << 24 | b[21] << 16 | b[22] << 8 | b[23];
}

static enum cw_status draw(struct making *m, struct cw_error *err) {
    struct cw_scene_request scene = {.resolved = &m->resolved,
                                     .width_px = GOLDEN_WIDTH_PX,
                                     .format = CW_FORMAT_PNG,
                                     .background = {0xF4, 0xF4, 0xF2}};
    const char *view = json_string_value(json_object_get(m->design, "view"));
    while (view && scene.view < m->product->view_count &&
           strcmp(m->product->views[scene.view].id, view) != 0) {
        scene.view++;
    }
    struct cw_blob *blob;
    enum cw_status status = cw_sync_render(m->golden->renderer, &scene, &blob, err);
    if (status != CW_OK) {
        return status;
    }
    m->made->picture = blob;
    const char *digest = digest_of(m, blob);
    m->preview = (struct cw_spec_preview){
        .view = m->product->views[scene.view].id,
        .url = cw_arena_printf(m->arena, "%s/v1/artworks/%s", BASE_URL, digest),
        .mime = "image/png",
        .digest = digest,
        .width_px = GOLDEN_WIDTH_PX,
        .height_px = png_height(blob)};
    return CW_OK;
}

static enum cw_status make_file(struct making *m, uint32_t surface, enum cw_format format,
                                struct cw_spec_file *ret, struct cw_error *err) {
    const struct cw_artwork_request request = {&m->resolved, surface, format};
    struct cw_blob *blob;
    enum cw_status status = cw_sync_artwork(m->golden->renderer, &request, &blob, err);
    if (status == CW_OK) {
        ret->length = cw_blob_length(blob);
        ret->digest = digest_of(m, blob);
    }
    return status;
}

static enum cw_status make_artwork(struct making *m, struct cw_error *err) {
    m->artworks = cw_arena_array(m->arena, m->product->surface_count + 1, sizeof *m->artworks);
    for (uint32_t i = 0; i < m->product->surface_count; i++) {
        struct cw_spec_artwork *artwork = &m->artworks[m->artwork_count];
        if (!cw_resolved_carries(&m->resolved, i)) {
            continue;
        }
        artwork->surface = i;
        enum cw_status status = make_file(m, i, CW_FORMAT_PDF, &artwork->pdf, err);
        if (status == CW_OK) {
            status = make_file(m, i, CW_FORMAT_SVG, &artwork->svg, err);
        }
        if (status != CW_OK) {
            return status;
        }
        m->artwork_count++;
    }
    return CW_OK;
}

/* What the API fills in at an order, with everything random or from a clock fixed. */
static enum cw_status build_spec(struct making *m, struct cw_error *err) {
    struct cw_spec_input input = {.resolved = &m->resolved,
                                  .spec_id = "01KAM0W5G0GRDENSPEC0000001",
                                  .revision = 1,
                                  .order_id = "01KAM0W5G0GRDENRDER0000001",
                                  .order_number = "CW-20261122-000001",
                                  .line = 1,
                                  .quantity = (int32_t)m->context.quantity,
                                  .priority = 50,
                                  .issued_ms = NOW_MS,
                                  .ship_by_ms =
                                      cw_date_days(m->resolved.lead.ship_by) * 86400000 + 43200000,
                                  .serial = "8XK2M4Q7",
                                  .base_url = BASE_URL,
                                  .artwork_count = m->artwork_count,
                                  .artworks = m->artworks,
                                  .preview_count = 1,
                                  .previews = &m->preview};
    struct cw_spec_built built;
    struct cw_spec_verdict verdict;
    enum cw_status status = cw_spec_build(&input, m->golden->key, m->arena, &built, err);
    if (status == CW_OK) {
        status = cw_json_read(m->arena, (const char *)built.document.data, built.document.length,
                              GOLDEN_FILE_BYTES, &m->made->spec, err);
    }
    return status == CW_OK ? cw_spec_verify(m->made->spec, m->golden->jwks, &verdict, err) : status;
}

/* ---- the steps in order ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum cw_status (*run)(struct making *m, struct cw_error *err);
} steps[] = {
    {"find product", find_product}, {"decode", decode}, {"measure", measure},
    {"resolve", resolve},           {"draw", draw},     {"make artwork", make_artwork},
    {"build spec", build_spec},
};

enum cw_status golden_make(struct golden *golden, const json_t *design, struct cw_arena *arena,
                           struct golden_made *ret_made, struct cw_error *err) {
    struct making m = {.golden = golden, .arena = arena, .design = design, .made = ret_made};
    *ret_made = (struct golden_made){0};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !ret_made->error; i++) {
        enum cw_status status = steps[i].run(&m, err);
        if (status != CW_OK) {
            cw_error_detail(err, "step '%s'", steps[i].name);
            return status;
        }
    }
    return CW_OK;
}
