/* What compile, index and validate share; nobody outside this folder includes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "jsonschema/schema.h"

/* ---- compiled form --------------------------------------------------------------------------- */

struct node;

struct node_list {
    size_t count;
    const struct node **items;
};

struct named_node {
    const char *name;
    const struct node *node;
    size_t order; /* among its siblings in the document */
};

struct named_list { /* ordered by name (strcmp) */
    size_t count;
    struct named_node *items;
};

struct pattern_node {
    const char *source;
    pcre2_code *code;
    const struct node *node;
};

/* Of a member. It may hold a NUL, as no member of a value does. */
struct name {
    const char *text;
    size_t length;
};

struct dependency {
    const char *name;
    size_t count;
    const struct name *needs;
};

/* How to choose the branch a person meant: every branch pins `member` to another constant string.
 */
struct discriminator {
    const char *member;  /* NULL: there is none */
    const char **values; /* one per branch */
};

/* A schema resource: a document or an embedded one with its own $id. */
struct resource {
    const char *uri;      /* absolute, no fragment; "" when nobody named it */
    const char *document; /* the URI its document was handed in under; "" for the schema itself */
    json_t *root;
    bool reached;
    bool formats;              /* its meta-schema asks for formats as assertions */
    bool no_validation;        /* its meta-schema leaves the validation vocabulary out */
    struct named_list dynamic; /* $dynamicAnchor names; filled when reached */
    struct resource *next;
};

enum type_bit {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_INTEGER = 4,
    TYPE_NUMBER = 8,
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64
};

#define NO_LIMIT SIZE_MAX

/* A claimed format: a pattern, and a check of what matched or NULL. */
struct format {
    const char *name, *what, *pattern;
    bool (*check)(const char *text); /* NUL-terminated */
};

struct node {
    const struct resource *resource;
    const char *pointer;  /* from the document's root; of a boolean schema: its holder's */
    const char *document; /* resource->document, also for boolean schemas */
    bool never;           /* the schema false */
    unsigned types;       /* 0: any */
    const json_t *constant, *values;
    const json_t *minimum, *maximum, *above, *below, *multiple_of;
    size_t min_length, max_length;
    const char *pattern_source;
    pcre2_code *pattern;
    const struct format *format; /* NULL: an annotation */
    pcre2_code *format_code;
    size_t min_items, max_items, min_contains, max_contains, min_members, max_members;
    bool unique;
    struct node_list prefix;
    const struct node *items, *contains, *unevaluated_items;
    struct named_list properties;
    size_t pattern_count;
    struct pattern_node *patterns;
    const struct node *additional, *names, *unevaluated_members;
    size_t required_count;
    const struct name *required;
    size_t dependency_count;
    struct dependency *dependencies;
    struct named_list dependent;
    struct node_list all_of, any_of, one_of;
    struct discriminator any_by, one_by;
    const struct node *negated, *condition, *then, *otherwise;
    const struct node *ref, *dynamic_ref;
    const char *dynamic_name;  /* NULL: $dynamicRef behaves as $ref */
    const struct quick *quick; /* quick.h; once made */
};

struct cw_schema {
    struct cw_arena *arena;
    const struct node *root;
    const struct quick *quick; /* where has_quick; NULL: anything goes */
    bool has_quick;
    bool peeks; /* peek.h */
    pcre2_match_context *match_context;
};

/* ---- index.c: every subschema, resource and anchor ------------------------------------------- */

struct place {          /* where a subschema object stands */
    const json_t *json; /* key */
    struct resource *resource;
    const char *pointer; /* from the document's root */
    struct node *node;   /* once compiled */
};

struct anchor {
    const struct resource *resource;
    const char *name;
    const json_t *json;
    bool dynamic;
    struct anchor *next;
};

struct index {
    struct cw_arena *arena;
    struct place *places; /* open addressing by address */
    size_t capacity, count;
    struct resource *resources;
    struct anchor *anchors;
    bool meta_known; /* the draft's meta-schema was added */
};

#define CW_SCHEMA_DRAFT "https://json-schema.org/draft/2020-12/"

void cw_schema_index_deinit(struct index *index);

/* Add a document (consumes nothing: it is copied into the arena) and everything in it. */
struct resource *cw_schema_index_document(struct index *index, const char *uri, const json_t *json);

struct place *cw_schema_index_place(const struct index *index, const json_t *json);

/*
 * Follow a reference from `from`. ret_anchor is set when the fragment is an anchor.
 * NULL when it leads nowhere.
 */
const json_t *cw_schema_index_follow(struct index *index, const struct resource *from,
                                     const char *reference, const struct anchor **ret_anchor);

/* How a keyword holds subschemas. */
enum holder { HOLDS_NONE, HOLDS_ONE, HOLDS_LIST, HOLDS_MAP };
enum holder cw_schema_index_holder(const char *keyword);

/* ---- uri.c ----------------------------------------------------------------------------------- */

/* RFC 3986 §5.2; the result is in the arena. */
char *cw_schema_uri_resolve(struct cw_arena *arena, const char *base, const char *reference);

/* Percent-decoding; false when a % is not followed by two hexadecimal digits. */
bool cw_schema_uri_decode(char *text);

/* ---- regex.c --------------------------------------------------------------------------------- */

enum cw_status cw_schema_regex_compile(struct cw_arena *arena, const char *pattern,
                                       pcre2_code **ret_code, struct cw_error *err) CW_MUST_USE;

/* Is it a pattern of ECMA-262? Also true for lookbehinds too wide for PCRE2. */
bool cw_schema_regex_valid(const char *pattern);

/* regex_ecma.c: the pattern in PCRE2's words; NULL, or what is wrong (static) and where. */
const char *cw_schema_regex_translate(const char *pattern, struct cw_buf *out, size_t *ret_offset);

/* ---- value.c --------------------------------------------------------------------------------- */

/* Equal as JSON Schema sees it: 1 and 1.0 are. */
bool cw_schema_value_equal(const json_t *a, const json_t *b);
uint64_t cw_schema_value_hash(const json_t *value);
/* <0, 0, >0. Both are numbers. */
int cw_schema_value_compare(const json_t *a, const json_t *b);
bool cw_schema_value_among(const json_t *values, const json_t *value);
size_t cw_schema_value_characters(const char *text, size_t length); /* code points */
/* Exact in decimal: 0.0075 is a multiple of 0.0001. */
bool cw_schema_value_multiple_of(const json_t *value, const json_t *step);
unsigned cw_schema_value_types(const json_t *value);

/* ---- validate*.c ----------------------------------------------------------------------------- */

/* Where in the instance we are; on the stack, printed only when a fault is found. */
struct path {
    const struct path *parent;
    const char *name; /* NULL: index */
    size_t index;
};

struct scope { /* dynamic scope, innermost first */
    const struct scope *parent;
    const struct resource *resource;
};

/* Which members or items some keyword has looked at; a bit per member in iteration order. */
struct seen {
    size_t count;
    bool all;
    uint64_t small[2];
    uint64_t *bits; /* small, or heap */
};

struct run {
    const struct cw_schema *schema;
    const char *keyword;      /* of the next fault where its code does not tell; told once */
    struct cw_faults *faults; /* NULL: quiet, the first failure ends */
    bool counting;            /* with faults NULL: count every failure in `count` */
    size_t count;
    size_t steps; /* left */
    bool exhausted;
    bool peeks; /* as the schema; of the quick form */
    unsigned depth;
    pcre2_match_data *match_data;
    const struct quick_frame
        *frame; /* quick.h; of the object that schemas are applied to in place */
};

struct visit {
    struct run *run;
    const struct node *node;
    const json_t *instance;
    const struct path *path;
    const struct scope *scope;
    struct seen *seen; /* or NULL: nobody asks */
};

/* All of these return whether the instance passes. */
bool cw_schema_validate_node(struct run *run, const struct node *node, const json_t *instance,
                             const struct path *path, const struct scope *scope, struct seen *seen);
bool cw_schema_validate_scalar(struct visit *visit);
bool cw_schema_validate_array(struct visit *visit);
bool cw_schema_validate_object(struct visit *visit);
bool cw_schema_validate_in_place(struct visit *visit);
bool cw_schema_validate_unevaluated(struct visit *visit);
/* Index of an item equal to an earlier one, or the count. */
size_t cw_schema_find_repeat(struct run *run, const json_t *array);

/* Same instance, same path, no faults told. */
bool cw_schema_validate_quiet(const struct visit *visit, const struct node *node,
                              struct seen *seen);

static inline bool run_stops(const struct run *run) {
    return run->exhausted || (!run->faults && !run->counting);
}
bool cw_schema_run_step(struct run *run, size_t steps);
bool cw_schema_run_match(struct run *run, const pcre2_code *code, const char *text, size_t length);

void cw_schema_seen_init(struct seen *seen, const json_t *instance);
void cw_schema_seen_deinit(struct seen *seen);
void cw_schema_seen_mark(struct seen *seen, size_t i);
bool cw_schema_seen_has(const struct seen *seen, size_t i);
void cw_schema_seen_merge(struct seen *to, const struct seen *from);

/* ---- faults.c: sentences; each returns false ------------------------------------------------- */

bool cw_schema_fault_tell(const struct visit *visit, const struct path *path, const char *code,
                          const char *hint, const char *format, ...) CW_PRINTF(5, 6);
bool cw_schema_fault_type(const struct visit *visit);
bool cw_schema_fault_values(const struct visit *visit);
bool cw_schema_fault_unknown_member(const struct visit *visit, const struct path *path,
                                    const char *name);
bool cw_schema_fault_branches(const struct visit *visit, const struct node_list *branches,
                              const struct discriminator *by, const char *code);
void cw_schema_fault_budget(struct run *run, const struct path *path);
