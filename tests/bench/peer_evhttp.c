/*
 * Files from memory by libevent's own evhttp, one thread: what our HTTP layer is held against
 * (edge.py). Test program only.
 *
 * peer_evhttp FILE…   prints "port <n>" and answers GET /<index> with that file until it is ended.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define FILES 16
#define BYTES (1 << 20)

static struct file {
    char *data;
    size_t length;
} files[FILES];

static void answer(struct evhttp_request *req, void *arg) {
    const char *uri = evhttp_request_get_uri(req);
    const struct file *file = &files[strtoul(uri + 1, NULL, 10) % FILES];
    struct evbuffer *body = evbuffer_new();
    (void)arg;
    if (!body)
        abort();
    evbuffer_add_reference(body, file->data, file->length, NULL, NULL);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", "image/jpeg");
    evhttp_send_reply(req, 200, "OK", body);
    evbuffer_free(body);
}

static void read_file(struct file *file, const char *path) {
    FILE *in = fopen(path, "rb");
    file->data = malloc(BYTES);
    if (!in || !file->data) {
        perror(path);
        exit(1);
    }
    file->length = fread(file->data, 1, BYTES, in);
    fclose(in);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc && i <= FILES; i++)
        read_file(&files[i - 1], argv[i]);
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    if (!bound)
        return 1;
    evutil_socket_t fd = evhttp_bound_socket_get_fd(bound);
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &length) != 0)
        return 1;
    evhttp_set_gencb(http, answer, NULL);
    printf("port %d\n", ntohs(name.sin_port));
    fflush(stdout);
    return event_base_dispatch(base);
}
