/*
 * Responsible for: one log line per event on standard error, key=value, with the time in UTC.
 * Does not: decide what is logged; rotate. Any process, any thread (one write per line).
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static atomic_int threshold = -1;

void cw_log_level_set(enum cw_log_level level) {
    atomic_store(&threshold, (int)level);
}

static int level_from_environment(void) {
    const char *name = getenv("CORDWAIN_LOG");
    for (int i = 0; name && i < 4; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            return i;
        }
    }
    return CW_LOG_INFO;
}

void cw_log_write(enum cw_log_level level, const char *module, const char *event,
                  const char *format, ...) {
    int limit = atomic_load(&threshold);
    if (limit < 0) {
        limit = level_from_environment();
        atomic_store(&threshold, limit);
    }
    if ((int)level > limit) {
        return;
    }
    char line[1024], time[CW_TIME_TEXT];
    cw_time_rfc3339(cw_clock_now_ms(&cw_clock_system), time);
    int n = snprintf(line, sizeof line, "%s %s %s %s ", time, level_names[level], module, event);
    size_t used = n < 0 ? 0 : (size_t)n;
    va_list args;
    va_start(args, format);
    int m = vsnprintf(line + used, sizeof line - used, format, args);
    va_end(args);
    used += m < 0 ? 0 : (size_t)m;
    if (used > sizeof line - 2) {
        used = sizeof line - 2;
    }
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* nowhere to report that the log is gone */
}

const char *cw_log_quote(const char *text, char ret_text[CW_LOG_QUOTED]) {
    char *out = ret_text, *end = ret_text + CW_LOG_QUOTED - 7;
    *out++ = '"';
    for (; *text && out < end; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            *out++ = '\\';
            *out++ = (char)c;
        } else if (c < 0x20 || c == 0x7f) {
            out += snprintf(out, 5, "\\x%02x", c);
        } else {
            *out++ = (char)c;
        }
    }
    *out++ = '"';
    *out = '\0';
    return ret_text;
}
