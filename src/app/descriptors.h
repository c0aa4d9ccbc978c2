/* How many files the process may have open, and how many of them connections may take. */
#pragma once

#include <stddef.h>

/**
 * Raise the soft limit of open files as far as is of use, and say how many connections may be open.
 * @return  CW_HTTP_CONNECTIONS, or what is left of a lower hard limit when CW_DESCRIPTORS_OWN are
 *          kept for database, pictures and workers; of a very low one, half
 * @cost    two system calls; before threads are started
 * @source  setrlimit(2): a service gets 1,024 by default and may raise that itself (systemd.exec)
 */
size_t cw_connections_allowed(void);
