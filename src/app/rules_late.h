/*
 * Second tries: rules that did not compile before their version went live are compiled in the
 * background, with more time and little priority, and take the place of the SAT tier when done.
 */
#pragma once

#include "app/rules.h"
#include "base/mailbox.h"

struct cw_late;

struct cw_late_config { /* all borrowed; outlives the late one */
    const struct cw_paths *paths;
    uint32_t retry_ms; /* 0: never try */
    struct cw_mailbox *mailbox;
    /* First loop: the same version with compiled rules; borrowed. */
    void (*compiled)(void *ctx, struct cw_snapshot *snapshot);
    void *ctx;
};

/* CW_E_IO, CW_E_NOMEM when the thread cannot be started. */
enum cw_status cw_late_new(const struct cw_late_config *config, struct cw_late **ret_late,
                           struct cw_error *err) CW_MUST_USE;

/* Any loop: a version is live; nothing happens when its rules are compiled, or were tried as
 * long before. */
void cw_late_try(struct cw_late *late, struct cw_snapshot *snapshot);

/* Give up what is under way and wait for its end, so that all that is left lies in the mailbox.
 * NULL is fine; may be called twice. */
void cw_late_stop(struct cw_late *late);
void cw_late_free(struct cw_late *late); /* after the mailbox has delivered */
