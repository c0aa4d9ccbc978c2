/*
 * What uploads stand on, as the server starts it: how many may wait to be judged, and how many
 * pieces to be written.
 */
#include "app/uploads.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "cordwain/limits.h"
#include "store_fixture.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned running;
    bool open;
};

static void wait_at_gate(void *arg) {
    struct gate *gate = arg;
    pthread_mutex_lock(&gate->lock);
    gate->running++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

/* Jobs for all threads, then as many as may wait, then one. */
static void fill(struct cw_crew *crew, struct gate *gate, unsigned threads, size_t waiting) {
    const struct cw_crew_job job = {.run = wait_at_gate, .arg = gate};
    struct cw_error err = {0};
    for (unsigned i = 0; i < threads; i++)
        assert_int_equal(cw_crew_push(crew, &job, &err), CW_OK);
    pthread_mutex_lock(&gate->lock);
    while (gate->running < threads)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    for (size_t i = 0; i < waiting; i++)
        assert_int_equal(cw_crew_push(crew, &job, &err), CW_OK);
    assert_int_equal(cw_crew_push(crew, &job, &err), CW_E_BUSY);
    assert_string_equal(err.code, "crew.busy");
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void queue_takes_16_uploads_and_refuses_one_more(void **state) {
    (void)state;
    struct cw_fixture fixture;
    cw_fixture_init_closed(&fixture);
    const struct cw_config config = {.artworks_mb = 1};
    const struct cw_paths paths = {
        .keys = fixture.folder, .artworks = fixture.folder, .renderer = "/none"};
    struct cw_api_uploads uploads = {0};
    struct gate judged = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};
    struct gate written = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};
    assert_int_equal(CW_ARTWORK_QUEUE, 16);
    assert_int_equal(cw_uploads_open(&config, &paths, &uploads, NULL), CW_OK);
    fill(uploads.importing, &judged, 1, CW_ARTWORK_QUEUE);
    fill(uploads.files, &written, 2, CW_ARTWORK_SPOOL_QUEUE);
    cw_uploads_close(&uploads);
    char key[160];
    snprintf(key, sizeof key, "%s/artwork.key", fixture.folder);
    assert_int_equal(unlink(key), 0);
    cw_fixture_deinit(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_takes_16_uploads_and_refuses_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
