/*
 * Product versions and stock that other processes wrote, followed second by second: the rows are
 * read in one short transaction, what is new is compiled outside it on a thread of its own, and the
 * loop admits it.
 */
#pragma once

#include "base/mailbox.h"
#include "catalog/catalog.h"
#include "catalog/stock.h"
#include "cordwain/store.h"

struct cw_discover;

struct cw_discover_config { /* all borrowed; outlives it */
    struct cw_store *store;
    struct cw_catalog *catalog;
    struct cw_stock *stock;
    struct cw_mailbox *mailbox;
    /* A row becomes a snapshot with its engine. May take seconds: on a thread that may wait, and
     * never inside a transaction. */
    enum cw_status (*load)(void *ctx, const struct cw_product_row *row,
                           struct cw_snapshot **ret_snapshot, struct cw_error *err);
    /* First loop: make it visible; the snapshot is borrowed. */
    enum cw_status (*admit)(void *ctx, struct cw_snapshot *snapshot, struct cw_error *err);
    void *ctx;
};

/* CW_E_IO "crew.threads", CW_E_NOMEM when the thread cannot be started. */
enum cw_status cw_discover_new(const struct cw_discover_config *config,
                               struct cw_discover **ret_discover, struct cw_error *err) CW_MUST_USE;

/**
 * Take in everything that is there, before requests are answered. A version that cannot be loaded
 * is logged and left out.
 * @units   none
 * @owner   nothing handed out; the catalog holds the snapshots
 * @errors  the store's
 * @cost    loads every version, one after the other; blocking: start-up only
 * @source  none
 */
enum cw_status cw_discover_now(struct cw_discover *discover, struct cw_error *err) CW_MUST_USE;

/* How many versions were refused so far: they are stored, and not in the catalog. */
size_t cw_discover_refused(const struct cw_discover *discover);

/* First loop, once a second: ask for what is new. Stock is followed even while a new version is
 * being loaded. What fails is asked for again at the next turn. */
void cw_discover_turn(struct cw_discover *discover);

/* Give up and wait for the end of what is being loaded (whoever loads has been told to give up), so
 * that all that is left lies in the mailbox or the store. NULL is fine; may be called twice. */
void cw_discover_stop(struct cw_discover *discover);
void cw_discover_free(struct cw_discover *discover); /* after the mailbox has delivered */
