/* What the loader's files share. The document has passed its schema before any of this runs: shapes
 * are certain, references and meanings are not. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cordwain/product.h"

/* Things with an id that others refer to. */
enum table {
    TABLE_MARKETS,
    TABLE_GROUPS,
    TABLE_OPTIONS,
    TABLE_RULES,
    TABLE_OVERLAYS,
    TABLE_TESTS,
    TABLE_PRICE_RULES,
    TABLE_COLOURS,
    TABLE_MATERIALS,
    TABLE_FONTS,
    TABLE_PATTERNS,
    TABLE_SURFACES,
    TABLE_PARTS,
    TABLE_VIEWS,
    TABLE_PRESETS,
    TABLE_BOM,
    TABLE_OPERATIONS,
    TABLE_CHECKS,
    TABLE_LABELS,
    TABLE_COUNT
};

struct id_list {
    size_t count;
    const char **ids;
    const uint32_t *by_id; /* indexes ordered by id, the same id in document order */
    const json_t *json;    /* the array */
    const char *pointer;   /* to the array */
};

struct loader {
    struct cw_arena *arena;   /* the product's */
    struct cw_faults *faults; /* its arena takes hints */
    struct cw_arena *paths;   /* JSON Pointers of what is being read; see cw_load_forget_paths */
    const json_t *document;
    struct cw_product *product;
    struct cw_option *options; /* product->options, while it is being built */
    struct id_list tables[TABLE_COUNT];
    struct id_list *choices; /* one per option */
};

/* ---- load_base.c: faults, texts, references -------------------------------------------------- */

void cw_load_fault(struct loader *loader, const char *code, const char *pointer, const char *hint,
                   const char *format, ...) CW_PRINTF(5, 6);

const char *cw_load_at(struct loader *loader, const char *pointer, const char *name);
const char *cw_load_at_index(struct loader *loader, const char *pointer, size_t index);
/* Between two items of a long list: every pointer made so far is given up (faults have copies). */
void cw_load_forget_paths(struct loader *loader, size_t item);

/* A member's string in the product's arena; "" when there is none. */
const char *cw_load_string(struct loader *loader, const json_t *object, const char *name);
/* A whole number, also when it is written 5.0 or 5e0. */
int64_t cw_load_whole(const json_t *value);
int64_t cw_load_integer(const json_t *object, const char *name, int64_t otherwise);
/* number × 1000, rounded */
int64_t cw_load_milli(const json_t *object, const char *name, int64_t otherwise_milli);
const char *const *cw_load_strings(struct loader *loader, const json_t *array, size_t *ret_count);

/* A text in all its languages, NFC; a declared locale it lacks is a fault. Empty when absent. */
struct cw_l10n cw_load_text(struct loader *loader, const json_t *object, const char *name,
                            const char *pointer);

/* Put a list's ids in order and find one: its first index, or CW_NONE. */
void cw_load_order(struct cw_arena *arena, struct id_list *list);
uint32_t cw_load_find(const struct id_list *list, const char *id);
/* Whether an earlier item has the same id. */
bool cw_load_is_repeat(const struct id_list *list, size_t item);

/* Collect every table's ids; duplicates and reserved words are faults. */
void cw_load_ids(struct loader *loader);

/* Index of an id, CW_NONE and a "reference.…" fault when there is none. */
uint32_t cw_load_reference(struct loader *loader, enum table table, const char *id,
                           const char *pointer);
/* The same for a member; CW_NONE without a fault when the member is absent. */
uint32_t cw_load_member_reference(struct loader *loader, enum table table, const json_t *object,
                                  const char *name, const char *pointer);

/* Choice of an option by id; CW_NONE and fault "reference.choice". */
uint32_t cw_load_choice(struct loader *loader, const struct cw_option *option, const char *id,
                        const char *pointer);

/* {"option": id} or {"id": id}: exactly one of the two comes back set. `kind` is the option's. */
struct source {
    uint32_t option, fixed;
};
struct source cw_load_source(struct loader *loader, const json_t *source, enum table table,
                             const char *pointer);

/* Fault "option.kind" when the option is of another kind; CW_NONE is fine. */
bool cw_load_wants_kind(struct loader *loader, uint32_t option, enum cw_option_kind kind,
                        const char *pointer);

/* Fault "feed.material" or "feed.colour" for each choice of the option that gives none. */
enum fed { FED_MATERIAL, FED_COLOUR };
void cw_load_check_fed(struct loader *loader, uint32_t option, enum fed fed, const char *pointer);

/* The path data of a member in the schema's subset of SVG 2 §9.3: fault "path.syntax", with the
 * byte where reading ends, or "path.outside" of a box [x, y, w, h] with x and w across. */
void cw_load_check_path(struct loader *loader, const char *data, const int32_t box_um[4],
                        const char *pointer);

void cw_load_check_date(struct loader *loader, const char *date, const char *pointer);
/* GS1 General Specifications §7.9: modulo 10 check digit. */
void cw_load_check_gs1(struct loader *loader, const char *number, const char *code,
                       const char *pointer);

/* ---- the document's sections ----------------------------------------------------------------- */

void cw_load_tables(struct loader *loader);   /* colours, materials, fonts, patterns */
void cw_load_surfaces(struct loader *loader); /* after the options */
void cw_load_options(struct loader *loader);  /* without conditions */
void cw_load_option_conditions(struct loader *loader);
void cw_load_text_rule(struct loader *loader, const json_t *json, struct cw_option *option,
                       const char *pointer);
void cw_load_text_feeds(struct loader *loader, const json_t *json, struct cw_option *option,
                        const char *pointer);
void cw_load_attributes(struct loader *loader, const json_t *json, size_t *ret_count,
                        const struct cw_attribute **ret_attributes);
void cw_load_derive(struct loader *loader, const json_t *json, struct cw_option *option,
                    const char *pointer);
void cw_load_rules(struct loader *loader);
void cw_load_overlays(struct loader *loader);
void cw_load_tests(struct loader *loader); /* after the rules */
void cw_load_pricing(struct loader *loader);
void cw_load_parts(struct loader *loader);
void cw_load_views(struct loader *loader); /* views, pattern uses, presets */
void cw_load_layers(struct loader *loader, const json_t *json, const char *pointer,
                    struct cw_view *ret);
void cw_load_manufacturing(struct loader *loader);

/* One cell of a table: a choice, a list of them, true, false or "*"; else fault "rule.cell". */
void cw_load_cell(struct loader *loader, const struct cw_option *option, const json_t *cell,
                  const char *pointer, struct cw_choice_mask *mask);
/* Ids of options; where one is neither choice nor flag: fault "option.kind". */
const uint32_t *cw_load_table_options(struct loader *loader, const json_t *list,
                                      const char *pointer);

/* Picks as in a selection; wrong values are faults with `code`. */
struct cw_preset_pick *cw_load_picks(struct loader *loader, const json_t *object, const char *code,
                                     const char *pointer, size_t *ret_count);
void cw_load_refuse_derived(struct loader *loader, const struct cw_preset_pick *picks, size_t count,
                            const char *code, const char *pointer);

/* A value as in a selection: choice id, true/false, integer, text, list; else a fault with `code`.
 */
bool cw_load_value_fits(struct loader *loader, const struct cw_option *option, const json_t *value,
                        const char *code, const char *pointer);

/* ---- load_conditions.c ----------------------------------------------------------------------- */

/* The member's condition in the arena; NULL when absent or wrong. */
const struct cw_cond *cw_load_condition(struct loader *loader, const json_t *object,
                                        const char *name, const char *pointer);
/* One condition; false when it was wrong (the faults are told). */
bool cw_load_condition_into(struct loader *loader, const json_t *json, const char *pointer,
                            struct cw_cond *ret_cond);
/* Every option a condition looks at; may tell one several times. */
void cw_load_each_option(const struct cw_cond *cond, void (*tell)(void *arg, uint32_t option),
                         void *arg);

/* ---- load_cycles.c --------------------------------------------------------------------------- */

/* Fault "cycle.active" or "cycle.derive" for every option that depends on itself. */
void cw_load_check_cycles(struct loader *loader);
