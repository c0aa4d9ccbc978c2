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
    uint64_t work; /* what was done, in units that are the same on every machine */
};

/* When to end: whatever comes first. Zero: no limit. */
struct cw_search_limits {
    const struct cw_compile_budget *budget; /* but for wall_ms */
    uint64_t deadline_ns;                   /* of the monotonic clock: out of time */
    uint64_t work;                          /* the same outcome, but at the same point always */
};

void cw_search(const struct cw_prepared *prepared, const struct cw_order *order,
               const struct cw_search_limits *limits, struct cw_attempt *ret);
/* The diagram of a model that has no configuration. */
void cw_search_void(const struct cw_model *model, struct cw_attempt *ret);
