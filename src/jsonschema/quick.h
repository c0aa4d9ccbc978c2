/*
 * The quick verdict: a compiled schema once more, laid out for saying yes or no and nothing else.
 * Inside this folder only.
 *
 * Why beside the nodes: a valid document is the usual one, and for it neither paths, scopes, faults
 * nor what was seen is needed. A "no" that has to be explained, or one that ran out of steps, goes
 * through the nodes (validate.c), which alone word faults. A schema with unevaluated… or a
 * $dynamicRef that looks at the dynamic scope has no quick form.
 */
#pragma once

#include "jsonschema/internal.h"
#include "jsonschema/quick_pattern.h"

struct quick;

/* Strings found by hash; open addressing, at most half full. */
struct quick_entry {
    const char *name; /* NULL: free */
    size_t length;
    const struct quick *test; /* of a member; NULL: anything goes */
    bool required;
    const struct quick_entry *next; /* member of the schema, as it is written; NULL: the last */
};
struct quick_table {
    size_t count, mask;
    uint64_t seed;
    struct quick_entry *entries;
};

struct quick_regex {
    const pcre2_code *code;            /* NULL: none */
    const struct quick_pattern *table; /* the same, where it can be one; or NULL */
};

struct quick_text {
    size_t min_length, max_length; /* [code points] */
    bool listed, more;             /* must be in `values`; there is more to check */
    struct quick_table values;
    struct quick_regex pattern, format_code;
    const struct format *format;
};

struct quick_bounds {
    bool integers;              /* the three below say it all of an integer */
    json_int_t low, high, step; /* step 0: any */
    const struct node *node;
};

struct quick_list {
    size_t min_items, max_items, min_contains, max_contains;
    bool unique, every; /* every: there is something to check of each item */
    size_t prefix_count;
    const struct quick *const *prefix;
    const struct quick *items, *contains;
    bool has_contains;
};

struct quick_object {
    size_t min_members, max_members;
    struct quick_table members;
    const struct quick_entry *first; /* of the members as they are written */
    bool each;                       /* names, patterns or additional look at each member */
    bool simple;                     /* no names and no patterns do */
    bool closed;                     /* additional is false */
    size_t required_here;            /* required names that are in `members` */
    size_t required_count, dependency_count;
    const char *const *required; /* the others */
    const struct dependency *dependencies;
    size_t pattern_count;
    const struct quick_regex *patterns;
    const struct quick *const *pattern_tests;
    const struct quick *additional, *names;
    size_t dependent_count;
    const struct named_node *dependent;
    const struct quick *const *dependent_tests;
};

struct quick_branches {
    size_t count;
    const struct quick *const *items;
    const char *member;    /* every branch pins it to another string; NULL: none */
    struct quick_table by; /* its value: the branch is `test` */
};

struct quick_place { /* schemas for the same value */
    const struct quick *ref;
    struct quick_branches all, any, one;
    const struct quick *negated, *condition, *then, *otherwise;
    bool has_ref, has_negated, has_condition;
};

struct quick {
    unsigned accepts; /* a bit per json_type */
    unsigned decided; /* of these, nothing else is to be checked */
    bool whole;       /* a real must be a whole number */
    bool compared;    /* numbers, arrays and objects are compared with the node's enum and const */
    const struct node *node;
    const struct quick_bounds *bounds; /* of a number; NULL: nothing to check, likewise below */
    const struct quick_text *text;
    const struct quick_list *list;
    const struct quick_object *object;
    const struct quick_place *place;
};

/*
 * Make the quick form of the schema: `schema->quick`, and `has_quick`: false where it has none.
 * @cost O(nodes); all memory from the schema's arena
 */
void cw_schema_quick_compile(struct cw_schema *schema);

enum quick_verdict { QUICK_NO, QUICK_YES, QUICK_UNKNOWN /* out of steps or too deep */ };
enum quick_verdict cw_schema_quick_run(struct run *run, const json_t *instance);

/* ---- hashing --------------------------------------------------------------------------------- */

static inline uint64_t quick_word(const char *at) {
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

/* Fewer than eight bytes as a number: strings of equal length have equal ones only when equal. */
static inline uint64_t quick_short(const char *at, size_t length) {
    uint32_t low, high;
    if (length >= 4) { /* the halves may overlap */
        memcpy(&low, at, 4);
        memcpy(&high, at + length - 4, 4);
        return low | (uint64_t)high << 32;
    }
    if (length == 0)
        return 0;
    return (unsigned char)at[0] | (uint64_t)(unsigned char)at[length / 2] << 8 |
           (uint64_t)(unsigned char)at[length - 1] << 16;
}

__extension__ typedef unsigned __int128 quick_wide;

/* Both halves of the product: a lower one alone would not see the last characters. */
static inline uint64_t quick_mix(uint64_t hash, uint64_t word) {
    quick_wide product = (quick_wide)(hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes at a time, the last ones perhaps twice; the table's seed is chosen for its strings.
 */
static inline uint64_t quick_hash(const char *text, size_t length, uint64_t seed) {
    uint64_t hash = seed + length;
    if (length < 8)
        return quick_mix(hash, quick_short(text, length));
    if (length <= 16)
        return quick_mix(quick_mix(hash, quick_word(text)), quick_word(text + length - 8));
    for (size_t i = 0; i + 8 < length; i += 8)
        hash = quick_mix(hash, quick_word(text + i));
    return quick_mix(hash, quick_word(text + length - 8));
}

static inline bool quick_same(const char *a, const char *b, size_t length) {
    if (length < 8)
        return quick_short(a, length) == quick_short(b, length);
    if (length <= 16)
        return quick_word(a) == quick_word(b) &&
               quick_word(a + length - 8) == quick_word(b + length - 8);
    for (size_t i = 0; i + 8 < length; i += 8) {
        if (quick_word(a + i) != quick_word(b + i))
            return false;
    }
    return quick_word(a + length - 8) == quick_word(b + length - 8);
}

static inline const struct quick_entry *quick_find(const struct quick_table *table,
                                                   const char *text, size_t length) {
    size_t slot = quick_hash(text, length, table->seed) & table->mask;
    for (;; slot = (slot + 1) & table->mask) {
        const struct quick_entry *entry = &table->entries[slot];
        if (!entry->name)
            return NULL;
        if (entry->length == length && quick_same(entry->name, text, length))
            return entry;
    }
}

/* Members often come as the schema has them: the one after the last found is tried first. */
static inline const struct quick_entry *quick_find_after(const struct quick_table *table,
                                                         const struct quick_entry *guess,
                                                         const char *text, size_t length) {
    if (guess && guess->length == length && quick_same(guess->name, text, length))
        return guess;
    return quick_find(table, text, length);
}
