/*
 * A load client: sends one request again and again over keep-alive connections, one request at a
 * time on each, for some seconds, and prints what came back as one line of JSON. Sixteen '@' in the
 * request are replaced by a counter, so that every request can differ. Does not understand chunked
 * answers: ours carry a Content-Length.
 *
 * A file with several requests, an ASCII record separator (0x1e) after each, is sent once from the
 * first to the last, each by the next connection that is free; the time is up before that or then.
 *
 * Usage: load PORT CONNECTIONS SECONDS REQUEST_FILE STATUS     (127.0.0.1 only)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_BYTES (16 * 1024 * 1024)
#define HEAD_BYTES    16384
#define TIMES         2000000 /* latencies kept */
#define MARK          "@@@@@@@@@@@@@@@@"
#define SEPARATOR     '\x1e'

struct connection {
    int fd;
    int64_t sent_ns;
    bool last;          /* the server said it closes after this answer */
    size_t head_length; /* of what is in head */
    int64_t body_left;  /* -1: the head is not whole yet */
    char head[HEAD_BYTES + 1];
};

static char request[REQUEST_BYTES + 1];
static size_t request_length;
static const char *next; /* of a list, or NULL */
static char *mark;
static uint64_t counter;
static int wanted_status, port, loop; /* loop: the epoll descriptor */
static uint32_t times_us[TIMES];
static size_t answers, wrong, waiting;
static uint64_t bytes;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_request(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        die(path);
    }
    request_length = fread(request, 1, REQUEST_BYTES, file);
    fclose(file);
    next = memchr(request, SEPARATOR, request_length) ? request : NULL;
    mark = next ? NULL : strstr(request, MARK);
    counter = (uint64_t)now_ns();
}

static void open_connection(struct connection *connection) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 ||
        connect(connection->fd, (struct sockaddr *)&address, sizeof address)) {
        die("connect");
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(loop, EPOLL_CTL_ADD, connection->fd, &event);
}

/* Requests are far smaller than a socket's buffer, which is empty here: one send takes all. */
static void send_request(struct connection *connection) {
    if (mark) {
        char text[sizeof MARK];
        snprintf(text, sizeof text, "%016llx", (unsigned long long)counter++);
        memcpy(mark, text, sizeof MARK - 1);
    }
    const char *text = request;
    size_t length = request_length;
    if (next) {
        const char *end = memchr(next, SEPARATOR, (size_t)(request + request_length - next));
        if (!end) {
            return; /* nothing is left to send */
        }
        text = next;
        length = (size_t)(end - next);
        next = end + 1;
    }
    connection->head_length = 0;
    connection->body_left = -1;
    connection->sent_ns = now_ns();
    waiting++;
    if (send(connection->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length) {
        die("send");
    }
}

static void head_ended(struct connection *connection, const char *end) {
    char *head = connection->head;
    int status = atoi(head + 9);
    const char *length = strcasestr(head, "\r\ncontent-length:");
    size_t head_bytes = (size_t)(end - head) + 4;
    bool none = status == 304 || status == 204 || strncmp(request, "HEAD", 4) == 0;
    wrong += status != wanted_status;
    connection->body_left = none || !length ? 0 : strtoll(length + 17, NULL, 10);
    connection->body_left -= (int64_t)(connection->head_length - head_bytes);
    connection->last = strcasestr(head, "\r\nconnection: close") != NULL;
}

static void finish_answer(struct connection *connection) {
    int64_t took_us = (now_ns() - connection->sent_ns) / 1000;
    if (answers < TIMES) {
        times_us[answers] = (uint32_t)took_us;
    }
    answers++;
    waiting--;
    if (connection->last) {
        close(connection->fd);
        open_connection(connection);
    }
    send_request(connection);
}

static void read_answer(struct connection *connection) {
    static char rest[1 << 18];
    bool in_head = connection->body_left < 0;
    char *into = in_head ? connection->head + connection->head_length : rest;
    ssize_t n =
        recv(connection->fd, into, in_head ? HEAD_BYTES - connection->head_length : sizeof rest, 0);
    if (n <= 0) {
        die("the server closed a connection");
    }
    bytes += (uint64_t)n;
    if (!in_head) {
        connection->body_left -= n;
    } else {
        connection->head_length += (size_t)n;
        connection->head[connection->head_length] = '\0';
        const char *end = strstr(connection->head, "\r\n\r\n");
        if (end) {
            connection->body_left = 0;
            head_ended(connection, end);
        }
    }
    if (connection->body_left == 0) {
        finish_answer(connection);
    }
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_result(double seconds) {
    size_t kept = answers < TIMES ? answers : TIMES;
    qsort(times_us, kept, sizeof *times_us, by_size);
    printf("{\"answers\":%zu,\"wrong\":%zu,\"seconds\":%.4f,\"bytes\":%llu,\"p50_us\":%u,\"p99_"
           "us\":%u}\n",
           answers, wrong, seconds, (unsigned long long)bytes, kept ? times_us[kept / 2] : 0,
           kept ? times_us[kept * 99 / 100] : 0);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fputs("usage: load PORT CONNECTIONS SECONDS REQUEST_FILE STATUS\n", stderr);
        return 2;
    }
    int count = atoi(argv[2]);
    port = atoi(argv[1]);
    loop = epoll_create1(EPOLL_CLOEXEC);
    struct connection *connections = calloc((size_t)count, sizeof *connections);
    read_request(argv[4]);
    wanted_status = atoi(argv[5]);
    for (int i = 0; i < count; i++) {
        open_connection(&connections[i]);
    }
    int64_t began = now_ns(), end = began + (int64_t)(atof(argv[3]) * 1e9);
    for (int i = 0; i < count; i++) {
        send_request(&connections[i]);
    }
    while (now_ns() < end && waiting > 0) {
        struct epoll_event events[64];
        int ready = epoll_wait(loop, events, 64, 1000);
        for (int i = 0; i < ready; i++) {
            read_answer(events[i].data.ptr);
        }
    }
    print_result((double)(now_ns() - began) / 1e9);
    free(connections);
    return wrong > 0;
}
