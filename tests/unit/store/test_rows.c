/* Every row family goes in and comes out unchanged; taken keys and missing rows are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "store_fixture.h"

static struct cw_fixture fixture;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fixture_deinit(&fixture);
    return 0;
}

/* Run the test's body inside one write transaction, then its second half on a reader. */
static void run(cw_txn_fn put, cw_txn_fn get) {
    struct cw_error error = {0};
    enum cw_status status = cw_fixture_write(&fixture, put, fixture.arena, &error);
    if (status == CW_OK)
        status = cw_fixture_read(&fixture, get, fixture.arena, &error);
    if (status != CW_OK)
        fail_msg("%s", error.message);
}

#define EXPECT(call, expected)                                                                     \
    do {                                                                                           \
        struct cw_error expected_err = {0};                                                        \
        struct cw_error *err = &expected_err;                                                      \
        enum cw_status got = (call);                                                               \
        if (got != (expected))                                                                     \
            return cw_fail(outer, CW_E_BUG, "test", "line %d: status %d: %.60s", __LINE__,         \
                           (int)got, expected_err.detail);                                         \
    } while (0)
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return cw_fail(outer, CW_E_BUG, "test", "line %d: %s", __LINE__, #condition);          \
    } while (0)
#define SAME(a, b) CHECK(strcmp((a), (b)) == 0)

/* Asserting jumps across threads is not possible: bodies return what went wrong. */
#define BODY(name) static enum cw_status name(struct cw_txn *txn, void *arg, struct cw_error *outer)

static const struct cw_product_row product = {.id = "court-sneaker",
                                              .version = "1",
                                              .digest = "sha-256:aa",
                                              .document = "{\"id\":1}",
                                              .document_length = 8,
                                              .art_digest = "sha-256:bb",
                                              .published_ms = 7};

BODY(put_products) {
    (void)arg;
    struct cw_product_row second = product;
    second.version = "2";
    EXPECT(txn->ops->product_put(txn, &product, err), CW_OK);
    EXPECT(txn->ops->product_put(txn, &second, err), CW_OK);
    EXPECT(txn->ops->product_put(txn, &product, err), CW_E_CONFLICT);
    return CW_OK;
}

BODY(get_products) {
    struct cw_product_row row, *rows;
    size_t count;
    EXPECT(txn->ops->product_get(txn, arg, "court-sneaker", NULL, &row, err), CW_OK);
    SAME(row.version, "2");
    EXPECT(txn->ops->product_get(txn, arg, "court-sneaker", "1", &row, err), CW_OK);
    SAME(row.version, "1");
    SAME(row.digest, product.digest);
    SAME(row.document, product.document);
    SAME(row.art_digest, product.art_digest);
    CHECK(row.document_length == 8 && row.published_ms == 7);
    EXPECT(txn->ops->product_get(txn, arg, "court-sneaker", "3", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->product_get(txn, arg, "bottle", NULL, &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->product_list(txn, arg, 0, &rows, &count, err), CW_OK);
    CHECK(count == 2 && rows[0].seq < rows[1].seq);
    EXPECT(txn->ops->product_list(txn, arg, rows[0].seq, &rows, &count, err), CW_OK);
    CHECK(count == 1);
    EXPECT(txn->ops->product_list(txn, arg, rows[0].seq, &rows, &count, err), CW_OK);
    CHECK(count == 0);
    return CW_OK;
}

static void test_products(void **state) {
    (void)state;
    run(put_products, get_products);
}

static const struct cw_design_row design = {.id = "lusab-babad-gutih-tugad-mudof",
                                            .product = "court-sneaker",
                                            .version = "1",
                                            .selections = "{\"text\":\"Zażółć 👟\"}",
                                            .digest = "sha-256:cc",
                                            .locale = "pl",
                                            .created_ms = 5};

BODY(put_designs) {
    (void)arg;
    EXPECT(txn->ops->design_put(txn, &design, err), CW_OK);
    EXPECT(txn->ops->design_put(txn, &design, err), CW_E_CONFLICT);
    return CW_OK;
}

BODY(get_designs) {
    struct cw_design_row row;
    EXPECT(txn->ops->design_get(txn, arg, design.id, &row, err), CW_OK);
    SAME(row.id, design.id);
    SAME(row.product, design.product);
    SAME(row.version, design.version);
    SAME(row.selections, design.selections);
    SAME(row.digest, design.digest);
    SAME(row.locale, design.locale);
    CHECK(row.created_ms == 5);
    EXPECT(txn->ops->design_get(txn, arg, "x", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->design_put(txn, &design, err), CW_E_BUG); /* a reader cannot write */
    return CW_OK;
}

static void test_designs(void **state) {
    (void)state;
    run(put_designs, get_designs);
}

static const struct cw_idempotency_row answer = {.scope = "POST /v1/orders",
                                                 .key = "k",
                                                 .fingerprint = "sha-256:dd",
                                                 .http_status = 201,
                                                 .response = "{}",
                                                 .location = "/v1/orders/1",
                                                 .created_ms = 3};

BODY(put_orders) {
    int64_t number = 0;
    EXPECT(txn->ops->order_next_number(txn, "2026-11-22", &number, err), CW_OK);
    CHECK(number == 1);
    EXPECT(txn->ops->order_next_number(txn, "2026-11-22", &number, err), CW_OK);
    CHECK(number == 2);
    EXPECT(txn->ops->order_next_number(txn, "2026-11-23", &number, err), CW_OK);
    CHECK(number == 1);
    for (int i = 1; i <= 20; i++) {
        struct cw_order_row order = cw_fixture_order(arg, i);
        EXPECT(txn->ops->order_put(txn, &order, err), CW_OK);
        EXPECT(txn->ops->order_put(txn, &order, err), CW_E_CONFLICT);
    }
    EXPECT(txn->ops->order_set_state(txn, "ORDER00003", CW_ORDER_ACCEPTED, err), CW_OK);
    EXPECT(txn->ops->order_set_state(txn, "none", CW_ORDER_ACCEPTED, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->idempotency_put(txn, &answer, err), CW_OK);
    EXPECT(txn->ops->idempotency_put(txn, &answer, err), CW_E_CONFLICT);
    struct cw_outbox_row mail = {.kind = "order.received", .subject = "1", .body = "{}"};
    EXPECT(txn->ops->outbox_put(txn, &mail, err), CW_OK);
    return CW_OK;
}

BODY(get_orders) {
    struct cw_order_row row, *rows;
    struct cw_idempotency_row replay;
    size_t count;
    EXPECT(txn->ops->order_get(txn, arg, "ORDER00003", &row, err), CW_OK);
    SAME(row.number, "CW-20261122-000003");
    SAME(row.state, CW_ORDER_ACCEPTED);
    SAME(row.document, "{\"title\":\"Court sneaker\"}");
    SAME(row.currency, "EUR");
    CHECK(row.total_minor == 12900 && row.created_ms == CW_FIXTURE_NOW_MS);
    EXPECT(txn->ops->order_get(txn, arg, "none", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->order_list(txn, arg, 0, 12, &rows, &count, err), CW_OK);
    CHECK(count == 12);
    SAME(rows[0].id, "ORDER00020");
    EXPECT(txn->ops->order_list(txn, arg, rows[11].seq, 12, &rows, &count, err), CW_OK);
    CHECK(count == 8);
    SAME(rows[7].id, "ORDER00001");
    EXPECT(txn->ops->idempotency_get(txn, arg, answer.scope, "k", &replay, err), CW_OK);
    SAME(replay.fingerprint, answer.fingerprint);
    SAME(replay.response, answer.response);
    SAME(replay.location, answer.location);
    CHECK(replay.http_status == 201 && replay.created_ms == 3);
    EXPECT(txn->ops->idempotency_get(txn, arg, "other", "k", &replay, err), CW_E_NOT_FOUND);
    return CW_OK;
}

static void test_orders(void **state) {
    (void)state;
    run(put_orders, get_orders);
}

BODY(put_specs) {
    struct cw_order_row order = cw_fixture_order(arg, 1);
    EXPECT(txn->ops->order_put(txn, &order, err), CW_OK);
    for (int i = 1; i <= 4; i++) {
        struct cw_spec_row spec = cw_fixture_spec(arg, order.id, i);
        spec.line = i;
        spec.priority = i == 3 ? 9 : 0;
        spec.ship_by_ms -= i == 2 ? 1 : 0;
        spec.facility_id = i == 4 ? "FAC-2" : "FAC-1";
        spec.work_centres = i == 1 ? ",PACK," : spec.work_centres;
        EXPECT(txn->ops->spec_put(txn, &spec, err), CW_OK);
        EXPECT(txn->ops->spec_put(txn, &spec, err), CW_E_CONFLICT);
    }
    struct cw_spec_row orphan = cw_fixture_spec(arg, "nobody", 9);
    EXPECT(txn->ops->spec_put(txn, &orphan, err), CW_E_BUG);
    return CW_OK;
}

BODY(get_specs) {
    struct cw_spec_row row, *rows;
    size_t count;
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00001", 0, &row, err), CW_OK);
    SAME(row.order_id, "ORDER00001");
    SAME(row.facility_id, "FAC-1");
    SAME(row.serial, "S00001");
    SAME(row.state, CW_SPEC_QUEUED);
    SAME(row.digest, "sha-256:00");
    SAME(row.document, "{\"specVersion\":\"1\"}");
    SAME(row.work_centres, ",PACK,");
    SAME(row.lease_id, "");
    SAME(row.hold_from, "");
    SAME(row.cancel_from, "");
    CHECK(row.newest && row.revision == 1 && row.line == 1 && row.document_length == 19);
    CHECK(row.fence == 0 && row.reads == 0 && row.updated_ms == CW_FIXTURE_NOW_MS);
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00001", 2, &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->spec_by_lease(txn, arg, "", &row, err), CW_E_NOT_FOUND);
    struct cw_spec_queue queue = {.facility_id = "FAC-1", .work_centre = "", .max = 10};
    EXPECT(txn->ops->spec_queue(txn, arg, &queue, &rows, &count, err), CW_OK);
    CHECK(count == 3); /* priority, then shipBy, then the rest */
    SAME(rows[0].id, "SPEC00003");
    SAME(rows[1].id, "SPEC00002");
    SAME(rows[2].id, "SPEC00001");
    queue.work_centre = "KNIT";
    EXPECT(txn->ops->spec_queue(txn, arg, &queue, &rows, &count, err), CW_OK);
    CHECK(count == 2);
    queue.work_centre = "NIT";
    EXPECT(txn->ops->spec_queue(txn, arg, &queue, &rows, &count, err), CW_OK);
    CHECK(count == 0);
    queue = (struct cw_spec_queue){"FAC-1", "", CW_FIXTURE_NOW_MS + 9 * 86400000LL, 10};
    EXPECT(txn->ops->spec_queue(txn, arg, &queue, &rows, &count, err), CW_OK);
    CHECK(count == 1);
    EXPECT(txn->ops->spec_by_order(txn, arg, "ORDER00001", &rows, &count, err), CW_OK);
    CHECK(count == 4 && rows[3].line == 4);
    const char *const states[] = {CW_SPEC_LEASED, CW_SPEC_QUEUED, NULL}, *const none[] = {NULL};
    EXPECT(txn->ops->spec_list(txn, arg, "FAC-1", states, 2, &rows, &count, err), CW_OK);
    CHECK(count == 2);
    EXPECT(txn->ops->spec_list(txn, arg, "FAC-2", NULL, 9, &rows, &count, err), CW_OK);
    CHECK(count == 1);
    EXPECT(txn->ops->spec_list(txn, arg, "FAC-1", none, 9, &rows, &count, err), CW_OK);
    CHECK(count == 0);
    return CW_OK;
}

static void test_specs(void **state) {
    (void)state;
    run(put_specs, get_specs);
}

BODY(change_specs) {
    EXPECT(put_specs(txn, arg, err), CW_OK);
    struct cw_spec_row row, old;
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00001", 0, &row, err), CW_OK);
    row.state = CW_SPEC_LEASED;
    row.fence = 1LL << 40;
    row.lease_id = "LEASE";
    row.lease_until_ms = 50;
    row.reads = 2;
    row.hold_from = "a";
    row.cancel_from = "b";
    row.updated_ms = 49;
    EXPECT(txn->ops->spec_update(txn, &row, err), CW_OK);
    row.id = "none";
    EXPECT(txn->ops->spec_update(txn, &row, err), CW_E_NOT_FOUND);
    /* a new revision takes the old one's place */
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00002", 0, &old, err), CW_OK);
    row = old;
    row.revision = 2;
    EXPECT(txn->ops->spec_put(txn, &row, err), CW_E_CONFLICT);
    old.newest = false;
    EXPECT(txn->ops->spec_update(txn, &old, err), CW_OK);
    EXPECT(txn->ops->spec_put(txn, &row, err), CW_OK);
    return CW_OK;
}

BODY(get_changed_specs) {
    struct cw_spec_row row, *rows;
    size_t count;
    EXPECT(txn->ops->spec_by_lease(txn, arg, "LEASE", &row, err), CW_OK);
    SAME(row.id, "SPEC00001");
    SAME(row.hold_from, "a");
    SAME(row.cancel_from, "b");
    CHECK(row.fence == 1LL << 40 && row.lease_until_ms == 50 && row.reads == 2);
    CHECK(row.updated_ms == 49);
    EXPECT(txn->ops->spec_expired(txn, arg, 49, &rows, &count, err), CW_OK);
    CHECK(count == 0);
    EXPECT(txn->ops->spec_expired(txn, arg, 50, &rows, &count, err), CW_OK);
    CHECK(count == 1);
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00002", 0, &row, err), CW_OK);
    CHECK(row.revision == 2);
    EXPECT(txn->ops->spec_get(txn, arg, "SPEC00002", 1, &row, err), CW_OK);
    CHECK(!row.newest);
    EXPECT(txn->ops->spec_by_order(txn, arg, "ORDER00001", &rows, &count, err), CW_OK);
    CHECK(count == 4);
    return CW_OK;
}

static void test_spec_changes(void **state) {
    (void)state;
    run(change_specs, get_changed_specs);
}

BODY(put_events) {
    (void)arg;
    for (int i = 0; i < 2; i++) {
        struct cw_event_row event = {.spec_id = "S",
                                     .event_id = i == 0 ? "e1" : "e2",
                                     .fingerprint = "f",
                                     .from = "leased",
                                     .to = "accepted",
                                     .body = "{}",
                                     .response = "[]",
                                     .at_ms = 4};
        EXPECT(txn->ops->event_put(txn, &event, err), CW_OK);
        EXPECT(txn->ops->event_put(txn, &event, err), CW_E_CONFLICT);
    }
    return CW_OK;
}

BODY(get_events) {
    struct cw_event_row row, *rows;
    size_t count;
    EXPECT(txn->ops->event_get(txn, arg, "S", "e2", &row, err), CW_OK);
    SAME(row.fingerprint, "f");
    SAME(row.from, "leased");
    SAME(row.to, "accepted");
    SAME(row.body, "{}");
    SAME(row.response, "[]");
    CHECK(row.seq == 2 && row.at_ms == 4);
    EXPECT(txn->ops->event_get(txn, arg, "T", "e2", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->event_list(txn, arg, "S", &rows, &count, err), CW_OK);
    CHECK(count == 2 && rows[0].seq == 1);
    return CW_OK;
}

static void test_events(void **state) {
    (void)state;
    run(put_events, get_events);
}

static const struct cw_artifact_row artifact = {"sha-256:ee", "application/pdf", "a\0b", 3},
                                    empty = {"sha-256:ff", "text/plain", NULL, 0};
static const struct cw_key_row key = {"ab12", "hash", "desk", "specs:pull:FAC-1", 1, 2, 0};

BODY(put_keys) {
    (void)arg;
    EXPECT(txn->ops->artifact_put(txn, &artifact, err), CW_OK);
    EXPECT(txn->ops->artifact_put(txn, &artifact, err), CW_OK);
    EXPECT(txn->ops->artifact_put(txn, &empty, err), CW_OK);
    EXPECT(txn->ops->key_put(txn, &key, err), CW_OK);
    EXPECT(txn->ops->key_put(txn, &key, err), CW_E_CONFLICT);
    EXPECT(txn->ops->key_revoke(txn, "ab12", 9, err), CW_OK);
    EXPECT(txn->ops->key_revoke(txn, "ab12", 10, err), CW_OK);
    EXPECT(txn->ops->key_revoke(txn, "none", 9, err), CW_E_NOT_FOUND);
    return CW_OK;
}

BODY(get_keys) {
    struct cw_key_row row, *rows;
    struct cw_artifact_row file;
    size_t count;
    EXPECT(txn->ops->key_by_hash(txn, arg, "hash", &row, err), CW_OK);
    SAME(row.id, "ab12");
    SAME(row.name, "desk");
    SAME(row.scopes, "specs:pull:FAC-1");
    CHECK(row.created_ms == 1 && row.expires_ms == 2 && row.revoked_ms == 9);
    EXPECT(txn->ops->key_by_hash(txn, arg, "HASH", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->key_list(txn, arg, &rows, &count, err), CW_OK);
    CHECK(count == 1);
    EXPECT(txn->ops->artifact_get(txn, arg, artifact.digest, &file, err), CW_OK);
    SAME(file.mime, artifact.mime);
    CHECK(file.length == 3 && memcmp(file.data, "a\0b", 3) == 0);
    EXPECT(txn->ops->artifact_get(txn, arg, empty.digest, &file, err), CW_OK);
    CHECK(file.length == 0);
    EXPECT(txn->ops->artifact_get(txn, arg, "none", &file, err), CW_E_NOT_FOUND);
    return CW_OK;
}

static void test_keys(void **state) {
    (void)state;
    run(put_keys, get_keys);
}

BODY(put_stock) {
    (void)arg;
    char item[16];
    for (int i = 0; i < CW_STOCK_ITEMS; i++) {
        snprintf(item, sizeof item, "I%05d", i);
        struct cw_stock_row row = {item, i % 1000 != 7, i};
        EXPECT(txn->ops->stock_put(txn, &row, err), CW_OK);
    }
    struct cw_error full = {0};
    struct cw_stock_row above = {"one more", false, 1}, known = {"I00007", true, 99};
    CHECK(txn->ops->stock_put(txn, &above, &full) == CW_E_LIMIT);
    SAME(full.code, "stock.too_many");
    EXPECT(txn->ops->stock_put(txn, &known, err), CW_OK);
    return CW_OK;
}

BODY(get_stock) {
    struct cw_stock_row row, *rows;
    size_t count;
    EXPECT(txn->ops->stock_get(txn, arg, "I00007", &row, err), CW_OK);
    CHECK(row.available && row.changed_ms == 99);
    EXPECT(txn->ops->stock_get(txn, arg, "one more", &row, err), CW_E_NOT_FOUND);
    EXPECT(txn->ops->stock_list(txn, arg, true, &rows, &count, err), CW_OK);
    CHECK(count == CW_STOCK_ITEMS / 1000 - 1 && !rows[0].available);
    SAME(rows[0].item, "I01007");
    EXPECT(txn->ops->stock_list(txn, arg, false, &rows, &count, err), CW_OK);
    CHECK(count == CW_STOCK_ITEMS);
    return CW_OK;
}

BODY(put_artworks) {
    (void)arg;
    int64_t bytes = -1;
    EXPECT(txn->ops->artwork_bytes(txn, &bytes, err), CW_OK);
    CHECK(bytes == 0);
    struct cw_artwork_row row = {"a1", "png", "sha-256:aa", "sha-256:bb", 30, 20, 500, 900, 7};
    EXPECT(txn->ops->artwork_put(txn, &row, err), CW_OK);
    row.created_ms = 8; /* again: only its time is new */
    EXPECT(txn->ops->artwork_put(txn, &row, err), CW_OK);
    row.id = "a2";
    row.file_digest = "sha-256:cc";
    row.disk_bytes = 100;
    EXPECT(txn->ops->artwork_put(txn, &row, err), CW_OK);
    return CW_OK;
}

BODY(get_artworks) {
    struct cw_artwork_row row;
    int64_t bytes;
    EXPECT(txn->ops->artwork_get(txn, arg, "a1", &row, err), CW_OK);
    SAME(row.kind, "png");
    SAME(row.digest, "sha-256:aa");
    SAME(row.file_digest, "sha-256:bb");
    CHECK(row.width_px == 30 && row.height_px == 20 && row.file_bytes == 500);
    CHECK(row.disk_bytes == 900 && row.created_ms == 8);
    EXPECT(txn->ops->artwork_by_file(txn, arg, "sha-256:cc", &row, err), CW_OK);
    SAME(row.id, "a2");
    EXPECT(txn->ops->artwork_bytes(txn, &bytes, err), CW_OK);
    CHECK(bytes == 1000);
    struct cw_error missing = {0};
    CHECK(txn->ops->artwork_get(txn, arg, "a3", &row, &missing) == CW_E_NOT_FOUND);
    return CW_OK;
}

/* a1 and a2 are both of sha-256:aa, put at 8. */
BODY(expire_artworks) {
    struct cw_artwork_range range = {"sha-256:a", "sha-256:ag", 8};
    struct cw_error missing = {0};
    const char **digests;
    size_t count;
    int64_t due;
    EXPECT(txn->ops->artwork_expired(txn, &range, &due, err), CW_OK);
    CHECK(due == 0); /* exactly at the time */
    range.before_ms = 9;
    EXPECT(txn->ops->artwork_expired(txn, &range, &due, err), CW_OK);
    CHECK(due == 2);
    EXPECT(txn->ops->artwork_hold(txn, "a2", err), CW_OK);
    EXPECT(txn->ops->artwork_expired(txn, &range, &due, err), CW_OK);
    CHECK(due == 1);
    EXPECT(txn->ops->artwork_expire(txn, &range, err), CW_OK);
    EXPECT(txn->ops->artwork_digests(txn, arg, &range, &digests, &count, err), CW_OK);
    CHECK(count == 1);
    SAME(digests[0], "sha-256:aa");
    CHECK(txn->ops->artwork_hold(txn, "a1", &missing) == CW_E_NOT_FOUND);
    range = (struct cw_artwork_range){"sha-256:b", "sha-256:bg", 9};
    EXPECT(txn->ops->artwork_digests(txn, arg, &range, &digests, &count, err), CW_OK);
    CHECK(count == 0);
    return CW_OK;
}

BODY(look_after_expiry) {
    struct cw_artwork_row row;
    struct cw_error missing = {0};
    EXPECT(txn->ops->artwork_get(txn, arg, "a2", &row, err), CW_OK);
    CHECK(txn->ops->artwork_get(txn, arg, "a1", &row, &missing) == CW_E_NOT_FOUND);
    return CW_OK;
}

static void test_artworks(void **state) {
    (void)state;
    run(put_artworks, get_artworks);
    run(expire_artworks, look_after_expiry);
}

static void test_stock(void **state) {
    (void)state;
    run(put_stock, get_stock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_products, setup, teardown),
        cmocka_unit_test_setup_teardown(test_designs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_specs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spec_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stock, setup, teardown),
        cmocka_unit_test_setup_teardown(test_artworks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
