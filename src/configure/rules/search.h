/* One attempt: a prepared model, one order, one diagram or the budget that ran out. */
#pragma once

#include "base/bytes.h"
#include "configure/rules/compile.h"
#include "configure/rules/order.h"
#include "configure/rules/prepare.h"

struct cw_attempt {
    enum cw_compile_outcome outcome;
    struct cw_buf file; /* COMPILED; the caller's */
    uint32_t node_count;
    uint64_t branch_count, bytes;
};

/* wall: the deadline [ns of the monotonic clock; 0: none] in place of wall_ms. */
void cw_search(const struct cw_prepared *prepared, const struct cw_order *order,
               const struct cw_compile_budget *budget, uint64_t deadline_ns,
               struct cw_attempt *ret);
/* The diagram of a model that has no configuration. */
void cw_search_void(const struct cw_model *model, struct cw_attempt *ret);
