/* The two small protocols between systemd and a service, without its library. Start-up only. */
#pragma once

#include <netinet/in.h>

#include "base/error.h"

struct cw_inherited {
    int fd;                      /* 0: none was passed */
    char host[INET6_ADDRSTRLEN]; /* what it is bound to, numeric */
};

/**
 * The listening socket that was passed to this process (socket activation), and forget about it:
 * programs started from here do not see the variables, and the socket is closed for them.
 * @param ret_inherited fd 0 when LISTEN_PID is not this process or LISTEN_FDS is absent
 * @units   none
 * @owner   the caller owns the socket
 * @errors  CW_E_INPUT "app.activation": more than one was passed, or it is no listening TCP socket
 * @cost    a few system calls; before any thread is started (it changes the environment)
 * @source  sd_listen_fds(3): the first socket is descriptor 3
 */
enum cw_status cw_systemd_listening(struct cw_inherited *ret_inherited,
                                    struct cw_error *err) CW_MUST_USE;

/* Tell the service manager, such as "READY=1"; nothing happens when $NOTIFY_SOCKET is not set or
 * nobody reads there. As sd_notify(3). */
void cw_systemd_notify(const char *state);
