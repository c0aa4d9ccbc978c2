/*
 * Responsible for: versions and stock of other processes arrive turn by turn; versions are loaded
 * outside the store's transactions, and a slow one keeps no stock waiting.
 */
#include "mini.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "app/discover.h"
#include "store_fixture.h"

/* ---- a store that tells whether one of its transactions runs ----------------------------------
 */

struct watched {
    struct cw_store store; /* first */
    struct cw_store *inner;
    atomic_int inside;
};

struct watched_job {
    struct watched *watched;
    cw_txn_fn fn;
    cw_txn_done done;
    void *arg;
};

static enum cw_status run_watched(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct watched_job *job = arg;
    atomic_fetch_add(&job->watched->inside, 1);
    enum cw_status status = job->fn(txn, job->arg, err);
    atomic_fetch_sub(&job->watched->inside, 1);
    return status;
}

static void watched_done(void *arg, enum cw_status status, const struct cw_error *err) {
    struct watched_job job = *(struct watched_job *)arg;
    free(arg);
    job.done(job.arg, status, err);
}

static enum cw_status watched_read(struct cw_store *store, cw_txn_fn fn, cw_txn_done done,
                                   void *arg, struct cw_mailbox *mailbox, struct cw_error *err) {
    struct watched *watched = (struct watched *)store;
    struct watched_job *job = malloc(sizeof *job);
    *job = (struct watched_job){watched, fn, done, arg};
    return watched->inner->ops->read(watched->inner, run_watched, watched_done, job, mailbox, err);
}

static enum cw_status watched_read_wait(struct cw_store *store, cw_txn_fn fn, void *arg,
                                        struct cw_error *err) {
    struct watched *watched = (struct watched *)store;
    struct watched_job job = {watched, fn, NULL, arg};
    return watched->inner->ops->read_wait(watched->inner, run_watched, &job, err);
}

static const struct cw_store_ops watched_ops = {.read = watched_read,
                                                .read_wait = watched_read_wait};

/* ---- world ------------------------------------------------------------------------------------
 */

static struct world {
    struct cw_fixture fixture;
    struct watched watched;
    struct cw_catalog *catalog;
    struct cw_stock *stock;
    struct cw_mailbox *mailbox;
    struct cw_discover *discover;
    atomic_int loads, loads_inside; /* in all / while a transaction ran */
    unsigned admitted;
    pthread_mutex_t gate; /* whoever loads passes it */
    const char *refuse;   /* the version load refuses; NULL: none */
} world;

static enum cw_status load(void *ctx, const struct cw_product_row *row,
                           struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    struct world *w = ctx;
    atomic_fetch_add(&w->loads, 1);
    if (atomic_load(&w->watched.inside) > 0) {
        atomic_fetch_add(&w->loads_inside, 1);
    }
    pthread_mutex_lock(&w->gate);
    pthread_mutex_unlock(&w->gate);
    if (w->refuse && strcmp(row->version, w->refuse) == 0) {
        return cw_fail(err, CW_E_INPUT, "product.invalid", "refused by the test");
    }
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {row->document, row->document_length, row->art_digest,
                                       cw_schema_check_product};
    return cw_product_load(&source, &faults, ret_snapshot, err);
}

static enum cw_status admit(void *ctx, struct cw_snapshot *snapshot, struct cw_error *err) {
    struct world *w = ctx;
    w->admitted++;
    return cw_catalog_add(w->catalog, snapshot, err);
}

static int setup(void **state) {
    (void)state;
    memset(&world, 0, sizeof world);
    cw_fixture_init(&world.fixture);
    world.watched.store.ops = &watched_ops;
    world.watched.inner = world.fixture.store;
    world.catalog = cw_catalog_new();
    world.stock = cw_stock_new();
    world.mailbox = cw_mailbox_new();
    pthread_mutex_init(&world.gate, NULL);
    struct cw_discover_config config = {
        &world.watched.store, world.catalog, world.stock, world.mailbox, load, admit, &world};
    return cw_discover_new(&config, &world.discover, NULL) == CW_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_discover_stop(world.discover);
    cw_fixture_close(&world.fixture);
    cw_mailbox_deliver(world.mailbox); /* what is left frees what it holds */
    cw_discover_free(world.discover);
    cw_mailbox_free(world.mailbox);
    cw_catalog_free(world.catalog);
    cw_stock_free(world.stock);
    cw_fixture_deinit(&world.fixture);
    pthread_mutex_destroy(&world.gate);
    return 0;
}

static enum cw_status put_row(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return txn->ops->product_put(txn, arg, err);
}

static void publish(const char *version) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot =
        mini_version(world.fixture.arena, "mini", version);
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_product_row row = {.id = product->id,
                                 .version = product->version,
                                 .digest = product->digest,
                                 .document = product->document,
                                 .document_length = product->document_length,
                                 .art_digest = "",
                                 .published_ms = 1};
    assert_int_equal(cw_fixture_write(&world.fixture, put_row, &row, NULL), CW_OK);
}

static enum cw_status put_stock(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_stock_row row = {.item = arg, .available = false};
    return txn->ops->stock_put(txn, &row, err);
}

static void wait_mail(void) {
    struct pollfd fd = {.fd = cw_mailbox_fd(world.mailbox), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, -1), 1);
    cw_mailbox_deliver(world.mailbox);
}

static bool is_live(const char *version) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    return cw_catalog_get(world.catalog, "mini", version, &snapshot, NULL) == CW_OK;
}

/* ---- cases ------------------------------------------------------------------------------------
 */

static void versions_are_loaded_outside_transactions(void **state) {
    (void)state;
    publish("1");
    assert_int_equal(cw_discover_now(world.discover, NULL), CW_OK);
    assert_true(is_live("1"));
    publish("2");
    cw_discover_turn(world.discover);
    while (!is_live("2")) {
        wait_mail();
    }
    assert_int_equal(world.loads, 2); /* the first is not loaded again */
    assert_int_equal(world.loads_inside, 0);
}

static void stock_is_followed_while_a_version_loads(void **state) {
    (void)state;
    pthread_mutex_lock(&world.gate);
    publish("1");
    cw_discover_turn(world.discover);
    wait_mail(); /* listed; being loaded, or about to be */
    assert_int_equal(cw_fixture_write(&world.fixture, put_stock, "LACE-RED", NULL), CW_OK);
    publish("2");
    cw_discover_turn(world.discover);
    while (!cw_stock_is_out(world.stock, "LACE-RED")) {
        wait_mail();
    }
    assert_false(is_live("1"));
    pthread_mutex_unlock(&world.gate);
    while (!is_live("1")) {
        wait_mail();
    }
    assert_false(is_live("2")); /* came later: the next turn's */
    cw_discover_turn(world.discover);
    while (!is_live("2")) {
        wait_mail();
    }
    assert_int_equal(world.loads, 2);
    assert_int_equal(world.admitted, 2);
}

static void a_version_that_is_here_is_not_loaded(void **state) {
    (void)state;
    CW_AUTO_SNAPSHOT struct cw_snapshot *here = mini_version(world.fixture.arena, "mini", "1");
    assert_int_equal(cw_catalog_add(world.catalog, here, NULL), CW_OK); /* published by the API */
    publish("1");
    assert_int_equal(cw_discover_now(world.discover, NULL), CW_OK);
    assert_int_equal(world.loads, 0);
}

static void a_refused_version_is_left_out_once(void **state) {
    (void)state;
    world.refuse = "1";
    publish("1");
    publish("2");
    assert_int_equal(cw_discover_now(world.discover, NULL), CW_OK);
    assert_false(is_live("1"));
    assert_true(is_live("2"));
    assert_int_equal(cw_discover_refused(world.discover), 1);
    cw_discover_turn(world.discover);
    wait_mail();
    assert_int_equal(world.loads, 2); /* and not tried at every turn */
}

static void nothing_is_admitted_after_the_stop(void **state) {
    (void)state;
    publish("1");
    cw_discover_turn(world.discover);
    wait_mail(); /* listed */
    cw_discover_stop(world.discover);
    cw_mailbox_deliver(world.mailbox);
    assert_int_equal(world.admitted, 0);
    cw_discover_turn(world.discover); /* asks nobody */
    assert_int_equal(world.admitted, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_are_loaded_outside_transactions, setup, teardown),
        cmocka_unit_test_setup_teardown(stock_is_followed_while_a_version_loads, setup, teardown),
        cmocka_unit_test_setup_teardown(a_version_that_is_here_is_not_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_version_is_left_out_once, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_admitted_after_the_stop, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
