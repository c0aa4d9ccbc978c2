/* Lifetimes on a real loop with a clock the test turns: replies after the client or the server has
 * gone, drain, deadlines. */
#include "split.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cordwain/limits.h"
#include "http/coded.h"
#include "http/http.h"
#include "http/reply.h"

struct fixture {
    struct event_base *base;
    struct cw_http_server *server;
    struct cw_request *pending;
    int64_t now_ms;
    size_t cancelled, drained, released;
    bool reply_on_cancel;
};

static int64_t clock_now(void *ctx) {
    return ((struct fixture *)ctx)->now_ms;
}

static void on_cancel(void *arg) {
    struct fixture *fixture = arg;
    fixture->cancelled++;
    if (!fixture->reply_on_cancel)
        return;
    struct cw_request *req = fixture->pending;
    fixture->pending = NULL;
    cw_reply_empty(req, 204, NULL);
}

static void on_release(void *arg) {
    ((struct fixture *)arg)->released++;
}

static void wait_handler(struct cw_request *req) {
    struct fixture *fixture = req->ctx;
    fixture->pending = req;
    cw_arena_defer(req->arena, on_release, fixture);
    cw_request_on_cancel(req, on_cancel, fixture);
}

static void problem_handler(struct cw_request *req) {
    struct cw_error error = {0};
    cw_fail_at(&error, CW_E_INPUT, "selection.type", "/selections/a", "'%s' is wrong", "\"x\"\n");
    if (cw_reply_header(req, "ETag", "\"1\"", &error) == CW_OK)
        cw_reply_problem(req, &error);
}

/* So many spaces. */
static void text_handler(struct cw_request *req) {
    size_t length = (size_t)atol(cw_request_param(req, "length"));
    char *text = cw_arena_alloc(req->arena, length + 1);
    memset(text, ' ', length);
    cw_reply_text(req, cw_reply_coding(req, CW_CODED_GZIP), "text/plain",
                  (struct cw_bytes){(const uint8_t *)text, length}, NULL);
}

static const struct cw_route routes[] = {
    {"GET", "/text/{length}", text_handler, 0, NULL, 0},
    {"GET", "/wait", wait_handler, 0, NULL, 0},
    {"POST", "/wait", wait_handler, 0, NULL, 0},
    {"GET", "/problem", problem_handler, 0, NULL, 0},
};

static int set_up(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.base = event_base_new(), .now_ms = INT64_C(1800000000000)};
    const struct cw_http_config config = {
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .ctx = &fixture,
        .clock = {.now_ms = clock_now, .monotonic_ms = clock_now, .ctx = &fixture},
        .limits = {.head_deadline_ms = 20, .body_grace_ms = 20, .body_rate_bytes_per_s = 1000},
    };
    *state = &fixture;
    return cw_http_server_new(fixture.base, &config, &fixture.server, NULL) == CW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    cw_http_server_free(fixture->server);
    event_base_free(fixture->base);
    return 0;
}

static void turn(struct fixture *fixture) {
    for (int i = 0; i < 20; i++) {
        (void)event_base_loop(fixture->base, EVLOOP_NONBLOCK);
        usleep(500);
    }
}

static int connect_to(struct fixture *fixture, const char *text) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(cw_http_server_port(fixture->server))};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (const struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    turn(fixture);
    return fd;
}

/* What has arrived so far. */
static const char *read_now(int fd) {
    static char text[65536];
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    ssize_t length = read(fd, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

#define ASK_WAIT "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"

static void reply_after_the_client_left(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture, ASK_WAIT);
    assert_non_null(fixture->pending);
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd); /* RST: the connection object goes */
    turn(fixture);
    assert_int_equal(fixture->cancelled, 1);
    assert_true(cw_request_cancelled(fixture->pending));
    assert_int_equal(cw_http_server_connections(fixture->server), 0);
    assert_int_equal(fixture->released, 0);
    cw_reply_json(fixture->pending, 200, cw_bytes_of("{}"), NULL);
    assert_int_equal(fixture->released, 1);
}

static void reply_from_inside_the_cancellation(void **state) {
    struct fixture *fixture = *state;
    fixture->reply_on_cancel = true;
    int fd = connect_to(fixture, ASK_WAIT);
    close(fd);
    turn(fixture);
    assert_int_equal(fixture->cancelled, 1);
    assert_int_equal(fixture->released, 1);
    assert_int_equal(cw_http_server_connections(fixture->server), 0);
}

static void reply_after_the_server_was_freed(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture, ASK_WAIT);
    cw_http_server_free(fixture->server);
    fixture->server = NULL;
    assert_int_equal(fixture->cancelled, 1);
    cw_reply_empty(fixture->pending, 204, NULL);
    assert_int_equal(fixture->released, 1);
    close(fd);
}

static void on_drained(void *arg) {
    struct fixture *fixture = arg;
    fixture->drained++;
    cw_http_server_free(fixture->server);
    fixture->server = NULL;
}

static void drain_waits_for_the_last_answer(void **state) {
    struct fixture *fixture = *state;
    int idle = connect_to(fixture, ""), busy = connect_to(fixture, ASK_WAIT);
    cw_http_server_drain(fixture->server, on_drained, fixture);
    turn(fixture);
    assert_int_equal(fixture->drained, 0);
    assert_int_equal(cw_http_server_connections(fixture->server), 1);
    cw_reply_empty(fixture->pending, 204, NULL);
    turn(fixture);
    assert_non_null(strstr(read_now(busy), "204 No Content\r\n"));
    close(busy);
    turn(fixture);
    assert_int_equal(fixture->drained, 1);
    assert_null(fixture->server);
    close(idle);
}

static void drain_with_nothing_open(void **state) {
    struct fixture *fixture = *state;
    cw_http_server_drain(fixture->server, on_drained, fixture);
    assert_int_equal(fixture->drained, 0);
    turn(fixture);
    assert_int_equal(fixture->drained, 1);
}

/* The timer runs in real time, what is due is decided by the clock given. */
static void head_deadline_at_and_above(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture, "GET /wait HTTP/1.1\r\n");
    fixture->now_ms += 19;
    usleep(25000);
    turn(fixture);
    assert_string_equal(read_now(fd), "");
    fixture->now_ms += 1;
    usleep(5000);
    turn(fixture);
    assert_non_null(strstr(read_now(fd), "408 Request Timeout\r\n"));
    close(fd);
}

static void body_deadline_moves_with_the_payload(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture,
                        "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
    fixture->now_ms += 29; /* 20 ms grace and 10 bytes at 1000 bytes/s */
    usleep(35000);
    turn(fixture);
    assert_string_equal(read_now(fd), "");
    fixture->now_ms += 1;
    usleep(5000);
    turn(fixture);
    assert_non_null(strstr(read_now(fd), "\"code\":\"http.request_timeout\""));
    close(fd);
}

static void problem_document_as_documented(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture, "GET /problem?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *text = read_now(fd);
    assert_non_null(strstr(
        text, "HTTP/1.1 422 Unprocessable Content\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\n"));
    assert_non_null(strstr(text, "Content-Type: application/problem+json\r\n"));
    assert_null(strstr(text, "ETag"));
    const char *body = strstr(text, "\r\n\r\n");
    assert_non_null(body);
    json_t *problem = json_loads(body, 0, NULL);
    assert_non_null(problem);
    const char *type, *title, *code, *detail, *instance, *id, *pointer, *fault_code, *message;
    int http_status = 0;
    assert_int_equal(json_unpack(problem, "{s:s,s:s,s:i,s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:s!}]!}",
                                 "type", &type, "title", &title, "status", &http_status, "code",
                                 &code, "detail", &detail, "instance", &instance, "requestId", &id,
                                 "errors", "pointer", &pointer, "code", &fault_code, "message",
                                 &message),
                     0);
    assert_string_equal(type, "/problems/selection.type");
    assert_string_equal(title, "Unprocessable request");
    assert_int_equal(http_status, 422);
    assert_string_equal(instance, "/problem");
    assert_string_equal(pointer, "/selections/a");
    assert_string_equal(detail, "'\"x\"\n' is wrong");
    assert_string_equal(message, detail);
    assert_int_equal(strlen(id), 26);
    json_decref(problem);
    close(fd);
}

static void answer_fields_are_checked(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture, ASK_WAIT);
    struct cw_request *req = fixture->pending;
    static const char *const bad[][2] = {
        {"", "x"},     {"A b", "x"}, {"A", "x\r\nB: y"},  {"A", "x\n"},
        {"A", "\x7f"}, {"A:", "x"},  {"Connection", "x"}, {"content-length", "1"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(cw_reply_header(req, bad[i][0], bad[i][1], NULL), CW_E_BUG);
    assert_int_equal(cw_reply_header(req, "Vary", "Origin", NULL), CW_OK);
    assert_int_equal(cw_reply_header(req, "Vary", "Accept", NULL), CW_OK);
    assert_int_equal(cw_reply_header(req, "ETag", "\"1\"", NULL), CW_OK);
    assert_int_equal(cw_reply_header(req, "etag", "\"2\"", NULL), CW_OK);
    cw_reply_empty(req, 200, NULL);
    turn(fixture);
    const char *text = read_now(fd);
    assert_non_null(strstr(text, "Vary: Origin\r\nVary: Accept\r\nETag: \"2\"\r\n"));
    assert_non_null(strstr(text, "Content-Length: 0\r\n"));
    close(fd);
}

static bool is_compressed(struct fixture *fixture, size_t length) {
    char ask[120];
    (void)snprintf(ask, sizeof ask,
                   "HEAD /text/%zu HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n", length);
    int fd = connect_to(fixture, ask);
    const char *head = read_now(fd);
    assert_non_null(strstr(head, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(head, "Vary: Accept-Encoding\r\n"));
    close(fd);
    return strstr(head, "Content-Encoding: gzip\r\n") != NULL;
}

static void texts_are_compressed_within_limits(void **state) {
    struct fixture *fixture = *state;
    assert_false(is_compressed(fixture, CW_CODED_BYTES_MIN - 1));
    assert_true(is_compressed(fixture, CW_CODED_BYTES_MIN));
    assert_true(is_compressed(fixture, CW_CODED_BYTES_MAX));
    assert_false(is_compressed(fixture, CW_CODED_BYTES_MAX + 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reply_after_the_client_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reply_from_inside_the_cancellation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reply_after_the_server_was_freed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drain_waits_for_the_last_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_compressed_within_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drain_with_nothing_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(head_deadline_at_and_above, set_up, tear_down),
        cmocka_unit_test_setup_teardown(body_deadline_moves_with_the_payload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(problem_document_as_documented, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answer_fields_are_checked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
