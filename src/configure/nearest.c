/*
 * Nearest ids: a hint for a mistyped id, by edit distance.
 * Server process, any thread.
 */
#include "configure/value.h"

#include <string.h>

#include "base/nearest.h"

#define HINTS 3

const char *cw_nearest_hint(struct cw_arena *arena, const char *wrong, const char *const *ids,
                            size_t count) {
    size_t best[HINTS], far[HINTS], kept = 0, limit = strlen(wrong) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t each = cw_edit_distance(wrong, ids[i], limit), at = kept;
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
