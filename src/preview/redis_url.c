/*
 * Responsible for: reading the Redis URL and resolving its host, once, at start-up.
 * Does not: connect.
 * Runs in: the server, before it serves.
 */
#include "preview/redis_url.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/digest.h"

#define URL_BYTES    1024
#define DEFAULT_PORT "6379"

static enum cw_status bad_url(struct cw_error *err, const char *why) {
    return cw_fail(err, CW_E_INPUT, "cache.redis_url", "the Redis URL is not valid: %s", why);
}

/* Percent-decode into a fixed array; false when it does not fit or is malformed. */
static bool decode(const char *text, size_t length, char *ret_text, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++, n++) {
        if (n + 1 >= size)
            return false;
        if (text[i] != '%') {
            ret_text[n] = text[i];
            continue;
        }
        int high = i + 2 < length ? cw_hex_digit(text[i + 1]) : -1;
        int low = i + 2 < length ? cw_hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return false;
        ret_text[n] = (char)(high * 16 + low);
        i += 2;
    }
    ret_text[n] = '\0';
    return true;
}

static bool parse_number(const char *text, uint32_t max, uint32_t *ret_number) {
    uint32_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (uint32_t)(*text - '0');
        if (number > max)
            return false;
    }
    *ret_number = number;
    return true;
}

static enum cw_status parse_unix(const char *path, struct cw_redis_target *target,
                                 struct cw_error *err) {
    struct sockaddr_un *address = (struct sockaddr_un *)&target->addresses[0].storage;
    if (path[0] != '/' || strlen(path) >= sizeof address->sun_path)
        return bad_url(err, "the socket path must be absolute and short");
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path, path);
    target->addresses[0].length = sizeof *address;
    target->address_count = 1;
    return CW_OK;
}

static enum cw_status resolve(const char *host, const char *port, struct cw_redis_target *target,
                              struct cw_error *err) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0)
        return cw_fail(err, CW_E_NOT_FOUND, "cache.redis_host", "the Redis host is not found: %s",
                       gai_strerror(rc));
    for (struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        if (target->address_count == CW_REDIS_ADDRESSES)
            break;
        struct cw_redis_address *address = &target->addresses[target->address_count++];
        memcpy(&address->storage, at->ai_addr, at->ai_addrlen);
        address->length = at->ai_addrlen;
    }
    freeaddrinfo(list);
    return CW_OK;
}

static bool parse_login(const char *login, size_t length, struct cw_redis_target *target) {
    const char *colon = memchr(login, ':', length);
    if (colon == NULL)
        return false;
    size_t user = (size_t)(colon - login);
    return decode(login, user, target->user, sizeof target->user) &&
           decode(colon + 1, length - user - 1, target->password, sizeof target->password) &&
           target->password[0] != '\0';
}

/* host[:port] with brackets around an IPv6 address; cut in place. */
static bool split_host(char *text, char **ret_host, char **ret_port) {
    static char default_port[] = DEFAULT_PORT;
    char *rest;
    *ret_port = default_port;
    if (text[0] == '[') {
        char *end = strchr(text, ']');
        if (end == NULL)
            return false;
        *end = '\0';
        *ret_host = text + 1;
        rest = end + 1;
    } else {
        *ret_host = text;
        rest = text + strcspn(text, ":");
    }
    if (*rest == ':') {
        uint32_t port;
        *rest = '\0';
        *ret_port = rest + 1;
        return **ret_host != '\0' && parse_number(*ret_port, 65535, &port) && port > 0;
    }
    return *rest == '\0' && **ret_host != '\0';
}

enum cw_status cw_redis_target_parse(const char *url, struct cw_redis_target *ret_target,
                                     struct cw_error *err) {
    struct cw_redis_target target = {0};
    char copy[URL_BYTES], *host, *port;
    if (url == NULL || strlen(url) >= sizeof copy)
        return bad_url(err, "missing or too long");
    strcpy(copy, url);
    enum cw_status status;
    if (strncmp(copy, "unix:", 5) == 0) {
        status = parse_unix(copy + 5, &target, err);
    } else {
        if (strncmp(copy, "redis://", 8) != 0)
            return bad_url(err, "it must start with redis:// or unix:");
        char *at = copy + 8, *login_end = strrchr(at, '@');
        if (login_end != NULL && !parse_login(at, (size_t)(login_end - at), &target))
            return bad_url(err, "user and password");
        at = login_end != NULL ? login_end + 1 : at;
        char *slash = strchr(at, '/');
        if (slash != NULL && slash[1] != '\0' && !parse_number(slash + 1, 65535, &target.db))
            return bad_url(err, "database number");
        if (slash != NULL)
            *slash = '\0';
        if (!split_host(at, &host, &port))
            return bad_url(err, "host or port");
        status = resolve(host, port, &target, err);
    }
    if (status == CW_OK)
        *ret_target = target;
    return status;
}
