/*
 * The event loops, each with a thread, a mailbox, an api and an HTTP server of its own. The first
 * is the main thread's and also does what a process does once: signals, previews, new products.
 * What they share is handed to them; one loop reaches another by its mailbox only.
 *
 *   new → (what lives in the first loop is made) → listen → start → run → close → deliver → free
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "base/mailbox.h"
#include "http/http.h"

struct cw_loops;

/* As many as this process may use cores, at most CW_HTTP_LOOPS. */
unsigned cw_loops_per_core(void);

/* `count` bases and mailboxes, 1 to CW_HTTP_LOOPS; nothing runs yet. CW_E_NOMEM "app.events". */
enum cw_status cw_loops_new(unsigned count, struct cw_loops **ret_loops,
                            struct cw_error *err) CW_MUST_USE;

/* Of the first loop; borrowed. The api is NULL before cw_loops_listen. */
struct event_base *cw_loops_base(const struct cw_loops *loops);
struct cw_mailbox *cw_loops_mailbox(const struct cw_loops *loops);
struct cw_api *cw_loops_api(const struct cw_loops *loops);

/**
 * Give every loop its api and its listening server. The address is bound by the first alone and
 * joined by the others; a socket that was passed is accepted from by all of them.
 * @param shared borrowed; outlives the loops
 * @param http   of every loop; ctx and with are set here, take_socket is taken
 * @units   none
 * @owner   the loops own apis and servers
 * @errors  those of cw_api_new and cw_http_server_new
 * @cost    none worth naming; before any loop runs
 * @source  socket(7) SO_REUSEPORT
 */
enum cw_status cw_loops_listen(struct cw_loops *loops, struct cw_api_shared *shared,
                               const struct cw_http_config *http, struct cw_error *err) CW_MUST_USE;

uint16_t cw_loops_port(const struct cw_loops *loops);

/* The threads of all but the first loop, which block all signals. CW_E_IO "app.threads". */
enum cw_status cw_loops_start(struct cw_loops *loops, struct cw_error *err) CW_MUST_USE;

/* Run the first loop here until all are drained, and wait for the others' ends. */
void cw_loops_run(struct cw_loops *loops);

/* In the first loop: all stop listening and serve whom they have to the end; what is left after
 * limit_ms is cut. May be called again; nothing happens then. */
void cw_loops_drain(struct cw_loops *loops, unsigned limit_ms);

/* Open connections of all loops; any thread. */
size_t cw_loops_connections(const struct cw_loops *loops);

/* No loop runs any more: no connections, and nobody waits for pictures. NULL is fine. */
void cw_loops_close(struct cw_loops *loops);

/* No loop runs any more: deliver all that lies in the mailboxes, and what comes of that. NULL is
 * fine. */
void cw_loops_deliver(struct cw_loops *loops);

/* After cw_loops_deliver, and before what the first loop's base carried is freed with it. NULL is
 * fine. */
void cw_loops_free(struct cw_loops *loops);
