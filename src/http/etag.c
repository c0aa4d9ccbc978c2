/*
 * Entity tag lists of If-Match and If-None-Match. Does not decide what a match means. Runs in the
 * server.
 */
#include <string.h>

#include "http/reply.h"

/* [W/]"opaque"; the length of the tag at `text`, 0 when there is none. */
static size_t tag_length(const char *text) {
    size_t at = strncmp(text, "W/", 2) == 0 ? 2 : 0;
    if (text[at] != '"')
        return 0;
    const char *end = strchr(text + at + 1, '"');
    return end != NULL ? (size_t)(end - text) + 1 : 0;
}

static bool same(const char *a, size_t length, const char *b, bool weak) {
    size_t other = strlen(b);
    bool a_weak = strncmp(a, "W/", 2) == 0, b_weak = strncmp(b, "W/", 2) == 0;
    if (!weak && (a_weak || b_weak))
        return false;
    size_t skip_a = a_weak ? 2 : 0, skip_b = b_weak ? 2 : 0;
    return length - skip_a == other - skip_b &&
           memcmp(a + skip_a, b + skip_b, length - skip_a) == 0;
}

bool cw_etag_list_has(const char *list, const char *etag, bool weak) {
    if (strcmp(list, "*") == 0)
        return true;
    bool found = false;
    while (true) {
        list += strspn(list, " \t,");
        if (*list == '\0')
            return found;
        size_t length = tag_length(list);
        if (length == 0)
            return false;
        found = found || same(list, length, etag, weak);
        list += length;
        list += strspn(list, " \t");
        if (*list != '\0' && *list != ',')
            return false;
    }
}
