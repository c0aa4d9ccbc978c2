/* "Did you mean": the known name closest to a wrong one. */
#pragma once

#include <stddef.h>

/* Damerau–Levenshtein distance (optimal string alignment) of two texts, in bytes; limit + 1 when
 * above limit or when a text is longer than 64 bytes. O(length²). */
size_t cw_edit_distance(const char *a, const char *b, size_t limit);

/* The name nearest to text, at most a third of its length away; NULL when none is, or text has less
 * than 3 bytes. Borrowed. */
const char *cw_nearest(const char *text, const char *const *names, size_t count);
