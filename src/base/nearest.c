/*
 * Responsible for: edit distance between short names.
 * Does not: know languages; distances are in bytes.
 * Any process, any thread.
 */
#include "base/nearest.h"

#include <string.h>

#define LONGEST 64

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment (Boytsov 2011, §2.2): three rows of the Wagner–Fischer table. */
size_t cw_edit_distance(const char *a, const char *b, size_t limit) {
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST || lb > LONGEST)
        return limit + 1;
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            now[j] =
                least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return least(rows[la % 3][lb], limit + 1);
}

const char *cw_nearest(const char *text, const char *const *names, size_t count) {
    size_t length = strlen(text), limit = length / 3;
    const char *best = NULL;
    if (length < 3)
        return NULL; /* any two short names look alike */
    for (size_t i = 0; i < count; i++) {
        size_t distance = cw_edit_distance(text, names[i], limit);
        if (distance <= limit && distance < strlen(names[i])) {
            if (distance == 0)
                return names[i];
            limit = distance - 1; /* only better ones from here */
            best = names[i];
        }
    }
    return best;
}
