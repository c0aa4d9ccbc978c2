/*
 * The store as the steps see it: transactions run on the store's own threads, typed rows inside.
 *
 * A write function runs on the writer thread inside a transaction (a savepoint of a group commit).
 * When it returns CW_OK its effect is flushed to disk before `done` is posted to the caller's loop
 * with CW_OK; any other status rolls its effect back and `done` gets that status and error. Reads
 * run on reader threads on a consistent snapshot. Rows are plain; strings returned live in the
 * arena given. `fn` must not keep `txn`, must not block on anything else, and touches only its own
 * `arg`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/mailbox.h"

struct cw_store;
struct cw_txn;

typedef enum cw_status (*cw_txn_fn)(struct cw_txn *txn, void *arg, struct cw_error *err);
typedef void (*cw_txn_done)(void *arg, enum cw_status status, const struct cw_error *err);

/* ---- rows ------------------------------------------------------------------------------------ */

struct cw_product_row {
    const char *id, *version, *digest;
    const char *document;
    size_t document_length; /* canonical JSON */
    const char *art_digest;
    int64_t published_ms;
    int64_t seq; /* grows with each publish, over all products */
};

struct cw_design_row {
    const char *id; /* proquint */
    const char *product, *version;
    const char *selections; /* canonical JSON object */
    const char *digest;     /* of the resolved configuration */
    const char *locale;
    int64_t created_ms;
};

struct cw_design_range {            /* designs of a product by id, after one */
    const char *product, *after_id; /* "": from the first */
    size_t max;
};

struct cw_idempotency_row {
    const char *scope, *key; /* scope: route + caller */
    const char *fingerprint; /* sha-256 of the canonical request body */
    int32_t http_status;
    const char *response; /* body as first answered */
    const char *location; /* or "" */
    int64_t created_ms;
};

struct cw_order_row {
    const char *id, *number; /* ULID; "CW-20261122-000042" */
    const char *state;       /* the order's own: see orders/state.h */
    const char *document;    /* canonical JSON as the shopper may read it */
    const char *currency;
    int64_t total_minor;
    int64_t created_ms;
    int64_t seq;
};

struct cw_spec_row {
    const char *id;
    int32_t revision; /* newest revision of a spec has newest = true */
    bool newest;
    const char *order_id;
    int32_t line;
    const char *facility_id;
    const char *serial;
    const char *state; /* facility protocol state */
    const char *digest;
    const char *document;
    size_t document_length;   /* JCS bytes, signed */
    const char *work_centres; /* ",KNIT,PACK," for filtering */
    int32_t priority;
    int64_t ship_by_ms, created_ms;
    int64_t fence;
    const char *lease_id;
    int64_t lease_until_ms;  /* "" and 0: none */
    int32_t reads;           /* leases that ran out before accept */
    const char *hold_from;   /* state to return to from hold; "" otherwise */
    const char *cancel_from; /* the same for cancel_requested */
    int64_t updated_ms;      /* of the last change of state */
};

struct cw_event_row { /* append-only history of a spec */
    const char *spec_id;
    int64_t seq;
    const char *event_id; /* facility's own; unique per spec */
    const char *fingerprint;
    const char *from, *to;
    const char *body;     /* JSON as sent */
    const char *response; /* first answer, JSON */
    int64_t at_ms;
};

struct cw_artifact_row { /* content-addressed, immutable: artwork PDF … */
    const char *digest, *mime;
    const void *data;
    size_t length;
};

struct cw_artwork_row { /* a shopper's picture; its pixels are files */
    const char *id;     /* unguessable: see src/api/artworks.c */
    const char *kind;   /* what was uploaded: "png", "jpeg" */
    const char *digest; /* of the normalised form, which names the files */
    const char *file_digest;
    int64_t width_px, height_px, file_bytes, disk_bytes;
    int64_t created_ms;
};

struct cw_artwork_range { /* pictures whose digest begins like this */
    const char *from, *below;
    int64_t before_ms; /* put, or put again, before */
};

struct cw_key_row {
    const char *id;                             /* public part */
    const char *hash;                           /* sha-256 hex of the whole secret */
    const char *name, *scopes;                  /* "specs:pull:FAC-PT-03 products:write" */
    int64_t created_ms, expires_ms, revoked_ms; /* 0: never */
};

struct cw_stock_row {
    const char *item;
    bool available;
    int64_t changed_ms;
};

struct cw_outbox_row {
    int64_t seq;
    const char *kind, *subject, *body;
    int64_t created_ms;
};

struct cw_spec_queue {                     /* what to lease */
    const char *facility_id, *work_centre; /* "" for any */
    int64_t ship_before_ms;                /* 0: any */
    size_t max;
};

/* ---- operations inside a transaction --------------------------------------------------------- */
/* get: CW_E_NOT_FOUND "store.not_found". put: CW_E_CONFLICT "store.exists" on a taken key. list:
 * arrays in the arena. Every `seq` is given by the store; put ignores the one in the row. Text
 * members that are NULL are stored as "". */

struct cw_txn_ops {
    enum cw_status (*product_put)(struct cw_txn *, const struct cw_product_row *,
                                  struct cw_error *);
    enum cw_status (*product_get)(struct cw_txn *, struct cw_arena *, const char *id,
                                  const char *version /* NULL: newest */,
                                  struct cw_product_row *ret, struct cw_error *);
    enum cw_status (*product_list)(struct cw_txn *, struct cw_arena *, int64_t after_seq,
                                   struct cw_product_row **ret, size_t *ret_count,
                                   struct cw_error *);
    enum cw_status (*design_put)(struct cw_txn *, const struct cw_design_row *, struct cw_error *);
    enum cw_status (*design_get)(struct cw_txn *, struct cw_arena *, const char *id,
                                 struct cw_design_row *ret, struct cw_error *);
    /* by id; fewer than range->max: there are no more */
    enum cw_status (*design_list)(struct cw_txn *, struct cw_arena *,
                                  const struct cw_design_range *range, struct cw_design_row **ret,
                                  size_t *ret_count, struct cw_error *);
    enum cw_status (*idempotency_put)(struct cw_txn *, const struct cw_idempotency_row *,
                                      struct cw_error *);
    enum cw_status (*idempotency_get)(struct cw_txn *, struct cw_arena *, const char *scope,
                                      const char *key, struct cw_idempotency_row *ret,
                                      struct cw_error *);
    enum cw_status (*order_next_number)(struct cw_txn *, const char *day, int64_t *ret_number,
                                        struct cw_error *);
    enum cw_status (*order_put)(struct cw_txn *, const struct cw_order_row *, struct cw_error *);
    enum cw_status (*order_get)(struct cw_txn *, struct cw_arena *, const char *id,
                                struct cw_order_row *ret, struct cw_error *);
    enum cw_status (*order_list)(struct cw_txn *, struct cw_arena *,
                                 int64_t before_seq /* 0: newest */, size_t max,
                                 struct cw_order_row **ret, size_t *ret_count, struct cw_error *);
    enum cw_status (*order_set_state)(struct cw_txn *, const char *id, const char *state,
                                      struct cw_error *);
    enum cw_status (*spec_put)(struct cw_txn *, const struct cw_spec_row *, struct cw_error *);
    enum cw_status (*spec_get)(struct cw_txn *, struct cw_arena *, const char *id,
                               int32_t revision /* 0: newest */, struct cw_spec_row *ret,
                               struct cw_error *);
    enum cw_status (*spec_by_lease)(struct cw_txn *, struct cw_arena *, const char *lease_id,
                                    struct cw_spec_row *ret, struct cw_error *);
    enum cw_status (*spec_by_order)(struct cw_txn *, struct cw_arena *, const char *order_id,
                                    struct cw_spec_row **ret, size_t *ret_count, struct cw_error *);
    /* queued specs by priority (high first), shipBy, age */
    enum cw_status (*spec_queue)(struct cw_txn *, struct cw_arena *, const struct cw_spec_queue *,
                                 struct cw_spec_row **ret, size_t *ret_count, struct cw_error *);
    /* every newest spec of a facility in one of the states (NULL-terminated; NULL: all), newest
     * first */
    enum cw_status (*spec_list)(struct cw_txn *, struct cw_arena *, const char *facility_id,
                                const char *const *states, size_t max, struct cw_spec_row **ret,
                                size_t *ret_count, struct cw_error *);
    /* leased specs whose lease ended at or before now */
    enum cw_status (*spec_expired)(struct cw_txn *, struct cw_arena *, int64_t now_ms,
                                   struct cw_spec_row **ret, size_t *ret_count, struct cw_error *);
    /* writes state, fence, lease_id, lease_until_ms, reads, serial, newest, hold_from, cancel_from,
     * updated_ms of (id, revision) */
    enum cw_status (*spec_update)(struct cw_txn *, const struct cw_spec_row *, struct cw_error *);
    enum cw_status (*event_put)(struct cw_txn *, const struct cw_event_row *, struct cw_error *);
    enum cw_status (*event_get)(struct cw_txn *, struct cw_arena *, const char *spec_id,
                                const char *event_id, struct cw_event_row *ret, struct cw_error *);
    enum cw_status (*event_list)(struct cw_txn *, struct cw_arena *, const char *spec_id,
                                 struct cw_event_row **ret, size_t *ret_count, struct cw_error *);
    enum cw_status (*artifact_put)(struct cw_txn *, const struct cw_artifact_row *,
                                   struct cw_error *); /* existing digest: CW_OK */
    enum cw_status (*artifact_get)(struct cw_txn *, struct cw_arena *, const char *digest,
                                   struct cw_artifact_row *ret, struct cw_error *);
    enum cw_status (*artwork_put)(struct cw_txn *, const struct cw_artwork_row *,
                                  struct cw_error *); /* existing id: only its time is new */
    enum cw_status (*artwork_get)(struct cw_txn *, struct cw_arena *, const char *id,
                                  struct cw_artwork_row *ret, struct cw_error *);
    enum cw_status (*artwork_by_file)(struct cw_txn *, struct cw_arena *, const char *file_digest,
                                      struct cw_artwork_row *ret, struct cw_error *);
    /* a design or an order names it now, so it stays for good; CW_E_NOT_FOUND */
    enum cw_status (*artwork_hold)(struct cw_txn *, const char *id, struct cw_error *);
    /* digests of the pictures below one folder of picture_keep.h, each once, in order */
    enum cw_status (*artwork_digests)(struct cw_txn *, struct cw_arena *,
                                      const struct cw_artwork_range *, const char ***ret,
                                      size_t *ret_count, struct cw_error *);
    /* those of them that nothing holds and that are older: how many, and away with them */
    enum cw_status (*artwork_expired)(struct cw_txn *, const struct cw_artwork_range *,
                                      int64_t *ret_count, struct cw_error *);
    enum cw_status (*artwork_expire)(struct cw_txn *, const struct cw_artwork_range *,
                                     struct cw_error *);
    /* what all pictures take on disk */
    enum cw_status (*artwork_bytes)(struct cw_txn *, int64_t *ret_bytes, struct cw_error *);
    enum cw_status (*key_put)(struct cw_txn *, const struct cw_key_row *, struct cw_error *);
    enum cw_status (*key_by_hash)(struct cw_txn *, struct cw_arena *, const char *hash,
                                  struct cw_key_row *ret, struct cw_error *);
    enum cw_status (*key_list)(struct cw_txn *, struct cw_arena *, struct cw_key_row **ret,
                               size_t *ret_count, struct cw_error *);
    enum cw_status (*key_revoke)(struct cw_txn *, const char *id, int64_t now_ms,
                                 struct cw_error *);
    /* puts or changes; CW_E_LIMIT "stock.too_many" for a new item above CW_STOCK_ITEMS */
    enum cw_status (*stock_put)(struct cw_txn *, const struct cw_stock_row *, struct cw_error *);
    enum cw_status (*stock_get)(struct cw_txn *, struct cw_arena *, const char *item,
                                struct cw_stock_row *ret, struct cw_error *);
    /* by item */
    enum cw_status (*stock_list)(struct cw_txn *, struct cw_arena *, bool out_only,
                                 struct cw_stock_row **ret, size_t *ret_count, struct cw_error *);
    enum cw_status (*outbox_put)(struct cw_txn *, const struct cw_outbox_row *, struct cw_error *);
};

/* Every txn starts with its table. */
struct cw_txn {
    const struct cw_txn_ops *ops;
};

struct cw_store_ops {
    /* CW_E_BUSY "store.busy" when the queue (CW_STORE_QUEUE) is full: done is then not called.
     * `done` is posted to `mailbox`. */
    enum cw_status (*write)(struct cw_store *, cw_txn_fn fn, cw_txn_done done, void *arg,
                            struct cw_mailbox *, struct cw_error *);
    enum cw_status (*read)(struct cw_store *, cw_txn_fn fn, cw_txn_done done, void *arg,
                           struct cw_mailbox *, struct cw_error *);
    /* The same, waiting for the result: command line, start-up and tests only, never on a loop. */
    enum cw_status (*write_wait)(struct cw_store *, cw_txn_fn fn, void *arg, struct cw_error *);
    enum cw_status (*read_wait)(struct cw_store *, cw_txn_fn fn, void *arg, struct cw_error *);
    void (*free)(struct cw_store *); /* drains the queue, joins the threads */
};

/* Every store starts with its table. src/store opens one: cw_store_sqlite_open(path, clock, &store,
 * err). */
struct cw_store {
    const struct cw_store_ops *ops;
};
