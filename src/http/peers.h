/* Open connections per client address, of all loops together. Any thread, but for _free. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct cw_peers;
struct cw_peer; /* one address with at least one connection */

struct cw_peers *cw_peers_new(void); /* NULL: out of memory */
void cw_peers_free(struct cw_peers *peers);

/* Count one more connection of an IPv4 address or IPv6 /64; NULL when `max` are open already (or
 * memory is out). */
struct cw_peer *cw_peers_enter(struct cw_peers *peers, const struct sockaddr *address, size_t max);
void cw_peers_leave(struct cw_peers *peers, struct cw_peer *peer); /* NULL is fine */

/* Addresses with a connection. */
size_t cw_peers_count(struct cw_peers *peers);
