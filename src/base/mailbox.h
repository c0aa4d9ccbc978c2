/* Work handed from any thread to one event loop: a queue and an eventfd the loop watches. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct cw_mailbox;
typedef void (*cw_mail_fn)(void *arg);

struct cw_mailbox *cw_mailbox_new(void);
void cw_mailbox_free(struct cw_mailbox *mailbox);    /* undelivered mail is dropped */
int cw_mailbox_fd(const struct cw_mailbox *mailbox); /* readable when mail waits */
void cw_mailbox_post(struct cw_mailbox *mailbox, cw_mail_fn fn, void *arg); /* any thread */
/* Loop thread: runs all waiting mail; how much that was. */
size_t cw_mailbox_deliver(struct cw_mailbox *mailbox);
