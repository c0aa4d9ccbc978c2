/* Shoppers' pictures that nobody saved or ordered are removed after a time. */
#pragma once

#include <stdatomic.h>

#include "base/crew.h"
#include "cordwain/store.h"

struct cw_picture_sweep {
    struct cw_store *store;
    const char *folder; /* of preview/picture_keep.h */
    int64_t keep_ms;    /* a picture put, or put again, longer ago than this goes */
    atomic_bool *stop;  /* or NULL; true ends the sweep at the next folder */
};

struct cw_picture_swept {
    size_t pictures, files;
    size_t busy; /* folders that were left alone: an upload is under way, or the store is full */
};

/**
 * Look at every picture once. A row goes before its files: a crash between leaves files without a
 * row, which the next sweep removes when they are as old. A row whose `held` is set never goes,
 * and that is set in the transaction that stores what names it.
 * @param now_ms the wall clock
 * @param ret    written also on failure
 * @units   milliseconds
 * @owner   nothing kept
 * @errors  those of the store; the sweep goes on behind a folder's
 * @cost    256 short reads of the store, a write and unlinks where something is due; blocks
 * @source  docs/how-to/offer-pictures.md "How long pictures are kept"
 */
enum cw_status cw_pictures_sweep(const struct cw_picture_sweep *sweep, int64_t now_ms,
                                 struct cw_picture_swept *ret, struct cw_error *err) CW_MUST_USE;

/* Sweeps on a thread of its own: one at the first turn, then one every CW_ARTWORK_SWEEP_S. */
struct cw_sweeper;
/* Borrowed: all of it outlives the sweeper. CW_E_IO "crew.threads"; CW_E_NOMEM. */
enum cw_status cw_sweeper_new(const struct cw_picture_sweep *sweep, struct cw_mailbox *mailbox,
                              struct cw_sweeper **ret, struct cw_error *err) CW_MUST_USE;
/* On the loop whose mailbox it is, every second or so. NULL is fine. */
void cw_sweeper_turn(struct cw_sweeper *sweeper);
/* Waits for the folder at hand; nothing is posted after that. Before the store ends. */
void cw_sweeper_stop(struct cw_sweeper *sweeper);
/* After the mailbox was delivered. NULL is fine in both. */
void cw_sweeper_free(struct cw_sweeper *sweeper);
