/*
 * Responsible for: the table of settings and the checking of their values.
 * Does not: open anything they name. Any command, at start.
 */
#include "app/config.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

static const struct cw_setting settings[] = {
    {"listen", "CORDWAIN_LISTEN", "127.0.0.1:8080",
     "address and port to serve on; port 0 takes a free one"},
    {"data", "CORDWAIN_DATA", "data", "folder of the database, the art packs and the signing key"},
    {"redis", "CORDWAIN_REDIS", "",
     "shared preview cache, redis://host:port/db or unix:/path; empty for none"},
    {"base-url", "CORDWAIN_BASE_URL", "",
     "https://shop.example as the outside sees it; empty: specs name the listen address"},
    {"hosts", "CORDWAIN_HOSTS", "",
     "hosts that are answered, shop.example,10.0.0.7:8080; others get 421; empty for any"},
    {"cors", "CORDWAIN_CORS", "",
     "origins whose pages may use the API, https://shop.example,https://other.example; empty for "
     "none"},
    {"rate-limit", "CORDWAIN_RATE_LIMIT", "0",
     "requests per second of one client address or key, ten seconds' worth at once; 0 for no "
     "limit"},
    {"tls-cert", "CORDWAIN_TLS_CERT", "",
     "PEM file of the server's certificate and its chain; empty: plain HTTP"},
    {"tls-key", "CORDWAIN_TLS_KEY", "", "PEM file of the certificate's private key"},
    {"drain-delay-ms", "CORDWAIN_DRAIN_DELAY_MS", "0",
     "milliseconds after SIGTERM in which /readyz says 503 and requests are still taken, up to "
     "60000"},
    {"artworks-mb", "CORDWAIN_ARTWORKS_MB", "10240",
     "megabytes of shoppers' pictures on disk, after which no more are taken; 0 takes none"},
    {"artworks-days", "CORDWAIN_ARTWORKS_DAYS", "30",
     "days after its upload until a picture goes that no design or order names, up to "
     "3650; 0 keeps all"},
    {"loops", "CORDWAIN_LOOPS", "0",
     "event loops that answer requests, up to 64; 0 for one per core"},
    {"workers", "CORDWAIN_WORKERS", "0", "renderer processes, 0 for one per core"},
    {"rules-compile-ms", "CORDWAIN_RULES_COMPILE_MS", "2000",
     "milliseconds for compiling a version's rules before it is published, 1 to 60000"},
    {"rules-retry-ms", "CORDWAIN_RULES_RETRY_MS", "60000",
     "milliseconds for a second try in the background, up to 600000; 0 for none"},
    {"access-log", "CORDWAIN_ACCESS_LOG", "on", "one log line per request: on or off"},
};

const struct cw_setting *cw_settings(size_t *ret_count) {
    *ret_count = sizeof settings / sizeof *settings;
    return settings;
}

const char *cw_config_source(const struct cw_setting *setting, const struct cw_config_value *flags,
                             size_t flag_count, const char **ret_value) {
    for (size_t i = flag_count; i-- > 0;) {
        if (strcmp(flags[i].name, setting->name) == 0) {
            *ret_value = flags[i].value;
            return "flag";
        }
    }
    const char *value = getenv(setting->environment);
    *ret_value = value ? value : setting->fallback;
    return value ? "environment" : "default";
}

static const char *value_of(const char *name, const struct cw_config_value *flags, size_t count) {
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const char *value;
        if (strcmp(settings[i].name, name) == 0) {
            (void)cw_config_source(&settings[i], flags, count, &value);
            return value;
        }
    }
    return "";
}

static bool read_number(const char *text, unsigned long max, unsigned *ret) {
    char *end;
    if (*text < '0' || *text > '9') {
        return false;
    }
    unsigned long value = strtoul(text, &end, 10);
    if (*end || value > max) {
        return false;
    }
    *ret = (unsigned)value;
    return true;
}

static void read_listen(const char *text, struct cw_arena *arena, struct cw_config *config,
                        struct cw_faults *faults) {
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || !read_number(colon + 1, 65535, &config->port)) {
        cw_fault_add_hint(faults, "config.listen", "/listen",
                          "write HOST:PORT, such as 127.0.0.1:8080",
                          "this is no address to listen on");
        return;
    }
    const char *host = text;
    size_t length = (size_t)(colon - text);
    if (host[0] == '[' && length > 2 && host[length - 1] == ']') { /* [::1]:8080 */
        host++;
        length -= 2;
    }
    config->host = cw_arena_strndup(arena, host, length);
}

/* Scheme, host, maybe a port and a path: it becomes the beginning of addresses in pages and signed
 * specs. */
static bool is_base_url(const char *url) {
    static const char host[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
    static const char path[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    size_t name = scheme ? strspn(url + scheme, host) : 0;
    const char *rest = url + scheme + name;
    return name > 0 && (*rest == '\0' || *rest == '/') && rest[strspn(rest, path)] == '\0' &&
           url[strlen(url) - 1] != '/';
}

static void check_base_url(const char *url, struct cw_faults *faults) {
    if (*url && !is_base_url(url)) {
        cw_fault_add_hint(faults, "config.base_url", "/base-url",
                          "write https://shop.example without a slash at its end",
                          "this is no base URL");
    }
}

/* What may stand in a Host field, with commas between. */
static void check_hosts(const char *hosts, struct cw_faults *faults) {
    static const char name[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._[]:";
    bool good = true;
    for (size_t length; good && *hosts; hosts += length + (hosts[length] == ',')) {
        length = strspn(hosts, name);
        good = length > 0 && (hosts[length] == '\0' || (hosts[length] == ',' && hosts[length + 1]));
    }
    if (!good) {
        cw_fault_add_hint(faults, "config.hosts", "/hosts",
                          "write hosts such as shop.example,10.0.0.7:8080 without a scheme",
                          "this is no list of hosts");
    }
}

/* An origin is a base URL without a path (RFC 6454 §7); browsers send it in exactly this form. */
static void check_origins(struct cw_arena *arena, const char *origins, struct cw_faults *faults) {
    while (*origins) {
        size_t length = strcspn(origins, ",");
        const char *origin = cw_arena_strndup(arena, origins, length);
        const char *host = strstr(origin, "://");
        if (!is_base_url(origin) || strchr(host + 3, '/') ||
            strcspn(origin, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != length) {
            cw_fault_add_hint(faults, "config.cors", "/cors",
                              "write origins such as https://shop.example, separated by commas",
                              "this is no list of origins");
            return;
        }
        origins += length;
        origins += *origins == ',';
    }
}

enum cw_status cw_config_read(const struct cw_config_value *flags, size_t flag_count,
                              struct cw_arena *arena, struct cw_config *ret_config,
                              struct cw_faults *faults) {
    struct cw_config config = {0};
    read_listen(value_of("listen", flags, flag_count), arena, &config, faults);
    config.data = value_of("data", flags, flag_count);
    config.redis = value_of("redis", flags, flag_count);
    config.base_url = value_of("base-url", flags, flag_count);
    check_base_url(config.base_url, faults);
    config.hosts = value_of("hosts", flags, flag_count);
    check_hosts(config.hosts, faults);
    config.cors = value_of("cors", flags, flag_count);
    check_origins(arena, config.cors, faults);
    if (*config.redis && strncmp(config.redis, "redis://", 8) != 0 &&
        strncmp(config.redis, "unix:", 5) != 0) {
        cw_fault_add_hint(faults, "config.redis", "/redis",
                          "write redis://127.0.0.1:6379 or unix:/path", "this is no Redis address");
    }
    if (!read_number(value_of("loops", flags, flag_count), CW_HTTP_LOOPS, &config.loops)) {
        cw_fault_add(faults, "config.loops", "/loops", "loops is a number from 0 to %d",
                     CW_HTTP_LOOPS);
    }
    if (!read_number(value_of("workers", flags, flag_count), 64, &config.workers)) {
        cw_fault_add(faults, "config.workers", "/workers", "workers is a number from 0 to 64");
    }
    if (!read_number(value_of("rules-compile-ms", flags, flag_count), 60000,
                     &config.rules_compile_ms) ||
        config.rules_compile_ms == 0) {
        cw_fault_add(faults, "config.rules_compile_ms", "/rules-compile-ms",
                     "rules-compile-ms is a number from 1 to 60000");
    }
    if (!read_number(value_of("rules-retry-ms", flags, flag_count), 600000,
                     &config.rules_retry_ms)) {
        cw_fault_add(faults, "config.rules_retry_ms", "/rules-retry-ms",
                     "rules-retry-ms is a number from 0 to 600000");
    }
    if (!read_number(value_of("drain-delay-ms", flags, flag_count), 60000,
                     &config.drain_delay_ms)) {
        cw_fault_add(faults, "config.drain_delay_ms", "/drain-delay-ms",
                     "drain-delay-ms is a number from 0 to 60000");
    }
    if (!read_number(value_of("rate-limit", flags, flag_count), CW_RATE_MAX, &config.rate_limit)) {
        cw_fault_add(faults, "config.rate_limit", "/rate-limit",
                     "rate-limit is a number from 0 to 1000000");
    }
    if (!read_number(value_of("artworks-mb", flags, flag_count), CW_ARTWORKS_MB_MAX,
                     &config.artworks_mb)) {
        cw_fault_add(faults, "config.artworks_mb", "/artworks-mb",
                     "artworks-mb is a number from 0 to %d", CW_ARTWORKS_MB_MAX);
    }
    if (!read_number(value_of("artworks-days", flags, flag_count), CW_ARTWORKS_DAYS_MAX,
                     &config.artworks_days)) {
        cw_fault_add(faults, "config.artworks_days", "/artworks-days",
                     "artworks-days is a number from 0 to %d", CW_ARTWORKS_DAYS_MAX);
    }
    config.tls_cert = value_of("tls-cert", flags, flag_count);
    config.tls_key = value_of("tls-key", flags, flag_count);
    if (!*config.tls_cert != !*config.tls_key) {
        cw_fault_add(faults, "config.tls", *config.tls_cert ? "/tls-key" : "/tls-cert",
                     "tls-cert and tls-key go together");
    }
    const char *log = value_of("access-log", flags, flag_count);
    config.access_log = strcmp(log, "on") == 0;
    if (!config.access_log && strcmp(log, "off") != 0) {
        cw_fault_add(faults, "config.access_log", "/access-log", "access-log is on or off");
    }
    if (!*config.data) {
        cw_fault_add(faults, "config.data", "/data", "the data folder must be named");
    }
    if (faults->count > 0) {
        return CW_E_INPUT;
    }
    *ret_config = config;
    return CW_OK;
}
