/*
 * Responsible for: filling struct cw_error and fault lists; the one place where errors are born.
 * Does not: log, or map to HTTP. Any process, any thread.
 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum cw_status cw_error_raise(struct cw_error *err, enum cw_status status, const char *code,
                              const char *pointer, const char *file, int line, const char *format,
                              ...) {
    if (!err || err->status != CW_OK) {
        return status; /* the first error stays */
    }
    err->status = status;
    err->code = code;
    err->file = file;
    err->line = line;
    err->detail[0] = '\0';
    snprintf(err->pointer, sizeof err->pointer, "%s", pointer);
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

void cw_error_detail(struct cw_error *err, const char *format, ...) {
    if (!err) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(err->detail, sizeof err->detail, format, args);
    va_end(args);
}

const char *cw_status_name(enum cw_status status) {
    static const char *const names[] = {
        [CW_OK] = "ok",
        [CW_E_INPUT] = "input",
        [CW_E_NOT_FOUND] = "not_found",
        [CW_E_CONFLICT] = "conflict",
        [CW_E_LIMIT] = "limit",
        [CW_E_BUSY] = "busy",
        [CW_E_TIMEOUT] = "timeout",
        [CW_E_NOMEM] = "no_memory",
        [CW_E_IO] = "io",
        [CW_E_BUG] = "bug",
    };
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

static void add(struct cw_faults *faults, const char *code, const char *pointer, const char *hint,
                const char *message) {
    if (faults->count == sizeof faults->items / sizeof *faults->items) {
        faults->dropped++;
        return;
    }
    struct cw_fault *fault = &faults->items[faults->count++];
    fault->code = code;
    fault->pointer = cw_arena_strdup(faults->arena, pointer);
    fault->message = cw_arena_strdup(faults->arena, message);
    fault->hint = cw_arena_strdup(faults->arena, hint);
    fault->keyword = fault->schema_pointer = "";
}

void cw_fault_add(struct cw_faults *faults, const char *code, const char *pointer,
                  const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    add(faults, code, pointer, "", message);
}

void cw_fault_add_hint(struct cw_faults *faults, const char *code, const char *pointer,
                       const char *hint, const char *message) {
    add(faults, code, pointer, hint, message);
}
