/*
 * Which route serves a path. Patterns are split once at start-up and sorted so that the first that
 * fits is the most specific. Does not judge methods beyond listing them, nor authorisation. Runs in
 * the server.
 */
#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "http/target.h"

#define MAX_SEGMENTS 16
#define MAX_CAPTURES 16

enum kind { K_TAIL, K_PLAIN, K_MIXED, K_LITERAL }; /* by rising specificity */

/* One segment: prefix {first} middle {second} suffix; a literal is a prefix alone. */
struct piece {
    enum kind kind;
    const char *prefix, *first, *middle, *second, *suffix;
};

struct compiled {
    const struct cw_route *route;
    size_t count;
    struct piece pieces[MAX_SEGMENTS];
};

struct cw_router {
    struct cw_arena *arena;
    size_t count;
    struct compiled *routes; /* most specific first */
};

static enum cw_status bad_route(const struct cw_route *route, const char *why,
                                struct cw_error *err) {
    return cw_fail(err, CW_E_BUG, "http.route", "route '%s %s': %s", route->method, route->pattern,
                   why);
}

/* Take "{name}" at *at, or the literal before the next '{'. Both empty when there is none. */
static const char *take_name(struct cw_arena *arena, const char **at) {
    if (**at != '{')
        return NULL;
    size_t length = strcspn(*at, "}");
    const char *name = cw_arena_strndup(arena, *at + 1, length - 1);
    *at += length + ((*at)[length] == '}');
    return name;
}

static const char *take_literal(struct cw_arena *arena, const char **at) {
    size_t length = strcspn(*at, "{");
    const char *text = cw_arena_strndup(arena, *at, length);
    *at += length;
    return text;
}

static bool parse_piece(struct cw_arena *arena, const char *text, struct piece *piece) {
    const char *at = text;
    piece->prefix = take_literal(arena, &at);
    piece->first = take_name(arena, &at);
    piece->middle = take_literal(arena, &at);
    piece->second = take_name(arena, &at);
    piece->suffix = take_literal(arena, &at);
    if (*at != '\0' || (piece->second != NULL && piece->middle[0] == '\0'))
        return false;
    if (piece->second == NULL) { /* what follows the only parameter is its suffix */
        piece->suffix = piece->middle;
        piece->middle = "";
    }
    bool bare = piece->prefix[0] == '\0' && piece->suffix[0] == '\0' && piece->second == NULL;
    piece->kind = piece->first == NULL ? K_LITERAL : bare ? K_PLAIN : K_MIXED;
    if (piece->first != NULL && strchr(piece->first, '*') != NULL) {
        if (!bare)
            return false;
        piece->kind = K_TAIL;
        piece->first = cw_arena_strndup(arena, piece->first, strlen(piece->first) - 1);
    }
    return true;
}

static enum cw_status compile(struct cw_arena *arena, const struct cw_route *route,
                              struct compiled *ret_compiled, struct cw_error *err) {
    struct compiled *out = ret_compiled;
    out->route = route;
    const char *at = route->pattern;
    if (at[0] != '/' || route->handler == NULL || route->method == NULL)
        return bad_route(route, "needs a method, a handler and a pattern that starts with '/'",
                         err);
    while (*at == '/') {
        at++;
        size_t length = strcspn(at, "/");
        if (out->count == MAX_SEGMENTS)
            return bad_route(route, "too many segments", err);
        if (out->count > 0 && out->pieces[out->count - 1].kind == K_TAIL)
            return bad_route(route, "nothing may follow a tail", err);
        if (!parse_piece(arena, cw_arena_strndup(arena, at, length), &out->pieces[out->count++]))
            return bad_route(route, "a segment is malformed", err);
        at += length;
    }
    return CW_OK;
}

static int by_specificity(const void *left, const void *right) {
    const struct compiled *a = left, *b = right;
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->pieces[i].kind != b->pieces[i].kind)
            return a->pieces[i].kind > b->pieces[i].kind ? -1 : 1;
    int order = strcmp(a->route->pattern, b->route->pattern); /* same patterns side by side */
    if (order != 0)
        return order;
    return a->route < b->route ? -1 : 1;
}

static enum cw_status check_twice(const struct cw_router *router, struct cw_error *err) {
    for (size_t i = 0; i < router->count; i++)
        for (size_t j = i + 1; j < router->count; j++) {
            const struct cw_route *a = router->routes[i].route, *b = router->routes[j].route;
            if (strcmp(a->pattern, b->pattern) != 0)
                break;
            if (strcmp(a->method, b->method) == 0)
                return bad_route(a, "stands twice", err);
        }
    return CW_OK;
}

enum cw_status cw_router_new(const struct cw_route *routes, size_t count,
                             struct cw_router **ret_router, struct cw_error *err) {
    struct cw_arena *arena = cw_arena_new();
    if (arena == NULL)
        return cw_fail(err, CW_E_NOMEM, "http.memory", "no memory for the routes");
    struct cw_router *router = cw_arena_alloc(arena, sizeof *router);
    router->arena = arena;
    router->count = count;
    router->routes = cw_arena_array(arena, count + 1, sizeof router->routes[0]);
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < count && status == CW_OK; i++)
        status = compile(arena, &routes[i], &router->routes[i], err);
    if (status == CW_OK) {
        qsort(router->routes, count, sizeof router->routes[0], by_specificity);
        status = check_twice(router, err);
    }
    if (status != CW_OK) {
        cw_arena_free(arena);
        return status;
    }
    *ret_router = router;
    return CW_OK;
}

void cw_router_free(struct cw_router *router) {
    if (router != NULL)
        cw_arena_free(router->arena);
}

/* ---- matching -------------------------------------------------------------------------------- */

struct path {
    size_t count;
    const char *segments[MAX_SEGMENTS]; /* decoded */
    const char *rests[MAX_SEGMENTS];    /* raw, from this segment on; decoded only for tails */
};

/* Segments beyond MAX_SEGMENTS can only belong to a tail: the last one keeps the rest raw. */
static enum cw_status split(struct cw_arena *arena, const char *raw, struct path *path,
                            struct cw_error *err) {
    const char *at = raw;
    while (*at == '/' && path->count < MAX_SEGMENTS) {
        at++;
        size_t length = strcspn(at, "/");
        char *text = NULL;
        enum cw_status status =
            cw_http_percent_decode(arena, (struct cw_bytes){(const uint8_t *)at, length},
                                   /* plus_is_space: */ false, &text, err);
        if (status != CW_OK)
            return status;
        path->rests[path->count] = at;
        path->segments[path->count++] = text;
        at += length;
    }
    if (*at == '/')
        path->count = MAX_SEGMENTS + 1; /* longer than any pattern without a tail */
    return CW_OK;
}

/* Last place where `needle` starts so that both sides are not empty; NULL when there is none. */
static const char *last_inside(const char *text, size_t length, const char *needle) {
    size_t size = strlen(needle);
    for (size_t at = length; at-- > 1;)
        if (at + size < length && memcmp(text + at, needle, size) == 0)
            return text + at;
    return NULL;
}

struct captures {
    size_t count;
    struct cw_param items[MAX_CAPTURES];
};

static void capture(struct captures *captures, struct cw_arena *arena, const char *name,
                    const char *value, size_t length) {
    if (captures->count < MAX_CAPTURES)
        captures->items[captures->count++] =
            (struct cw_param){name, cw_arena_strndup(arena, value, length)};
}

static bool match_piece(const struct piece *piece, const char *text, struct cw_arena *arena,
                        struct captures *captures) {
    if (piece->kind == K_LITERAL)
        return strcmp(piece->prefix, text) == 0;
    size_t length = strlen(text), prefix = strlen(piece->prefix), suffix = strlen(piece->suffix);
    if (length <= prefix + suffix || memcmp(text, piece->prefix, prefix) != 0 ||
        memcmp(text + length - suffix, piece->suffix, suffix) != 0)
        return false;
    const char *value = text + prefix;
    length -= prefix + suffix;
    if (piece->second == NULL) {
        capture(captures, arena, piece->first, value, length);
        return true;
    }
    const char *middle = last_inside(value, length, piece->middle);
    if (middle == NULL)
        return false;
    const char *second = middle + strlen(piece->middle);
    capture(captures, arena, piece->first, value, (size_t)(middle - value));
    capture(captures, arena, piece->second, second, (size_t)(value + length - second));
    return true;
}

static bool has_dot_segment(const char *text) {
    while (true) {
        size_t length = strcspn(text, "/");
        if ((length == 1 && text[0] == '.') || (length == 2 && text[0] == '.' && text[1] == '.'))
            return true;
        if (text[length] == '\0')
            return false;
        text += length + 1;
    }
}

static enum cw_status take_tail(const struct piece *piece, const char *raw, struct cw_arena *arena,
                                struct captures *captures, struct cw_error *err) {
    char *text = NULL;
    enum cw_status status =
        cw_http_percent_decode(arena, (struct cw_bytes){(const uint8_t *)raw, strlen(raw)},
                               /* plus_is_space: */ false, &text, err);
    if (status != CW_OK)
        return status;
    if (has_dot_segment(text) || text[0] == '/' || strstr(text, "//") != NULL)
        return cw_fail(err, CW_E_INPUT, "http.path", "the path has a dot segment or an empty one");
    capture(captures, arena, piece->first, text, strlen(text));
    return CW_OK;
}

static bool fits(const struct compiled *route, const struct path *path, struct cw_arena *arena,
                 struct captures *captures) {
    bool tail = route->pieces[route->count - 1].kind == K_TAIL;
    size_t exact = tail ? route->count - 1 : route->count;
    captures->count = 0;
    if (tail ? path->count < route->count || path->rests[exact][0] == '\0' : path->count != exact)
        return false;
    for (size_t i = 0; i < exact; i++)
        if (!match_piece(&route->pieces[i], path->segments[i], arena, captures))
            return false;
    return true;
}

static enum cw_status check_captures(const struct captures *captures, struct cw_error *err) {
    for (size_t i = 0; i < captures->count; i++)
        if (strchr(captures->items[i].value, '/') != NULL ||
            has_dot_segment(captures->items[i].value))
            return cw_fail(err, CW_E_INPUT, "http.path",
                           "a path parameter has a slash or is a dot segment");
    return CW_OK;
}

/* Methods of the pattern at `first` and its neighbours. */
static const char *allowed(const struct cw_router *router, size_t first, struct cw_arena *arena) {
    const char *pattern = router->routes[first].route->pattern, *allow = "";
    bool options = false, has_head = false, get = false;
    for (size_t i = first; i < router->count; i++) {
        const struct cw_route *route = router->routes[i].route;
        if (strcmp(route->pattern, pattern) != 0)
            break;
        get = get || strcmp(route->method, "GET") == 0;
        has_head = has_head || strcmp(route->method, "HEAD") == 0;
        options = options || strcmp(route->method, "OPTIONS") == 0;
        allow = cw_arena_printf(arena, "%s%s%s", allow, i > first ? ", " : "", route->method);
    }
    return cw_arena_printf(arena, "%s%s%s", allow, get && !has_head ? ", HEAD" : "",
                           options ? "" : ", OPTIONS");
}

/* The wanted route among those of the pattern at `first`; what is offered where there is none. */
static void choose(const struct cw_router *router, size_t first, const char *method,
                   struct cw_arena *arena, struct cw_router_match *match) {
    const char *pattern = router->routes[first].route->pattern;
    bool head = strcmp(method, "HEAD") == 0;
    const struct cw_route *fallback = NULL;
    match->allow = "";
    for (size_t i = first; i < router->count; i++) {
        const struct cw_route *route = router->routes[i].route;
        if (strcmp(route->pattern, pattern) != 0)
            break;
        if (strcmp(route->method, method) == 0)
            match->route = route;
        if (head && strcmp(route->method, "GET") == 0)
            fallback = route;
    }
    if (match->route == NULL)
        match->route = fallback;
    if (match->route == NULL)
        match->allow = allowed(router, first, arena);
}

static void publish(const struct captures *captures, struct cw_arena *arena,
                    struct cw_router_match *match) {
    struct cw_param *items = cw_arena_array(arena, captures->count + 1, sizeof items[0]);
    memcpy(items, captures->items, captures->count * sizeof items[0]);
    match->captures = items;
    match->capture_count = captures->count;
}

enum cw_status cw_router_find(const struct cw_router *router, struct cw_arena *arena,
                              const struct cw_router_ask *ask, struct cw_router_match *ret_match,
                              struct cw_error *err) {
    struct path path = {0};
    enum cw_status status = split(arena, ask->path, &path, err);
    if (status != CW_OK)
        return status;
    struct captures captures = {0};
    for (size_t i = 0; i < router->count; i++) {
        const struct compiled *route = &router->routes[i];
        if (!fits(route, &path, arena, &captures))
            continue;
        status = check_captures(&captures, err);
        const struct piece *last = &route->pieces[route->count - 1];
        if (status == CW_OK && last->kind == K_TAIL)
            status = take_tail(last, path.rests[route->count - 1], arena, &captures, err);
        if (status != CW_OK)
            return status;
        struct cw_router_match match = {0};
        choose(router, i, ask->method, arena, &match);
        publish(&captures, arena, &match);
        *ret_match = match;
        return CW_OK;
    }
    return cw_fail(err, CW_E_NOT_FOUND, "http.not_found", "there is nothing at this path");
}
