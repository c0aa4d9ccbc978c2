/* Checking one value against its option; shared by the readers of JSON and of texts. */
#pragma once

#include "configure/configure.h"

/* Where one value is being read; faults go to `faults` at `pointer`. */
struct cw_value_reader {
    const struct cw_product *product;
    struct cw_arena *arena;
    struct cw_faults *faults;
    const char *pointer;
    const struct cw_option *option;
};

/* Index of the option, or CW_NONE. */
uint32_t cw_option_find(const struct cw_product *product, const char *id);
void cw_fault_unknown_option(struct cw_faults *faults, const struct cw_product *product,
                             const char *pointer, const char *id);

/* Nobody picks what follows from other options: fault "selection.derived". */
bool cw_value_is_derived(const struct cw_value_reader *reader);

/* Each returns false when it added a fault. */
bool cw_value_choice(const struct cw_value_reader *reader, const char *id, uint32_t *ret_choice);
bool cw_value_member(const struct cw_value_reader *reader, const char *id, uint64_t *set);
bool cw_value_count(const struct cw_value_reader *reader, uint64_t set);
bool cw_value_number(const struct cw_value_reader *reader, int64_t number);
bool cw_value_text(const struct cw_value_reader *reader, const char *text, size_t length,
                   const char **ret_text);
void cw_value_wrong_type(const struct cw_value_reader *reader);

/* The value it has while nothing speaks against it. */
struct cw_value cw_option_default(const struct cw_option *option);

/* Picks by option index -> ordered selection. */
void cw_selection_collect(const struct cw_product *product, const struct cw_value *values,
                          const bool *given, struct cw_arena *arena, struct cw_selection *ret);

/* ---- nearest.c ------------------------------------------------------------------------------- */
/* "did you mean 'a', 'b'?" for the ids nearest to `wrong`, or "". In the arena. */
const char *cw_nearest_hint(struct cw_arena *arena, const char *wrong, const char *const *ids,
                            size_t count);
