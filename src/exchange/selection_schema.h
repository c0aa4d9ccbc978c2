/* A selection schema under way: what its files share. Inside src/exchange only. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "cordwain/product.h"

struct cw_selection_writer {
    const struct cw_product *product;
    struct cw_arena *arena;
    struct cw_buf defs;  /* members of $defs, each with a comma before it */
    struct cw_buf notes; /* what the schema does not say, "; " between */
    size_t note_count;
    struct cw_buf all; /* items of allOf, each with a comma before it */
};

/* ---- selection_conditions.c ------------------------------------------------------------------ */

/*
 * Append a schema, without a name, that a selection fits exactly while the condition holds; NULL
 * is true. Ids need no escapes: the product's schema leaves them a-z, 0-9 and . _ - only.
 */
void cw_selection_put_cond(const struct cw_selection_writer *writer, const struct cw_cond *cond,
                           struct cw_buf *buf);
/* "The option is active and its value (of a multi: some member) is in the mask." */
void cw_selection_put_mask(const struct cw_selection_writer *writer, uint32_t option,
                           const struct cw_choice_mask *mask, struct cw_buf *buf);
void cw_selection_put_active(const struct cw_selection_writer *writer, uint32_t option,
                             struct cw_buf *buf);
void cw_selection_put_present(const struct cw_selection_writer *writer, uint32_t option,
                              struct cw_buf *buf);

/* Rows of a table: which options, and what an inactive one fits. */
struct cw_selection_table {
    const uint32_t *options;
    size_t option_count;
    bool inactive_fits; /* every cell; else only "*" */
};
/* "The row holds." */
void cw_selection_put_row(const struct cw_selection_writer *writer,
                          const struct cw_selection_table *table,
                          const struct cw_choice_mask *masks, struct cw_buf *buf);

/* ---- selection_rules.c, selection_count.c ---------------------------------------------------- */

/* Append to `all` and `defs` what every rule demands; rules that cannot be said are noted. */
void cw_selection_put_rules(struct cw_selection_writer *writer);

/*
 * The rule counts conditions or adds attributes: append the schema of it, and its states to
 * ret_defs. False when it cannot be said.
 */
bool cw_selection_put_count(const struct cw_selection_writer *writer, const struct cw_rule *rule,
                            struct cw_buf *buf, struct cw_buf *ret_defs);

void cw_selection_note(struct cw_selection_writer *writer, const char *format, ...) CW_PRINTF(2, 3);
