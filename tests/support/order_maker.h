/* Order drafts with a small builder, and what is in the store about orders. For tests only. */
#pragma once

#include "orders/create.h"

struct cw_order_maker {
    size_t specs;        /* lines to make; 0 counts as 1 */
    enum cw_status fail; /* the builder's status */
    const char *serial;  /* NULL: made from the order's number */
    int built;           /* how often the builder ran */
};

/* A draft with one artifact; every text in the arena. */
struct cw_order_draft cw_order_maker_draft(struct cw_order_maker *maker, struct cw_arena *arena,
                                           const char *key, const char *fingerprint);

struct cw_order_census {
    size_t orders, specs;
    struct cw_order_row *rows; /* newest first */
};
/* Argument of cw_order_census_read: arena in, census out. */
struct cw_order_counting {
    struct cw_arena *arena;
    struct cw_order_census census;
};
/* A cw_txn_fn. Fails with CW_E_BUG when an order has no specs. */
enum cw_status cw_order_census_read(struct cw_txn *txn, void *arg, struct cw_error *err);
