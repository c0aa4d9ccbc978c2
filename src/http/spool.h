/*
 * A request body that does not fit in memory: kept there up to a bound, beyond it in a temporary
 * file without a name that is written by a crew's thread, never by the loop. A ready-made consumer
 * for cw_request_stream.
 *
 *   before:   cw_spool_attach(req, &config, &spool, err), then cw_request_proceed(req)
 *   handler:  cw_spool_bytes(spool, &bytes) or cw_spool_file(spool)
 */
#pragma once

#include "base/crew.h"
#include "http/http.h"

struct cw_spool;

struct cw_spool_config {
    size_t memory_bytes;        /* a longer body goes to the file, whole */
    const char *folder;         /* where the file is made; borrowed */
    struct cw_crew *crew;       /* writes the file; borrowed */
    struct cw_mailbox *mailbox; /* of the server's loop; borrowed */
};

/**
 * Receive this request's body; only from `before`. When the client leaves, file and memory go.
 * @param config    copied
 * @param ret_spool lives as long as req->arena
 * @units   bytes
 * @owner   req->arena
 * @errors  CW_E_NOMEM. Later answered to the client: CW_E_BUSY "crew.busy" (too many writes wait),
 *          CW_E_IO "http.spool" (no file, disk full)
 * @cost    O(1) here; each 64 kB piece beyond memory_bytes is one job of the crew, and the client
 * is paused while it runs
 * @source  none
 */
enum cw_status cw_spool_attach(struct cw_request *req, const struct cw_spool_config *config,
                               struct cw_spool **ret_spool, struct cw_error *err) CW_MUST_USE;

/* The body when it is in memory (true), borrowed from the arena; false: it is in the file. Only
 * from the handler on. */
bool cw_spool_bytes(const struct cw_spool *spool, struct cw_bytes *ret_bytes);

/* The file's descriptor, at offset 0, open for reading and writing; -1 when the body is in memory.
 * Closed with the arena: dup it to keep it. Only from the handler on. */
int cw_spool_file(const struct cw_spool *spool);
