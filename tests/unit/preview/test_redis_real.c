/* The Redis tier against redis-server itself, killed and restarted; skipped where it is not
 * installed. */
#include "preview/cache.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "fixture.h"

static const uint8_t key_a[CW_IDENTITY_BYTES] = {5, 6};

struct got {
    bool done, hit;
};

static void on_value(void *arg, struct cw_blob *blob) {
    struct got *got = arg;
    got->done = true;
    got->hit = blob != NULL && cw_blob_length(blob) == 100000;
}

static unsigned free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    getsockname(fd, (struct sockaddr *)&address, &length);
    close(fd);
    return ntohs(address.sin_port);
}

static pid_t start_server(const char *program, unsigned port, const char *folder) {
    char port_text[16];
    snprintf(port_text, sizeof port_text, "%u", port);
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(1);
        execl(program, "redis-server", "--port", port_text, "--bind", "127.0.0.1", "--dir", folder,
              "--save", "", "--appendonly", "no", "--requirepass", "s3cret", (char *)NULL);
        _exit(1);
    }
    return pid;
}

static void kill_server(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static bool is_up(const struct cw_cache *cache) {
    struct cw_cache_stats stats;
    cache->ops->stats(cache, &stats);
    return stats.up != 0;
}

static void wait_up(struct event_base *base, const struct cw_cache *cache) {
    for (int i = 0; i < 2000 && !is_up(cache); i++)
        fixture_run(base, 5);
    assert_true(is_up(cache));
}

static bool look_up(struct event_base *base, struct cw_cache *cache) {
    struct got got = {0};
    cache->ops->get(cache, key_a, on_value, &got);
    assert_true(fixture_wait(base, &got.done, 10000));
    return got.hit;
}

/* The server may answer LOADING or be slow at first; a cache only has to find it in the end. */
static void put_and_find(struct event_base *base, struct cw_cache *cache, struct cw_blob *blob) {
    for (int i = 0; i < 50; i++) {
        wait_up(base, cache);
        cache->ops->set(cache, key_a, blob);
        if (look_up(base, cache))
            return;
        fixture_run(base, 50);
    }
    fail_msg("the value was not found");
}

static void survives_its_death(void **state) {
    (void)state;
    static const char program[] = "/usr/bin/redis-server";
    if (access(program, X_OK) != 0) {
        print_message("skipped: no %s\n", program);
        skip();
    }
    char folder[] = "/tmp/cw-redis-XXXXXX", url[64];
    assert_non_null(mkdtemp(folder));
    unsigned port = free_port();
    pid_t server = start_server(program, port, folder);
    struct event_base *base = event_base_new();
    struct cw_cache *cache = NULL;
    snprintf(url, sizeof url, "redis://:s3cret@127.0.0.1:%u/2", port);
    struct cw_redis_config config = {.url = url,
                                     .mac_key = {1},
                                     .get_ms = 500,
                                     .set_ms = 500,
                                     .backoff_min_ms = 20,
                                     .backoff_max_ms = 100};
    assert_int_equal(cw_cache_redis_new(base, &config, &cache, NULL), CW_OK);
    char *data = calloc(1, 100000);
    struct cw_blob *blob = cw_blob_new(data, 100000);

    put_and_find(base, cache, blob);
    struct got in_flight[20] = {0};
    for (int i = 0; i < 20; i++)
        cache->ops->get(cache, key_a, on_value, &in_flight[i]);
    kill_server(server);
    for (int i = 0; i < 20; i++)
        assert_true(fixture_wait(base, &in_flight[i].done, 10000));
    for (int i = 0; i < 20; i++) {
        cache->ops->set(cache, key_a, blob);
        assert_false(look_up(base, cache));
    }
    server = start_server(program, port, folder);
    put_and_find(base, cache, blob);

    cw_blob_unref(blob);
    free(data);
    cache->ops->free(cache);
    event_base_free(base);
    kill_server(server);
    rmdir(folder);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_its_death)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
