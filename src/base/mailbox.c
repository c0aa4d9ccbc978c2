/*
 * Responsible for: handing work from any thread to one event loop.
 * Does not: know libevent; the loop watches the descriptor. Any process.
 */
#include "base/mailbox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mail {
    struct mail *next;
    cw_mail_fn fn;
    void *arg;
};

struct cw_mailbox {
    pthread_mutex_t lock; /* guards first and last */
    struct mail *first, *last;
    int fd;
};

struct cw_mailbox *cw_mailbox_new(void) {
    struct cw_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox) {
        return NULL;
    }
    mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->fd < 0) {
        free(mailbox);
        return NULL;
    }
    pthread_mutex_init(&mailbox->lock, NULL);
    return mailbox;
}

void cw_mailbox_free(struct cw_mailbox *mailbox) {
    if (!mailbox) {
        return;
    }
    for (struct mail *mail = mailbox->first; mail;) {
        struct mail *next = mail->next;
        free(mail);
        mail = next;
    }
    close(mailbox->fd);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

int cw_mailbox_fd(const struct cw_mailbox *mailbox) {
    return mailbox->fd;
}

void cw_mailbox_post(struct cw_mailbox *mailbox, cw_mail_fn fn, void *arg) {
    struct mail *mail = malloc(sizeof *mail);
    if (!mail) {
        abort(); /* losing an answer would hang its request for ever */
    }
    *mail = (struct mail){NULL, fn, arg};
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->last) {
        mailbox->last->next = mail;
    } else {
        mailbox->first = mail;
    }
    mailbox->last = mail;
    /* Inside the lock: the loop may free the mailbox as soon as it has seen the mail. */
    uint64_t one = 1;
    ssize_t written = write(mailbox->fd, &one, sizeof one);
    (void)written; /* full counter: the loop is awake already */
    pthread_mutex_unlock(&mailbox->lock);
}

size_t cw_mailbox_deliver(struct cw_mailbox *mailbox) {
    uint64_t count;
    size_t delivered = 0;
    ssize_t got = read(mailbox->fd, &count, sizeof count);
    (void)got;
    pthread_mutex_lock(&mailbox->lock);
    struct mail *mail = mailbox->first;
    mailbox->first = mailbox->last = NULL;
    pthread_mutex_unlock(&mailbox->lock);
    while (mail) {
        struct mail *next = mail->next;
        mail->fn(mail->arg);
        free(mail);
        mail = next;
        delivered++;
    }
    return delivered;
}
