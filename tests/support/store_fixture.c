/* See store_fixture.h. Aborts when a test's surroundings cannot be made. */
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cordwain/states.h"
#include "store/store_sqlite.h"

static int64_t now_ms(void *ctx) {
    return ((struct cw_fixture *)ctx)->now_ms;
}

static void must(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "fixture: %s\n", what);
        abort();
    }
}

void cw_fixture_init_closed(struct cw_fixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    strcpy(fixture->folder, "/tmp/cordwain-test-XXXXXX");
    must(mkdtemp(fixture->folder) != NULL, "mkdtemp");
    snprintf(fixture->path, sizeof fixture->path, "%s/store.db", fixture->folder);
    fixture->arena = cw_arena_new();
    fixture->now_ms = CW_FIXTURE_NOW_MS;
    fixture->clock = (struct cw_clock){now_ms, now_ms, fixture};
}

void cw_fixture_open(struct cw_fixture *fixture) {
    struct cw_error error = {0};
    if (cw_store_sqlite_open(fixture->path, &fixture->clock, &fixture->store, &error) != CW_OK) {
        fprintf(stderr, "fixture: %s: %s (%s)\n", error.code, error.message, error.detail);
        abort();
    }
}

void cw_fixture_init(struct cw_fixture *fixture) {
    cw_fixture_init_closed(fixture);
    cw_fixture_open(fixture);
}

void cw_fixture_close(struct cw_fixture *fixture) {
    if (fixture->store != NULL)
        fixture->store->ops->free(fixture->store);
    fixture->store = NULL;
}

void cw_fixture_deinit(struct cw_fixture *fixture) {
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    cw_fixture_close(fixture);
    cw_arena_free(fixture->arena);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", fixture->path, endings[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
}

enum cw_status cw_fixture_write(struct cw_fixture *fixture, cw_txn_fn fn, void *arg,
                                struct cw_error *err) {
    return fixture->store->ops->write_wait(fixture->store, fn, arg, err);
}

enum cw_status cw_fixture_read(struct cw_fixture *fixture, cw_txn_fn fn, void *arg,
                               struct cw_error *err) {
    return fixture->store->ops->read_wait(fixture->store, fn, arg, err);
}

struct cw_order_row cw_fixture_order(struct cw_arena *arena, int number) {
    return (struct cw_order_row){
        .id = cw_arena_printf(arena, "ORDER%05d", number),
        .number = cw_arena_printf(arena, "CW-20261122-%06d", number),
        .state = CW_ORDER_RECEIVED,
        .document = "{\"title\":\"Court sneaker\"}",
        .currency = "EUR",
        .total_minor = 12900,
        .created_ms = CW_FIXTURE_NOW_MS,
    };
}

struct cw_spec_row cw_fixture_spec(struct cw_arena *arena, const char *order_id, int number) {
    static const char document[] = "{\"specVersion\":\"1\"}";
    return (struct cw_spec_row){
        .id = cw_arena_printf(arena, "SPEC%05d", number),
        .revision = 1,
        .newest = true,
        .order_id = order_id,
        .line = 1,
        .facility_id = "FAC-1",
        .serial = cw_arena_printf(arena, "S%05d", number),
        .state = CW_SPEC_QUEUED,
        .digest = "sha-256:00",
        .document = document,
        .document_length = sizeof document - 1,
        .work_centres = ",KNIT,PACK,",
        .created_ms = CW_FIXTURE_NOW_MS,
        .updated_ms = CW_FIXTURE_NOW_MS,
        .ship_by_ms = CW_FIXTURE_NOW_MS + 9 * 86400000LL,
    };
}
