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

/* A string as it is compared: its first and its last eight bytes, see quick_key_of. */
struct quick_key {
    const char *text; /* NULL: none */
    size_t length;
    uint64_t head, tail;
};

/* Strings found by hash; open addressing, at most half full. */
struct quick_entry {
    struct quick_key key;
    const struct quick *test; /* of a member; NULL: anything goes */
    bool required;
    uint8_t kept;                   /* where a frame keeps its value; 0: nobody asks for it */
    uint8_t asked;                  /* where the frame of `home` keeps it; 0: look it up */
    const struct quick_entry *next; /* member of the schema, as it is written; NULL: the last */
};
struct quick_table {
    size_t count, mask;
    unsigned shift;      /* of the hash, so that slots fit the mask */
    uint64_t factors[2]; /* odd */
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
    struct quick_table members;      /* also the names that are only required, unless `each` */
    const struct quick_entry *first; /* of the members as they are written */
    unsigned kept; /* values a frame keeps: those that `place` beside it asks for */
    const struct quick_object
        *home;            /* the object of the schema that this one applies in place of */
    bool asking;          /* home keeps every member of this one */
    bool each;            /* names, patterns or additional look at each member */
    bool simple;          /* no names and no patterns do */
    bool closed;          /* additional is false */
    size_t required_here; /* required names that are in `members` */
    size_t required_count, dependency_count;
    const struct name *required; /* the others */
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
    struct quick_key member;         /* every branch pins it to another string; text NULL: none */
    const struct quick_object *home; /* keeps it at `asked`; 0: look it up */
    uint8_t asked;
    struct quick_table by; /* its value: the branch is `test` */
};

struct quick_place { /* schemas for the same value */
    const struct quick *ref;
    struct quick_branches all, any, one;
    const struct quick *negated, *condition, *then, *otherwise;
    bool has_ref, has_negated, has_condition;
};

/* What there is to do with a value of a type. */
enum quick_on {
    QUICK_REFUSE,
    QUICK_ACCEPT,
    QUICK_LISTED, /* among the strings of `text`, that is all */
    QUICK_TEXT,
    QUICK_INTEGER,
    QUICK_OBJECT, /* `object` is all */
    QUICK_MORE
};

struct quick {
    uint8_t on[8];    /* a quick_on per json_type */
    unsigned accepts; /* a bit per json_type */
    bool whole;       /* a real must be a whole number */
    bool compared;    /* numbers, arrays and objects are compared with the node's enum and const */
    const struct node *node;
    const struct quick_bounds *bounds; /* of a number; NULL: nothing to check, likewise below */
    const struct quick_text *text;
    const struct quick_list *list;
    const struct quick_object *object;
    const struct quick_place *place;
};

#define QUICK_KEPT 63

/*
 * Members of an object that was looked at whole, for the schemas that apply to it in place: an if
 * or a not names a few of them, which need not be looked up again.
 */
struct quick_frame {
    const struct quick_object *home;
    const json_t *value;
    const json_t *found[QUICK_KEPT + 1]; /* by entry->kept; NULL: not there. [0] is of no use */
};

/* quick_table.c: an empty table for so many strings at most. */
struct quick_table cw_schema_quick_table(struct cw_arena *arena, size_t most);
/* The entry of that name, made when there is none; the name is borrowed. */
struct quick_entry *cw_schema_quick_put(struct quick_table *table, const char *name, size_t length);
/* Try factors until every string stands where it is looked for first, or enough were; moves the
 * entries. */
void cw_schema_quick_settle(struct cw_arena *arena, struct quick_table *table);

/* Let the schemas in `place` ask the frame of `object`, which is beside it (quick_keep.c). */
void cw_schema_quick_keep(struct quick_object *object, const struct quick_place *place);

/*
 * Make the quick form of the schema: `schema->quick`, and `has_quick`: false where it has none.
 * @cost O(nodes); all memory from the schema's arena
 */
void cw_schema_quick_compile(struct cw_schema *schema);

enum quick_verdict { QUICK_NO, QUICK_YES, QUICK_UNKNOWN /* out of steps or too deep */ };
enum quick_verdict cw_schema_quick_run(struct run *run, const json_t *instance);

/* ---- strings --------------------------------------------------------------------------------- */

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

/* Up to 16 bytes the two words and the length are the string; above, `head` is mixed of all. */
static inline struct quick_key quick_key_of(const char *text, size_t length) {
    if (length < 8)
        return (struct quick_key){text, length, quick_short(text, length), 0};
    uint64_t head = quick_word(text);
    for (size_t i = 8; length > 16 && i + 8 < length; i += 8)
        head = quick_mix(head, quick_word(text + i));
    return (struct quick_key){text, length, head, quick_word(text + length - 8)};
}

static inline bool quick_same(const struct quick_key *a, const struct quick_key *b) {
    return a->head == b->head && a->tail == b->tail && a->length == b->length &&
           (a->length <= 16 || memcmp(a->text, b->text, a->length) == 0);
}

/* Multiply-shift (Dietzfelbinger et al. 1997); the factors are chosen for the table's strings. */
static inline size_t quick_slot(const struct quick_table *table, const struct quick_key *key) {
    uint64_t hash = (key->head + key->length) * table->factors[0] + key->tail * table->factors[1];
    return (size_t)(hash >> table->shift);
}

static inline const struct quick_entry *quick_find(const struct quick_table *table,
                                                   const struct quick_key *key) {
    for (size_t slot = quick_slot(table, key);; slot = (slot + 1) & table->mask) {
        const struct quick_entry *entry = &table->entries[slot];
        if (!entry->key.text)
            return NULL;
        if (quick_same(&entry->key, key))
            return entry;
    }
}

/* Members often come as the schema has them: the one after the last found is tried first. */
static inline const struct quick_entry *quick_find_after(const struct quick_table *table,
                                                         const struct quick_entry *guess,
                                                         const struct quick_key *key) {
    return guess && quick_same(&guess->key, key) ? guess : quick_find(table, key);
}
