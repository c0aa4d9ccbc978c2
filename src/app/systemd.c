/*
 * Responsible for: sockets passed by a service manager, and telling it what state we are in.
 * Does not: listen or decide when that is. Server process, at start and end.
 */
#include "app/systemd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CW_LOG_MODULE "app"
#include "base/log.h"

#define FIRST_FD 3

/* What systemd counts and numbers is small; anything else is 0. */
static long number_in(const char *name) {
    const char *text = getenv(name);
    char *end;
    if (!text || *text < '0' || *text > '9') {
        return 0;
    }
    long value = strtol(text, &end, 10);
    return *end ? 0 : value;
}

/* Bound to an IP address and listening. */
static bool is_listening(int fd, struct sockaddr_storage *ret_address) {
    int type = 0, listening = 0;
    socklen_t type_length = sizeof type, listening_length = sizeof listening,
              length = sizeof *ret_address;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 && type == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_length) == 0 &&
           listening && getsockname(fd, (struct sockaddr *)ret_address, &length) == 0 &&
           (ret_address->ss_family == AF_INET || ret_address->ss_family == AF_INET6);
}

static void write_host(const struct sockaddr_storage *address, char host[INET6_ADDRSTRLEN]) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    memcpy(&in, address, sizeof in);
    memcpy(&in6, address, sizeof in6);
    const void *bytes = address->ss_family == AF_INET ? (const void *)&in.sin_addr : &in6.sin6_addr;
    (void)inet_ntop(address->ss_family, bytes, host, INET6_ADDRSTRLEN);
}

enum cw_status cw_systemd_listening(struct cw_inherited *ret_inherited, struct cw_error *err) {
    bool ours = number_in("LISTEN_PID") == (long)getpid();
    long count = ours ? number_in("LISTEN_FDS") : 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    struct cw_inherited inherited = {0};
    struct sockaddr_storage address = {0};
    if (count > 1) {
        return cw_fail(err, CW_E_INPUT, "app.activation",
                       "%ld sockets were passed, one is listened on", count);
    }
    if (count == 1) {
        if (!is_listening(FIRST_FD, &address)) {
            return cw_fail(err, CW_E_INPUT, "app.activation",
                           "descriptor %d, which was passed, is no listening TCP socket", FIRST_FD);
        }
        (void)fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC);
        inherited.fd = FIRST_FD;
        write_host(&address, inherited.host);
    }
    *ret_inherited = inherited;
    return CW_OK;
}

void cw_systemd_notify(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof address.sun_path || (*path != '/' && *path != '@')) {
        return;
    }
    memcpy(address.sun_path, path, length); /* the rest stays NUL */
    if (*path == '@') { /* an abstract name: the first byte is NUL, and none ends it */
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                         (const struct sockaddr *)&address, size) < 0) {
        cw_log_warn("notify", "state=%s result=unheard", state);
    }
    if (fd >= 0) {
        close(fd);
    }
}
