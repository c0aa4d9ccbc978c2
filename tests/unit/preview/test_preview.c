/* The service: tiers, single flight, cancellation, measuring. Runs in: tests only. */
#include "preview/preview.h"

#include "fixture.h"
#include "preview/sync.h"

struct setup {
    struct event_base *base;
    struct cw_pool *pool;
    struct cw_preview *preview;
    struct cw_resolved resolved;
    char fonts[FIXTURE_PATH], pack[FIXTURE_PATH];
};

struct got {
    bool done;
    int calls;
    enum cw_status status;
    char code[64], content_type[32];
    size_t length, count;
    enum cw_preview_source source;
    struct cw_text_fit fits[4];
};

static void on_picture(void *arg, const struct cw_preview_result *result) {
    struct got *got = arg;
    got->done = true;
    got->calls++;
    got->status = result->error.status;
    snprintf(got->code, sizeof got->code, "%s", result->error.code ? result->error.code : "");
    snprintf(got->content_type, sizeof got->content_type, "%s", result->content_type);
    got->length = result->blob == NULL ? 0 : cw_blob_length(result->blob);
    got->source = result->source;
}

static void on_fits(void *arg, const struct cw_measure_result *result) {
    struct got *got = arg;
    got->done = true;
    got->calls++;
    got->status = result->error.status;
    snprintf(got->code, sizeof got->code, "%s", result->error.code ? result->error.code : "");
    got->count = result->count;
    if (result->count > 0)
        memcpy(got->fits, result->fits, result->count * sizeof *got->fits);
}

static void open_service(struct setup *s, const char *mode, uint32_t queue_max) {
    fixture_file(s->fonts, mode);
    fixture_file(s->pack, "a pack");
    s->base = event_base_new();
    struct cw_pool_config config = {.renderer = FAKE_WORKER,
                                    .fonts = s->fonts,
                                    .workers = 1,
                                    .queue_max = queue_max,
                                    .restart_min_ms = 5,
                                    .deadline_ms = 2000};
    assert_int_equal(cw_pool_new(s->base, &config, &s->pool, NULL), CW_OK);
    struct cw_preview_config preview_config = {.pool = s->pool};
    s->preview = cw_preview_new(&preview_config);
    assert_non_null(s->preview);
    assert_int_equal(cw_preview_add_pack(s->preview, "sha-256:art", s->pack, NULL), CW_OK);
    s->resolved = fixture_resolved("{\"a\":1}");
}

static void open_ready(struct setup *s, const char *mode, uint32_t queue_max) {
    open_service(s, mode, queue_max);
    assert_int_equal(cw_sync_wait_ready(s->base, s->pool, 10000, NULL), CW_OK);
}

static void close_service(struct setup *s) {
    cw_preview_free(s->preview);
    cw_pool_free(s->pool);
    event_base_free(s->base);
    unlink(s->fonts);
    unlink(s->pack);
}

static struct cw_scene_request request_for(const struct setup *s, uint32_t width_px) {
    return (struct cw_scene_request){
        .resolved = &s->resolved, .view = 0, .width_px = width_px, .format = CW_FORMAT_WEBP};
}

static struct cw_preview_wait *ask(struct setup *s, uint32_t width_px, struct got *got) {
    struct cw_scene_request request = request_for(s, width_px);
    return cw_preview_get(s->preview, &request, on_picture, got);
}

static struct cw_preview_stats stats_of(struct setup *s) {
    struct cw_preview_stats stats;
    cw_preview_stats(s->preview, &stats);
    return stats;
}

static void renders_once_then_remembers(void **state) {
    (void)state;
    struct setup s;
    struct got first = {0}, second = {0};
    open_ready(&s, "normal b", 0);
    assert_non_null(ask(&s, 512, &first));
    assert_true(fixture_wait(s.base, &first.done, 20000));
    assert_int_equal(first.status, CW_OK);
    assert_string_equal(first.content_type, "image/webp");
    assert_int_equal(first.source, CW_PREVIEW_RENDERED);
    assert_true(first.length > 50);
    assert_null(ask(&s, 512, &second)); /* answered inside the call */
    assert_int_equal(second.source, CW_PREVIEW_MEMORY);
    assert_int_equal(second.length, first.length);
    assert_int_equal(stats_of(&s).renders, 1);
    assert_int_equal(stats_of(&s).misses, 1);
    close_service(&s);
}

static void fifty_ask_one_renders(void **state) {
    (void)state;
    struct setup s;
    struct got got[50] = {0};
    open_ready(&s, "slow b", 0);
    for (int i = 0; i < 50; i++)
        assert_non_null(ask(&s, 512, &got[i]));
    for (int i = 0; i < 50; i++) {
        assert_true(fixture_wait(s.base, &got[i].done, 20000));
        assert_int_equal(got[i].status, CW_OK);
        assert_int_equal(got[i].calls, 1);
    }
    assert_int_equal(stats_of(&s).pool.jobs, 1);
    assert_int_equal(stats_of(&s).joins, 49);
    assert_int_equal(stats_of(&s).flights, 0);
    close_service(&s);
}

static void full_queue_is_told_at_once(void **state) {
    (void)state;
    struct setup s;
    struct got got[5] = {0};
    open_ready(&s, "slow b", 2);
    ask(&s, 100, &got[0]);
    fixture_run(s.base, 5);
    assert_non_null(ask(&s, 101, &got[1]));
    assert_non_null(ask(&s, 102, &got[2]));
    assert_null(ask(&s, 103, &got[3]));
    assert_int_equal(got[3].status, CW_E_BUSY);
    assert_string_equal(got[3].code, "render.busy");
    assert_non_null(ask(&s, 102, &got[4])); /* joining needs no room */
    assert_true(fixture_wait(s.base, &got[4].done, 20000));
    assert_int_equal(got[4].status, CW_OK);
    close_service(&s);
}

static void refusals(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0};
    struct cw_scene_request request;
    open_service(&s, "normal b", 0);
    assert_null(ask(&s, 512, &got));
    assert_string_equal(got.code, "render.starting");
    assert_int_equal(cw_sync_wait_ready(s.base, s.pool, 10000, NULL), CW_OK);
    assert_null(ask(&s, 63, &got));
    assert_string_equal(got.code, "preview.width");
    request = request_for(&s, 512);
    request.view = 2;
    assert_null(cw_preview_get(s.preview, &request, on_picture, &got));
    assert_string_equal(got.code, "preview.view");
    struct cw_product product = fixture_product;
    product.art_digest = "sha-256:other";
    s.resolved.product = &product;
    assert_null(ask(&s, 512, &got));
    assert_string_equal(got.code, "render.art_missing");
    assert_int_equal(got.status, CW_E_NOT_FOUND);
    assert_int_equal(stats_of(&s).flights, 0);
    close_service(&s);
}

static void failure_is_not_remembered(void **state) {
    (void)state;
    struct setup s;
    struct got got[3] = {0};
    open_ready(&s, "crash b", 0);
    ask(&s, 512, &got[0]);
    ask(&s, 512, &got[1]);
    fixture_rewrite(s.fonts, "normal b");
    assert_true(fixture_wait(s.base, &got[1].done, 20000));
    assert_int_equal(got[0].status, CW_E_BUSY);
    assert_string_equal(got[1].code, "render.worker_died");
    ask(&s, 512, &got[2]);
    assert_true(fixture_wait(s.base, &got[2].done, 20000));
    assert_int_equal(got[2].status, CW_OK);
    close_service(&s);
}

static void cancelling(void **state) {
    (void)state;
    struct setup s;
    struct got got[4] = {0};
    struct cw_preview_wait *waits[4];
    open_ready(&s, "slow b", 0);
    waits[0] = ask(&s, 100, &got[0]);
    waits[1] = ask(&s, 100, &got[1]);
    waits[2] = ask(&s, 101, &got[2]);
    cw_preview_cancel(waits[0]); /* the other still gets it */
    cw_preview_cancel(waits[2]); /* nobody waits, not begun: never rendered */
    assert_true(fixture_wait(s.base, &got[1].done, 20000));
    waits[3] = ask(&s, 102, &got[3]);
    fixture_run(s.base, 5);
    cw_preview_cancel(waits[3]); /* being drawn: finished and kept */
    fixture_run(s.base, 200);
    assert_int_equal(got[0].calls + got[2].calls + got[3].calls, 0);
    assert_int_equal(stats_of(&s).pool.jobs, 2);
    assert_null(ask(&s, 102, &got[3]));
    assert_int_equal(got[3].source, CW_PREVIEW_MEMORY);
    close_service(&s);
}

struct chain {
    struct setup *setup;
    struct cw_preview_wait *other;
    struct got got;
};

/* A callback that cancels its neighbour and asks for the same picture again. */
static void on_chain(void *arg, const struct cw_preview_result *result) {
    struct chain *chain = arg;
    assert_int_equal(result->error.status, CW_OK);
    cw_preview_cancel(chain->other);
    ask(chain->setup, 512, &chain->got);
}

static void callbacks_may_call_back(void **state) {
    (void)state;
    struct setup s;
    struct got cancelled = {0};
    struct chain chain = {.setup = &s};
    open_ready(&s, "normal b", 0);
    struct cw_scene_request request = request_for(&s, 512);
    assert_non_null(cw_preview_get(s.preview, &request, on_chain, &chain));
    chain.other = ask(&s, 512, &cancelled);
    assert_true(fixture_wait(s.base, &chain.got.done, 20000));
    assert_int_equal(chain.got.source, CW_PREVIEW_MEMORY);
    assert_int_equal(cancelled.calls, 0);
    close_service(&s);
}

static void measures_and_remembers(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0}, again = {0}, none = {0};
    struct cw_resolved_decal decals[3] = {fixture_decals[0], fixture_decals[1], fixture_decals[1]};
    decals[2].option = 9;
    decals[2].text = "Bobby";
    open_ready(&s, "normal b", 0);
    struct cw_measure_request request = {&fixture_product, 3, decals};
    assert_non_null(cw_preview_measure(s.preview, &request, on_fits, &got));
    assert_true(fixture_wait(s.base, &got.done, 20000));
    assert_int_equal(got.status, CW_OK);
    assert_int_equal(got.count, 2); /* the pattern is skipped */
    assert_int_equal(got.fits[0].option, 7);
    assert_int_equal(got.fits[1].option, 9);
    assert_int_equal(got.fits[1].ink_um[0] - got.fits[0].ink_um[0], 2); /* "Bobby" less "Ana" */
    decals[1].option = 3; /* the same text of another option */
    assert_null(cw_preview_measure(s.preview, &request, on_fits, &again));
    assert_int_equal(again.fits[0].option, 3);
    assert_int_equal(again.fits[0].ink_um[0], got.fits[0].ink_um[0]);
    assert_int_equal(stats_of(&s).measures, 2);
    assert_int_equal(stats_of(&s).measure_hits, 2);
    request.count = 1; /* nothing to measure */
    assert_null(cw_preview_measure(s.preview, &request, on_fits, &none));
    assert_int_equal(none.calls, 1);
    assert_int_equal(none.count, 0);
    close_service(&s);
}

/* From memory alone, as any loop asks: not before a worker is there, not when one text is new. */
static void what_was_measured_is_found_without_asking(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0};
    struct cw_resolved_decal decals[3] = {fixture_decals[0], fixture_decals[1], fixture_decals[1]};
    struct cw_measure_request request = {&fixture_product, 2, decals};
    struct cw_text_fit fits[3];
    size_t count;
    open_ready(&s, "normal b", 0);
    assert_false(cw_preview_measured(s.preview, &request, fits, &count));
    assert_non_null(cw_preview_measure(s.preview, &request, on_fits, &got));
    assert_true(fixture_wait(s.base, &got.done, 20000));
    decals[1].option = 3; /* the same text of another option */
    assert_true(cw_preview_measured(s.preview, &request, fits, &count));
    assert_int_equal(count, 1); /* the pattern is skipped */
    assert_int_equal(fits[0].option, 3);
    assert_int_equal(fits[0].ink_um[0], got.fits[0].ink_um[0]);
    decals[2].text = "Bobby";
    request.count = 3;
    assert_false(cw_preview_measured(s.preview, &request, fits, &count));
    request.count = 1; /* nothing to measure */
    assert_true(cw_preview_measured(s.preview, &request, fits, &count));
    assert_int_equal(count, 0);
    assert_int_equal(stats_of(&s).measure_hits, 1);
    close_service(&s);
}

static void measuring_fails_whole_and_cancels(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0}, gone = {0};
    struct cw_resolved_decal decals[2] = {fixture_decals[1], fixture_decals[1]};
    decals[0].text = "boom";
    open_ready(&s, "normal b", 0);
    struct cw_measure_request request = {&fixture_product, 2, decals};
    assert_non_null(cw_preview_measure(s.preview, &request, on_fits, &got));
    assert_true(fixture_wait(s.base, &got.done, 20000));
    assert_string_equal(got.code, "render.worker_died");
    struct cw_measure *measure = cw_preview_measure(s.preview, &request, on_fits, &gone);
    assert_non_null(measure);
    cw_preview_measure_cancel(measure);
    fixture_run(s.base, 50);
    assert_int_equal(gone.calls, 0);
    assert_int_equal(got.calls, 1);
    close_service(&s);
}

static void artwork(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0}, none = {0}, again = {0}, svg = {0};
    open_ready(&s, "normal b", 0);
    struct cw_artwork_request request = {&s.resolved, 0, CW_FORMAT_PDF};
    assert_non_null(cw_preview_artwork(s.preview, &request, on_picture, &got));
    assert_true(fixture_wait(s.base, &got.done, 20000));
    assert_int_equal(got.status, CW_OK);
    assert_string_equal(got.content_type, "application/pdf");
    assert_null(cw_preview_artwork(s.preview, &request, on_picture, &again));
    assert_int_equal(again.source, CW_PREVIEW_MEMORY);
    request.format = CW_FORMAT_SVG; /* another file, not the one remembered */
    assert_non_null(cw_preview_artwork(s.preview, &request, on_picture, &svg));
    assert_true(fixture_wait(s.base, &svg.done, 20000));
    assert_string_equal(svg.content_type, "image/svg+xml");
    assert_int_equal(svg.source, CW_PREVIEW_RENDERED);
    request.surface = 1;
    assert_null(cw_preview_artwork(s.preview, &request, on_picture, &none));
    assert_string_equal(none.code, "preview.surface");
    close_service(&s);
}

static void packs(void **state) {
    (void)state;
    struct setup s;
    open_service(&s, "normal b", 0);
    assert_int_equal(cw_preview_add_pack(s.preview, "", s.pack, NULL), CW_E_INPUT);
    assert_int_equal(cw_preview_add_pack(s.preview, "sha-256:x", "/nowhere", NULL), CW_E_NOT_FOUND);
    assert_int_equal(cw_preview_add_pack(s.preview, "sha-256:x", "/tmp", NULL), CW_E_INPUT);
    assert_int_equal(cw_preview_add_pack(s.preview, "sha-256:art", s.pack, NULL), CW_OK);
    close_service(&s);
}

static void free_with_flights_in_the_air(void **state) {
    (void)state;
    struct setup s;
    struct got got[6] = {0};
    struct cw_resolved_decal decal = fixture_decals[1];
    open_ready(&s, "slow b", 0);
    for (uint32_t i = 0; i < 5; i++)
        ask(&s, 100 + i / 2, &got[i]);
    struct cw_measure_request request = {&fixture_product, 1, &decal};
    cw_preview_measure(s.preview, &request, on_fits, &got[5]);
    fixture_run(s.base, 5);
    close_service(&s);
    for (int i = 0; i < 6; i++)
        assert_int_equal(got[i].calls, 0);
}

/* A shared tier that answers when told to. */
struct late_cache {
    struct cw_cache cache;
    cw_cache_fn fn;
    void *arg;
    int gets, sets;
    struct cw_blob *stored;
};

static void late_get(struct cw_cache *cache, const uint8_t *key, cw_cache_fn fn, void *arg) {
    struct late_cache *late = (struct late_cache *)cache;
    (void)key;
    late->gets++;
    late->fn = fn;
    late->arg = arg;
}

static void late_set(struct cw_cache *cache, const uint8_t *key, struct cw_blob *blob) {
    struct late_cache *late = (struct late_cache *)cache;
    (void)key;
    late->sets++;
    cw_blob_unref(late->stored);
    late->stored = cw_blob_ref(blob);
}

static void late_stats(const struct cw_cache *cache, struct cw_cache_stats *ret_stats) {
    (void)cache;
    *ret_stats = (struct cw_cache_stats){0};
}

static void late_free(struct cw_cache *cache) {
    cw_blob_unref(((struct late_cache *)cache)->stored);
}

static const struct cw_cache_ops late_ops = {"late", late_get, late_set, late_stats, late_free};

static void open_with_cache(struct setup *s, struct late_cache *late) {
    open_ready(s, "normal b", 0);
    cw_preview_free(s->preview);
    *late = (struct late_cache){.cache = {&late_ops}};
    struct cw_preview_config config = {.pool = s->pool, .take_cache = &late->cache};
    s->preview = cw_preview_new(&config);
    assert_int_equal(cw_preview_add_pack(s->preview, "sha-256:art", s->pack, NULL), CW_OK);
}

static void shared_hit_needs_no_render(void **state) {
    (void)state;
    struct setup s;
    struct late_cache late;
    struct got got[2] = {0}, again = {0};
    open_with_cache(&s, &late);
    assert_non_null(ask(&s, 512, &got[0]));
    assert_non_null(ask(&s, 512, &got[1])); /* joins while the tier is asked */
    assert_int_equal(late.gets, 1);
    struct cw_blob *blob = cw_blob_new("from another node", 17);
    late.fn(late.arg, blob);
    cw_blob_unref(blob);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(got[i].source, CW_PREVIEW_SHARED);
        assert_int_equal(got[i].length, 17);
    }
    assert_null(ask(&s, 512, &again));
    assert_int_equal(again.source, CW_PREVIEW_MEMORY);
    assert_int_equal(stats_of(&s).renders, 0);
    assert_int_equal(stats_of(&s).shared_hits, 1);
    close_service(&s);
}

static void shared_miss_renders_and_fills(void **state) {
    (void)state;
    struct setup s;
    struct late_cache late;
    struct got got = {0};
    open_with_cache(&s, &late);
    ask(&s, 512, &got);
    late.fn(late.arg, NULL);
    assert_true(fixture_wait(s.base, &got.done, 20000));
    assert_int_equal(got.source, CW_PREVIEW_RENDERED);
    assert_int_equal(late.sets, 1);
    close_service(&s);
}

static void all_gone_before_the_tier_answers(void **state) {
    (void)state;
    struct setup s;
    struct late_cache late;
    struct got got = {0};
    open_with_cache(&s, &late);
    cw_preview_cancel(ask(&s, 512, &got));
    late.fn(late.arg, NULL);
    assert_int_equal(stats_of(&s).renders, 0);
    assert_int_equal(stats_of(&s).flights, 0);
    assert_non_null(ask(&s, 512, &got)); /* freed while the tier is asked */
    close_service(&s);
    assert_int_equal(got.calls, 0);
}

static void blocking_calls(void **state) {
    (void)state;
    struct setup s;
    struct cw_sync *sync = NULL;
    struct cw_blob *blob = NULL;
    struct cw_text_fit *fits = NULL;
    struct cw_error err = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    open_service(&s, "normal b", 0); /* only for its files */
    assert_int_equal(cw_sync_new(FAKE_WORKER, s.fonts, &sync, NULL), CW_OK);
    struct cw_scene_request request = request_for(&s, 512);
    assert_int_equal(cw_sync_render(sync, &request, &blob, &err), CW_E_NOT_FOUND);
    assert_string_equal(err.code, "render.art_missing");
    assert_int_equal(cw_preview_add_pack(cw_sync_service(sync), "sha-256:art", s.pack, NULL),
                     CW_OK);
    assert_int_equal(cw_sync_render(sync, &request, &blob, NULL), CW_OK);
    cw_blob_unref(blob);
    const struct cw_artwork_request artwork = {&s.resolved, 0, CW_FORMAT_PDF};
    assert_int_equal(cw_sync_artwork(sync, &artwork, &blob, NULL), CW_OK);
    cw_blob_unref(blob);
    struct cw_measure_request measure = {&fixture_product, 2, fixture_decals};
    assert_int_equal(cw_sync_measure(sync, &measure, arena, &fits, NULL), CW_OK);
    assert_int_equal(fits[0].option, 7);
    cw_sync_free(sync);
    cw_sync_free(NULL);
    close_service(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_once_then_remembers),
        cmocka_unit_test(fifty_ask_one_renders),
        cmocka_unit_test(full_queue_is_told_at_once),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failure_is_not_remembered),
        cmocka_unit_test(cancelling),
        cmocka_unit_test(callbacks_may_call_back),
        cmocka_unit_test(measures_and_remembers),
        cmocka_unit_test(what_was_measured_is_found_without_asking),
        cmocka_unit_test(measuring_fails_whole_and_cancels),
        cmocka_unit_test(artwork),
        cmocka_unit_test(packs),
        cmocka_unit_test(free_with_flights_in_the_air),
        cmocka_unit_test(shared_hit_needs_no_render),
        cmocka_unit_test(shared_miss_renders_and_fills),
        cmocka_unit_test(all_gone_before_the_tier_answers),
        cmocka_unit_test(blocking_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
