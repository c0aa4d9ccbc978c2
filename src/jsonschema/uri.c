/*
 * Responsible for: URI references as $id and $ref use them: resolution against a base,
 * percent-decoding. Does not: normalise case or percent-encoding, fetch anything. Runs in: every
 * process that compiles schemas.
 */
#include "jsonschema/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"

struct span {
    const char *at;
    size_t length;
    bool there;
};

/* RFC 3986 appendix B, without the regular expression. */
struct parts {
    struct span scheme, authority, path, query, fragment;
};

static struct span span_until(const char **cursor, const char *stops) {
    size_t length = strcspn(*cursor, stops);
    struct span span = {*cursor, length, true};
    *cursor += length;
    return span;
}

static struct parts split(const char *uri) {
    struct parts parts = {0};
    size_t scheme = strcspn(uri, ":/?#");
    if (uri[scheme] == ':' && isalpha((unsigned char)uri[0])) {
        parts.scheme = (struct span){uri, scheme, true};
        uri += scheme + 1;
    }
    if (uri[0] == '/' && uri[1] == '/') {
        uri += 2;
        parts.authority = span_until(&uri, "/?#");
    }
    parts.path = span_until(&uri, "?#");
    if (*uri == '?') {
        uri++;
        parts.query = span_until(&uri, "#");
    }
    if (*uri == '#')
        parts.fragment = (struct span){uri + 1, strlen(uri + 1), true};
    return parts;
}

/* RFC 3986 §5.2.4 on a whole path, in place. */
static void remove_dots(char *path) {
    char *out = path;
    const char *in = path;
    const char *start = *path == '/' ? path : NULL;
    while (*in) {
        size_t segment = strcspn(in + 1, "/") + 1;
        if (start && segment == 2 && in[0] == '/' && in[1] == '.') {
            if (!in[2])
                *out++ = '/';
        } else if (start && segment == 3 && strncmp(in, "/..", 3) == 0) {
            while (out > path && *--out != '/') {
            }
            if (!in[3])
                *out++ = '/';
        } else {
            memmove(out, in, segment);
            out += segment;
        }
        in += segment;
    }
    *out = '\0';
}

static char *merged_path(struct cw_arena *arena, const struct parts *base,
                         const struct parts *ref) {
    char *path;
    if (ref->path.at[0] == '/' || base->path.length == 0) {
        const char *slash =
            ref->path.length && ref->path.at[0] != '/' && base->authority.there ? "/" : "";
        path = cw_arena_printf(arena, "%s%.*s", slash, (int)ref->path.length, ref->path.at);
    } else {
        size_t folder = base->path.length;
        while (folder > 0 && base->path.at[folder - 1] != '/')
            folder--;
        path = cw_arena_printf(arena, "%.*s%.*s", (int)folder, base->path.at, (int)ref->path.length,
                               ref->path.at);
    }
    remove_dots(path);
    return path;
}

static void put(struct cw_buf *buf, const char *before, struct span span, const char *after) {
    if (!span.there)
        return;
    cw_buf_puts(buf, before);
    cw_buf_add(buf, span.at, span.length);
    cw_buf_puts(buf, after);
}

char *cw_schema_uri_resolve(struct cw_arena *arena, const char *base, const char *reference) {
    struct parts b = split(base), r = split(reference);
    if (r.scheme.there)
        return cw_arena_strdup(arena, reference);
    struct parts t = {.scheme = b.scheme, .fragment = r.fragment};
    const char *path;
    if (r.authority.there || r.path.length) {
        t.authority = r.authority.there ? r.authority : b.authority;
        t.query = r.query;
        path = r.authority.there ? cw_arena_strndup(arena, r.path.at, r.path.length)
                                 : merged_path(arena, &b, &r);
    } else {
        t.authority = b.authority;
        t.query = r.query.there ? r.query : b.query;
        path = cw_arena_strndup(arena, b.path.at, b.path.length);
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    put(&buf, "", t.scheme, ":");
    put(&buf, "//", t.authority, "");
    cw_buf_puts(&buf, path);
    put(&buf, "?", t.query, "");
    put(&buf, "#", t.fragment, "");
    return cw_arena_strndup(arena, buf.data ? buf.data : "", buf.length);
}

bool cw_schema_uri_decode(char *text) {
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = cw_hex_digit(in[1]), low = high < 0 ? -1 : cw_hex_digit(in[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return true;
}
