/* The pool against a worker that behaves in every way one can. Runs in: tests only. */
#include "preview/pool.h"

#include <signal.h>

#include "fixture.h"
#include "preview/sync.h"

struct pooltest {
    struct event_base *base;
    struct cw_pool *pool;
    char fonts[FIXTURE_PATH];
};

struct got {
    bool done;
    int calls;
    enum cw_status status;
    char code[64];
    size_t length;
    uint32_t width_px;
    int32_t ink_um;
    char data[64];
};

static void on_reply(void *arg, const struct cw_pool_reply *reply) {
    struct got *got = arg;
    got->done = true;
    got->calls++;
    got->status = reply->error.status;
    snprintf(got->code, sizeof got->code, "%s", reply->error.code ? reply->error.code : "");
    got->width_px = reply->width_px;
    got->ink_um = reply->fit.ink_um[0];
    if (reply->image != NULL) {
        got->length = cw_blob_length(reply->image);
        size_t n = got->length < sizeof got->data ? got->length : sizeof got->data;
        memcpy(got->data, cw_blob_data(reply->image), n);
    }
}

static void open_pool(struct pooltest *t, const char *mode, struct cw_pool_config config) {
    fixture_file(t->fonts, mode);
    t->base = event_base_new();
    config.renderer = FAKE_WORKER;
    config.fonts = t->fonts;
    config.restart_min_ms = config.restart_min_ms == 0 ? 5 : config.restart_min_ms;
    config.restart_max_ms = 50;
    assert_int_equal(cw_pool_new(t->base, &config, &t->pool, NULL), CW_OK);
}

static void open_ready(struct pooltest *t, const char *mode, struct cw_pool_config config) {
    open_pool(t, mode, config);
    assert_int_equal(cw_sync_wait_ready(t->base, t->pool, 10000, NULL), CW_OK);
}

static void close_pool(struct pooltest *t) {
    cw_pool_free(t->pool);
    event_base_free(t->base);
    unlink(t->fonts);
}

static enum cw_status submit(struct pooltest *t, enum cw_render_kind kind, const char *body,
                             struct got *got, struct cw_pool_task **ret_task) {
    struct cw_pool_job job = {.kind = kind,
                              .body = {(const uint8_t *)body, strlen(body)},
                              .pack_fd = kind == CW_RENDER_RENDER ? STDIN_FILENO : -1,
                              .fn = on_reply,
                              .arg = got};
    return cw_pool_submit(t->pool, &job, ret_task, NULL);
}

static struct got run(struct pooltest *t, enum cw_render_kind kind, const char *body) {
    struct got got = {0};
    assert_int_equal(submit(t, kind, body, &got, NULL), CW_OK);
    assert_false(got.done); /* never inside submit */
    assert_true(fixture_wait(t->base, &got.done, 20000));
    return got;
}

static struct cw_pool_stats stats_of(struct pooltest *t) {
    struct cw_pool_stats stats;
    cw_pool_stats(t->pool, &stats);
    return stats;
}

static void draws_and_measures(void **state) {
    (void)state;
    struct pooltest t;
    open_ready(&t, "normal build-7", (struct cw_pool_config){.workers = 2});
    assert_string_equal(cw_pool_build(t.pool), "build-7");
    assert_string_equal(cw_pool_fonts_digest(t.pool), "sha-256:fonts");
    struct got got = run(&t, CW_RENDER_RENDER, "scene bytes");
    assert_int_equal(got.status, CW_OK);
    assert_int_equal(got.length, 11);
    assert_memory_equal(got.data, "scene bytes", 11);
    assert_int_equal(got.width_px, 64);
    got = run(&t, CW_RENDER_MEASURE, "text");
    assert_int_equal(got.ink_um, 20);
    got = run(&t, CW_RENDER_ARTWORK, "decals");
    assert_memory_equal(got.data, "decals", 6);
    assert_int_equal(stats_of(&t).jobs, 3);
    close_pool(&t);
}

static void large_picture_is_mapped_and_unsealable_copied(void **state) {
    (void)state;
    struct pooltest t;
    open_ready(&t, "large b", (struct cw_pool_config){.workers = 1});
    assert_int_equal(run(&t, CW_RENDER_RENDER, "x").length, 300000);
    close_pool(&t);
    open_ready(&t, "unsealable b", (struct cw_pool_config){.workers = 1});
    assert_int_equal(run(&t, CW_RENDER_RENDER, "abc").length, 3);
    close_pool(&t);
}

static void bad_worker_costs_one_job(void **state) {
    (void)state;
    static const struct {
        const char *mode, *code;
    } cases[] = {
        {"crash b", "render.worker_died"},
        {"memory b", "render.worker_died"},
        {"no_memory b", "render.worker_died"},
        {"garbage b", "render.worker_died"},
        {"long_garbage b", "render.worker_died"},
        {"wrong_job b", "render.worker_died"},
        {"oversized b", "render.worker_died"},
        {"short b", "render.worker_died"},
        {"no_fd b", "render.worker_died"},
        {"two_fds b", "render.worker_died"},
        {"wrong_kind b", "render.worker_died"},
        {"closes b", "render.worker_died"},
        {"hang b", "render.timeout"},
        {"failed b", "render.view_unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pooltest t;
        open_ready(&t, cases[i].mode, (struct cw_pool_config){.workers = 1, .deadline_ms = 300});
        struct got got = run(&t, CW_RENDER_RENDER, "x");
        assert_string_equal(got.code, cases[i].code);
        assert_int_equal(got.calls, 1);
        fixture_rewrite(t.fonts, "normal b");
        if (strcmp(cases[i].mode, "failed b") != 0) { /* that worker is healthy and stays */
            assert_int_equal(got.status, strcmp(cases[i].code, "render.timeout") == 0 ? CW_E_TIMEOUT
                                                                                      : CW_E_BUSY);
            fixture_run(t.base, 100);
            assert_int_equal(run(&t, CW_RENDER_RENDER, "again").status, CW_OK);
            assert_int_equal(stats_of(&t).starts, 2);
        }
        close_pool(&t);
    }
}

static void neighbours_survive_a_crash(void **state) {
    (void)state;
    struct pooltest t;
    struct got got[20] = {0};
    open_ready(&t, "normal b", (struct cw_pool_config){.workers = 2});
    for (int i = 0; i < 20; i++)
        assert_int_equal(submit(&t, CW_RENDER_RENDER, i == 7 ? "boom" : "fine", &got[i], NULL),
                         CW_OK);
    for (int i = 0; i < 20; i++) {
        assert_true(fixture_wait(t.base, &got[i].done, 20000));
        assert_int_equal(got[i].status, i == 7 ? CW_E_BUSY : CW_OK);
        assert_int_equal(got[i].calls, 1);
    }
    assert_int_equal(stats_of(&t).deaths, 1);
    close_pool(&t);
}

static void queue_is_bounded(void **state) {
    (void)state;
    struct pooltest t;
    struct got got[5] = {0};
    struct cw_pool_stats stats;
    open_ready(&t, "slow b", (struct cw_pool_config){.workers = 1, .queue_max = 3});
    assert_int_equal(submit(&t, CW_RENDER_RENDER, "a", &got[0], NULL), CW_OK);
    fixture_run(t.base, 5); /* handed out */
    for (int i = 1; i < 4; i++)
        assert_int_equal(submit(&t, CW_RENDER_RENDER, "a", &got[i], NULL), CW_OK);
    struct cw_error err = {0};
    struct cw_pool_job job = {
        .kind = CW_RENDER_RENDER, .pack_fd = -1, .fn = on_reply, .arg = &got[4]};
    assert_int_equal(cw_pool_submit(t.pool, &job, NULL, &err), CW_E_BUSY);
    assert_string_equal(err.code, "render.busy");
    for (int i = 0; i < 4; i++)
        assert_true(fixture_wait(t.base, &got[i].done, 20000));
    assert_int_equal(got[4].calls, 0);
    stats = stats_of(&t);
    assert_int_equal(stats.busy, 1);
    assert_int_equal(stats.waiting, 0);
    close_pool(&t);
}

static void waiting_has_a_deadline_too(void **state) {
    (void)state;
    struct pooltest t;
    struct got got = {0};
    open_pool(&t, "no_hello b", (struct cw_pool_config){.workers = 1, .deadline_ms = 60});
    assert_false(cw_pool_ready(t.pool));
    assert_int_equal(submit(&t, CW_RENDER_RENDER, "a", &got, NULL), CW_OK);
    assert_true(fixture_wait(t.base, &got.done, 20000));
    assert_string_equal(got.code, "render.busy");
    close_pool(&t);
}

static void bad_starts_are_repeated(void **state) {
    (void)state;
    static const char *const modes[] = {"exits b", "bad_hello b", "no_hello b"};
    for (size_t i = 0; i < 3; i++) {
        struct pooltest t;
        open_pool(&t, modes[i], (struct cw_pool_config){.workers = 1, .start_deadline_ms = 500});
        fixture_run(t.base, 100);
        assert_false(cw_pool_ready(t.pool));
        fixture_rewrite(t.fonts, "normal b");
        assert_int_equal(cw_sync_wait_ready(t.base, t.pool, 10000, NULL), CW_OK);
        assert_true(stats_of(&t).starts >= 2);
        assert_int_equal(run(&t, CW_RENDER_RENDER, "a").status, CW_OK);
        close_pool(&t);
    }
}

static void workers_are_recycled(void **state) {
    (void)state;
    struct pooltest t;
    open_ready(&t, "normal b", (struct cw_pool_config){.workers = 1, .jobs_per_worker = 2});
    for (int i = 0; i < 5; i++)
        assert_int_equal(run(&t, CW_RENDER_RENDER, "a").status, CW_OK);
    struct cw_pool_stats stats = stats_of(&t);
    assert_int_equal(stats.recycled, 2);
    assert_int_equal(stats.deaths, 0);
    close_pool(&t);
}

static void cancelled_jobs_are_silent(void **state) {
    (void)state;
    struct pooltest t;
    struct got got[3] = {0};
    struct cw_pool_task *tasks[3];
    open_ready(&t, "slow b", (struct cw_pool_config){.workers = 1});
    for (int i = 0; i < 3; i++)
        assert_int_equal(submit(&t, CW_RENDER_RENDER, "a", &got[i], &tasks[i]), CW_OK);
    fixture_run(t.base, 5);
    assert_false(cw_pool_is_waiting(tasks[0]));
    assert_true(cw_pool_is_waiting(tasks[1]));
    cw_pool_cancel(tasks[0]); /* at work */
    cw_pool_cancel(tasks[1]); /* waiting */
    assert_true(fixture_wait(t.base, &got[2].done, 20000));
    assert_int_equal(got[0].calls + got[1].calls, 0);
    assert_int_equal(stats_of(&t).jobs, 2);
    close_pool(&t);
}

static void measuring_goes_first(void **state) {
    (void)state;
    struct pooltest t;
    struct got slow[4] = {0}, quick = {0};
    open_ready(&t, "slow b", (struct cw_pool_config){.workers = 1});
    for (int i = 0; i < 4; i++)
        assert_int_equal(submit(&t, CW_RENDER_RENDER, "a", &slow[i], NULL), CW_OK);
    assert_int_equal(submit(&t, CW_RENDER_MEASURE, "a", &quick, NULL), CW_OK);
    assert_true(fixture_wait(t.base, &quick.done, 20000));
    assert_false(slow[3].done);
    close_pool(&t);
}

/* The program is replaced while the server runs: nothing named for the old build is drawn by the
 * new. */
static void another_build_takes_over(void **state) {
    (void)state;
    struct pooltest t;
    struct got old = {0};
    open_ready(&t, "normal one", (struct cw_pool_config){.workers = 1});
    uint32_t generation = cw_pool_generation(t.pool);
    fixture_rewrite(t.fonts, "normal two");
    run(&t, CW_RENDER_RENDER, "boom");
    struct cw_pool_job job = {.kind = CW_RENDER_RENDER,
                              .pack_fd = -1,
                              .generation = generation,
                              .fn = on_reply,
                              .arg = &old};
    assert_int_equal(cw_pool_submit(t.pool, &job, NULL, NULL), CW_OK);
    assert_true(fixture_wait(t.base, &old.done, 20000));
    assert_string_equal(old.code, "render.upgraded");
    assert_string_equal(cw_pool_build(t.pool), "two");
    assert_int_equal(cw_pool_submit(t.pool, &job, NULL, NULL), CW_E_BUSY);
    assert_int_equal(run(&t, CW_RENDER_RENDER, "a").status, CW_OK);
    close_pool(&t);
}

static void bad_descriptor_fails_the_job_only(void **state) {
    (void)state;
    struct pooltest t;
    struct got got = {0};
    open_ready(&t, "normal b", (struct cw_pool_config){.workers = 1});
    struct cw_pool_job job = {
        .kind = CW_RENDER_RENDER, .pack_fd = 999, .fn = on_reply, .arg = &got};
    assert_int_equal(cw_pool_submit(t.pool, &job, NULL, NULL), CW_OK);
    assert_true(fixture_wait(t.base, &got.done, 20000));
    assert_int_equal(got.status, CW_E_BUG);
    assert_int_equal(stats_of(&t).starts, 1);
    close_pool(&t);
}

static void free_with_work_in_hand(void **state) {
    (void)state;
    struct pooltest t;
    struct got got[10] = {0};
    open_ready(&t, "normal b", (struct cw_pool_config){.workers = 2});
    for (int i = 0; i < 10; i++)
        assert_int_equal(submit(&t, CW_RENDER_RENDER, "hang", &got[i], NULL), CW_OK);
    fixture_run(t.base, 30);
    close_pool(&t);
    for (int i = 0; i < 10; i++)
        assert_int_equal(got[i].calls, 0);
}

static void bad_configuration(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct cw_pool *pool = NULL;
    struct cw_pool_config cases[] = {
        {.renderer = "/nowhere/renderer", .fonts = "/etc/passwd", .workers = 1},
        {.renderer = FAKE_WORKER, .fonts = "/nowhere/fonts.json", .workers = 1},
        {.renderer = FAKE_WORKER, .fonts = "/etc/passwd", .workers = 65},
    };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(cw_pool_new(base, &cases[i], &pool, NULL), CW_E_INPUT);
    cw_pool_free(NULL);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_and_measures),
        cmocka_unit_test(large_picture_is_mapped_and_unsealable_copied),
        cmocka_unit_test(bad_worker_costs_one_job),
        cmocka_unit_test(neighbours_survive_a_crash),
        cmocka_unit_test(queue_is_bounded),
        cmocka_unit_test(waiting_has_a_deadline_too),
        cmocka_unit_test(bad_starts_are_repeated),
        cmocka_unit_test(workers_are_recycled),
        cmocka_unit_test(cancelled_jobs_are_silent),
        cmocka_unit_test(measuring_goes_first),
        cmocka_unit_test(another_build_takes_over),
        cmocka_unit_test(bad_descriptor_fails_the_job_only),
        cmocka_unit_test(free_with_work_in_hand),
        cmocka_unit_test(bad_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
