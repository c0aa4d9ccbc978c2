/* Making an order: everything in one transaction, exactly once per idempotency key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cordwain/store.h"

struct cw_order_ids {
    const char *order_id;     /* ULID */
    const char *order_number; /* "CW-20261122-000042"; the day is UTC */
    int64_t created_ms;
};

struct cw_order_built {
    /* of `order` the builder fills document, currency and total_minor; the rest is set from the ids
     */
    struct cw_order_row order;
    /* of each spec the builder fills everything but order_id, state, newest, fence and the lease */
    struct cw_spec_row *specs;
    size_t spec_count;    /* ≥ 1 */
    const char *response; /* body of the 201; stored, and repeated to a repeated request */
    const char *location; /* "/v1/orders/<id>" */
};

/* Runs on the store's writer thread, inside the transaction: short, no I/O, touches only ctx and
 * arena. */
typedef enum cw_status (*cw_order_build_fn)(void *ctx, const struct cw_order_ids *ids,
                                            struct cw_arena *arena,
                                            struct cw_order_built *ret_built, struct cw_error *err);

struct cw_order_draft {
    const char *scope, *key; /* idempotency: route and caller; the header's value */
    const char *fingerprint; /* sha-256 of the canonical request body */
    const struct cw_artifact_row *artifacts;
    size_t artifact_count;
    cw_order_build_fn build;
    void *build_ctx;
};

struct cw_order_created {
    bool replayed;                   /* the key was answered before; nothing was written */
    int32_t http_status;             /* 201 */
    const char *response, *location; /* in the arena */
};

/* Argument of cw_order_create: fill the first three; `created` is written on CW_OK only. */
struct cw_order_creation {
    const struct cw_order_draft *draft;
    const struct cw_clock *clock;
    struct cw_arena *arena; /* the writer thread has it until `done` is delivered */
    struct cw_order_created created;
};

/**
 * Create the order, or repeat the first answer to the same request. A cw_txn_fn: hand it to
 * store->ops->write.
 * @param arg struct cw_order_creation
 * @units   ms since 1970 UTC
 * @owner   results live in creation->arena
 * @errors  CW_E_INPUT "idempotency.mismatch" (the key was used with another body); whatever the
 * builder returns; CW_E_BUSY "order.again" (the builder's spec id or serial was taken); the
 * store's. On any of them nothing is written.
 * @cost    one read when replayed; otherwise 4 + specs + artifacts writes and the builder
 * @source  draft-ietf-httpapi-idempotency-key-header-06 §2.6; docs/explanation/architecture.md "The
 * path of an order"
 */
enum cw_status cw_order_create(struct cw_txn *txn, void *arg, struct cw_error *err) CW_MUST_USE;
