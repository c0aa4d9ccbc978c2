/*
 * Nearest ids: a hint for a mistyped id, by edit distance (Levenshtein 1966; two rows).
 * Server process, any thread.
 */
#include "configure/value.h"

#include <string.h>

#define ID_BYTES 64
#define HINTS    3

static size_t least(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static size_t distance(const char *a, const char *b) {
    size_t rows[2][ID_BYTES + 1], la = strnlen(a, ID_BYTES), lb = strnlen(b, ID_BYTES);
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        const size_t *above = rows[(i - 1) % 2];
        size_t *row = rows[i % 2];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++)
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
    }
    return rows[la % 2][lb];
}

const char *cw_nearest_hint(struct cw_arena *arena, const char *wrong, const char *const *ids,
                            size_t count) {
    size_t best[HINTS], far[HINTS], kept = 0, limit = strnlen(wrong, ID_BYTES) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t each = distance(wrong, ids[i]), at = kept;
        if (each > limit)
            continue;
        while (at > 0 && far[at - 1] > each)
            at--;
        if (at == HINTS)
            continue;
        kept += kept < HINTS;
        for (size_t k = kept - 1; k > at; k--) {
            best[k] = best[k - 1];
            far[k] = far[k - 1];
        }
        best[at] = i;
        far[at] = each;
    }
    const char *hint = "";
    for (size_t k = 0; k < kept; k++)
        hint = cw_arena_printf(arena, "%s%s'%s'", hint, k ? ", " : "did you mean ", ids[best[k]]);
    return kept ? cw_arena_printf(arena, "%s?", hint) : "";
}
