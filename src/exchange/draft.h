/*
 * A product document while it is made: options and rules only, a line each, members in the order of
 * RFC 8785. Conditions are handed in as JSON texts of our own making.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* Zero-initialise; cw_draft_deinit frees it. */
struct cw_draft {
    struct cw_buf options, rules;
    size_t option_count, rule_count;
};
void cw_draft_deinit(struct cw_draft *draft);
#define CW_AUTO_DRAFT __attribute__((cleanup(cw_draft_deinit)))

/* What every option has. */
struct cw_draft_option {
    const char *id, *title;
    const char *active_if;  /* condition, or NULL: always */
    const char *attributes; /* JSON object, or NULL */
    bool preferred;         /* a flag: true by default */
};
void cw_draft_flag(struct cw_draft *draft, const struct cw_draft_option *option);
/* `choices` is a JSON array; cw_draft_put_choice writes one item. attributes may be NULL. */
void cw_draft_put_choice(struct cw_buf *buf, const char *id, const char *title,
                         const char *attributes);
void cw_draft_choice(struct cw_draft *draft, const struct cw_draft_option *option,
                     const char *choices, const char *preferred);
struct cw_draft_range {
    int64_t min, max, step;
};
void cw_draft_number(struct cw_draft *draft, const struct cw_draft_option *option,
                     struct cw_draft_range range);

/* Put the options of another draft behind. */
void cw_draft_append_options(struct cw_draft *draft, const struct cw_draft *more);

struct cw_draft_rule {
    const char *id, *message;
};
void cw_draft_formula(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *expr);
void cw_draft_requires(struct cw_draft *draft, const struct cw_draft_rule *rule,
                       const char *condition, const char *then);
void cw_draft_iff(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *left,
                  const char *right);
/* `of` is a JSON array of conditions. */
void cw_draft_cardinality(struct cw_draft *draft, const struct cw_draft_rule *rule, const char *of,
                          struct cw_draft_range range);
struct cw_draft_sum {
    const char *attribute, *of, *op; /* `of` is a JSON array of option ids */
    int64_t value;
};
void cw_draft_sum(struct cw_draft *draft, const struct cw_draft_rule *rule,
                  const struct cw_draft_sum *sum);

/* A text in at most `limit` bytes, cut between characters and with "…" when it is longer. */
void cw_draft_cut(struct cw_buf *buf, const char *text, size_t limit);

/* Append the whole document. CW_E_LIMIT "exchange.too_large": more than a product may have. */
enum cw_status cw_draft_write(const struct cw_draft *draft, const char *id, const char *title,
                              struct cw_buf *ret_document, struct cw_error *err) CW_MUST_USE;

/* A title from a file name: without folders and the last ending, printable. In the arena. */
struct cw_arena;
const char *cw_draft_file_stem(struct cw_arena *arena, const char *file);

/* Every import begins so: false, with the fault "exchange.encoding" at the first byte that is no
 * UTF-8 or is NUL. */
bool cw_spot_check_encoding(const char *text, size_t length, struct cw_faults *faults);

/* A fault at a place of the model. */
struct cw_spot {
    size_t line, column; /* from 1; column in bytes */
};
void cw_spot_fault(struct cw_faults *faults, const char *code, struct cw_spot spot,
                   const char *hint, const char *format, ...) CW_PRINTF(5, 6);
