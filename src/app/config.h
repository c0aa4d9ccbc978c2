/* The configuration table: one row per setting; flags win over environment, environment over
 * defaults. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct cw_setting {
    const char *name;        /* flag without "--" */
    const char *environment; /* CORDWAIN_… */
    const char *fallback;
    const char *description;
};

/* Static. */
const struct cw_setting *cw_settings(size_t *ret_count);

struct cw_config {
    const char *host;
    unsigned port;
    const char *data;
    const char *redis;              /* "" for none */
    const char *base_url;           /* "" to use the Host of the request */
    const char *hosts;              /* "" for any */
    const char *cors;               /* "" for none */
    const char *tls_cert, *tls_key; /* both "": plain HTTP */
    unsigned drain_delay_ms;
    unsigned rate_limit;    /* requests per second of one caller; 0: none */
    unsigned artworks_mb;   /* of pictures on disk, after which no more are taken */
    unsigned artworks_days; /* a picture nothing names is kept; 0: for ever */
    unsigned workers;       /* 0: one per core */
    unsigned loops;         /* 0: one per core */
    unsigned rules_compile_ms, rules_retry_ms;
    bool access_log;
};

struct cw_config_value { /* what a flag set */
    const char *name, *value;
};

/**
 * Make the configuration of flags, environment and defaults, and check every value.
 * @param flags    [flag_count] as given on the command line
 * @units   none
 * @owner   strings in the arena or the environment
 * @errors  CW_E_INPUT with faults "config.listen", "config.redis", "config.base_url",
 * "config.hosts", "config.cors", "config.loops", "config.workers", "config.rules_compile_ms",
 * "config.rules_retry_ms", "config.drain_delay_ms", "config.rate_limit", "config.artworks_mb",
 * "config.artworks_days", "config.tls", "config.access_log"; pointers are "/<name>"
 * @cost    none worth naming
 * @source  docs/reference/configuration.md
 */
enum cw_status cw_config_read(const struct cw_config_value *flags, size_t flag_count,
                              struct cw_arena *arena, struct cw_config *ret_config,
                              struct cw_faults *faults) CW_MUST_USE;

/* The value in force of a setting and where it came from ("flag", "environment", "default"). */
const char *cw_config_source(const struct cw_setting *setting, const struct cw_config_value *flags,
                             size_t flag_count, const char **ret_value);
