/* The demo: three products and two keys. */
#pragma once

#include "app/rules.h"
#include "cordwain/store.h"

/**
 * Publish the demo products (schemas/products) and, once per data folder, make a designer and a
 * facility key; prints both keys on standard output. Doing it again changes nothing and prints the
 * same keys, which lie in <data>/keys/demo.json (mode 0600).
 * @units none @owner none @errors those of cw_publish_file and cw_key_create @cost seconds the
 * first time
 * @source none
 */
enum cw_status cw_demo_seed(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                            struct cw_store *store, struct cw_error *err) CW_MUST_USE;
