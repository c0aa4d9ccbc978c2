/* The mapping of errors to statuses, entity tags, the table of limits, counting of peers. */
#include "split.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "cordwain/limits.h"
#include "http/peers.h"
#include "http/reply.h"

static const struct {
    enum cw_status status;
    const char *code;
    int wanted;
} statuses[] = {
    {CW_OK, NULL, 200},
    {CW_E_INPUT, "selection.unknown_choice", 422},
    {CW_E_LIMIT, "text.too_many_bytes", 422},
    {CW_E_LIMIT, "product.too_large", 413},
    {CW_E_LIMIT, "json.too_large", 413},
    {CW_E_INPUT, "json.syntax", 400},
    {CW_E_NOT_FOUND, "product.not_found", 404},
    {CW_E_CONFLICT, "stale-lease", 409},
    {CW_E_CONFLICT, "product.version_exists", 409},
    {CW_E_BUSY, "render.busy", 503},
    {CW_E_TIMEOUT, "render.timeout", 503},
    {CW_E_NOMEM, "http.memory", 500},
    {CW_E_IO, "http.listen", 500},
    {CW_E_BUG, "auth.missing", 500},
    {CW_E_INPUT, NULL, 422},
    {CW_E_INPUT, "auth.missing", 401},
    {CW_E_INPUT, "auth.unknown", 401},
    {CW_E_INPUT, "auth.scope", 403},
    {CW_E_INPUT, "idempotency.missing", 400},
    {CW_E_INPUT, "idempotency.key", 400},
    {CW_E_INPUT, "idempotency.mismatch", 422},
    {CW_E_CONFLICT, "idempotency.running", 409},
    {CW_E_INPUT, "precondition.failed", 412},
    {CW_E_INPUT, "precondition.required", 428},
    {CW_E_LIMIT, "rate.limit", 429},
    {CW_E_INPUT, "http.method_not_allowed", 405},
    {CW_E_INPUT, "http.media_type", 415},
    {CW_E_TIMEOUT, "http.request_timeout", 408},
    {CW_E_LIMIT, "http.body_too_large", 413},
    {CW_E_LIMIT, "http.request_line_too_long", 414},
    {CW_E_INPUT, "http.expectation", 417},
    {CW_E_LIMIT, "http.head_too_large", 431},
    {CW_E_LIMIT, "http.too_many_fields", 431},
    {CW_E_INPUT, "http.transfer_encoding", 501},
    {CW_E_INPUT, "http.version", 505},
    {CW_E_INPUT, "http.anything_else", 400},
};

static void errors_have_their_status(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        int found = cw_reply_status(statuses[i].status, statuses[i].code);
        if (found != statuses[i].wanted)
            fail_msg("%s: %d, wanted %d", statuses[i].code, found, statuses[i].wanted);
    }
}

static void entity_tags_compare(void **state) {
    (void)state;
    assert_true(cw_etag_list_has("*", "\"a\"", false));
    assert_true(cw_etag_list_has("\"a\"", "\"a\"", false));
    assert_true(cw_etag_list_has("\"b\" , \"a\"", "\"a\"", false));
    assert_true(cw_etag_list_has(", ,\"x,y\",", "\"x,y\"", false));
    assert_true(cw_etag_list_has("W/\"a\"", "\"a\"", true));
    assert_true(cw_etag_list_has("\"a\"", "W/\"a\"", true));
    assert_false(cw_etag_list_has("W/\"a\"", "\"a\"", false));
    assert_false(cw_etag_list_has("W/\"a\"", "W/\"a\"", false));
    assert_false(cw_etag_list_has("\"A\"", "\"a\"", true));
    assert_false(cw_etag_list_has("", "\"a\"", true));
    assert_false(cw_etag_list_has("a", "\"a\"", true));
    assert_false(cw_etag_list_has("\"a", "\"a\"", true));
    assert_false(cw_etag_list_has("\"a\"x", "\"a\"", true));
    assert_false(cw_etag_list_has("w/\"a\"", "\"a\"", true));
}

static void limits_are_listed_and_filled(void **state) {
    (void)state;
    size_t count = 0;
    const struct cw_limit *table = cw_limits_table(&count);
    assert_true(count > 30);
    for (size_t i = 0; i < count; i++) {
        assert_true(table[i].value > 0);
        assert_true(strlen(table[i].name) > 0 && strlen(table[i].unit) > 0 &&
                    strlen(table[i].description) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(table[i].name, table[j].name);
    }
    struct cw_http_limits limits = {.fields = 7};
    cw_http_limits_fill(&limits);
    assert_int_equal(limits.fields, 7);
    assert_int_equal(limits.head_bytes, CW_HTTP_HEAD_BYTES);
    assert_int_equal(limits.linger_ms, CW_HTTP_LINGER_MS);
}

static struct sockaddr_storage address_of(const char *text) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        memcpy(&storage, &in, sizeof in);
    else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
        memcpy(&storage, &in6, sizeof in6);
    return storage;
}

static struct cw_peer *enter(struct cw_peers *peers, const char *text) {
    const struct sockaddr_storage address = address_of(text);
    return cw_peers_enter(peers, (const struct sockaddr *)&address, 2);
}

static void peers_are_counted_by_address(void **state) {
    (void)state;
    struct cw_peers *peers = cw_peers_new();
    struct cw_peer *a = enter(peers, "192.0.2.1"), *b = enter(peers, "::ffff:192.0.2.1");
    assert_non_null(a);
    assert_ptr_equal(a, b); /* one address in two writings */
    assert_null(enter(peers, "192.0.2.1"));
    struct cw_peer *other = enter(peers, "192.0.2.2");
    assert_non_null(other);
    struct cw_peer *six = enter(peers, "2001:db8::1");
    assert_ptr_equal(six, enter(peers, "2001:db8::ffff:2")); /* one /64 */
    assert_null(enter(peers, "2001:db8::3"));
    struct cw_peer *next = enter(peers, "2001:db8:0:1::1");
    assert_non_null(next);
    assert_int_equal(cw_peers_count(peers), 4);
    cw_peers_leave(peers, b);
    assert_non_null(enter(peers, "192.0.2.1"));
    cw_peers_leave(peers, a);
    cw_peers_leave(peers, a);
    cw_peers_leave(peers, NULL);
    assert_int_equal(cw_peers_count(peers), 3);
    cw_peers_free(peers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_their_status),
        cmocka_unit_test(entity_tags_compare),
        cmocka_unit_test(limits_are_listed_and_filled),
        cmocka_unit_test(peers_are_counted_by_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
