/* The server: everything opened, joined, run and closed again. */
#pragma once

#include "app/config.h"
#include "app/paths.h"

/**
 * Serve until SIGTERM or SIGINT, then finish what is in flight.
 * Prints "ready http://host:port" on standard output once requests are accepted.
 * @param demo  also seed the demo products and print a designer and a facility key first
 * @units   none
 * @owner   none
 * @errors  whatever start-up met: CW_E_IO "http.listen", the store's, CW_E_TIMEOUT
 * "render.starting" …
 * @cost    blocks until the end
 * @source  docs/explanation/architecture.md "Processes"
 */
enum cw_status cw_serve(const struct cw_config *config, const struct cw_paths *paths, bool demo,
                        struct cw_error *err) CW_MUST_USE;
