/* Errors: a status for the program, a stable code and a sentence for people. All are born in
 * cw_fail. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

enum cw_status {
    CW_OK,
    CW_E_INPUT,
    CW_E_NOT_FOUND,
    CW_E_CONFLICT,
    CW_E_LIMIT,
    CW_E_BUSY,
    CW_E_TIMEOUT,
    CW_E_NOMEM,
    CW_E_IO,
    CW_E_BUG
};

struct cw_error { /* on the caller's stack; no heap; err may be NULL */
    enum cw_status status;
    const char *code;  /* static, stable, documented: "design.text.too_long" */
    char pointer[128]; /* JSON Pointer into the request; "" if not the client's fault */
    char message[160]; /* may be shown to the client */
    char detail[240];  /* log only: paths, SQL, library text */
    const char *file;  /* where it was raised */
    int line;
};

#define CW_MUST_USE     __attribute__((warn_unused_result))
#define CW_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Raise: fills *err (the first error stays), returns status. `code` must be a string literal. */
#define cw_fail(err, status, code, ...)                                                            \
    cw_error_raise((err), (status), (code), "", __FILE__, __LINE__, __VA_ARGS__)
#define cw_fail_at(err, status, code, pointer, ...)                                                \
    cw_error_raise((err), (status), (code), (pointer), __FILE__, __LINE__, __VA_ARGS__)

enum cw_status cw_error_raise(struct cw_error *err, enum cw_status status, const char *code,
                              const char *pointer, const char *file, int line, const char *format,
                              ...) CW_PRINTF(7, 8);

/* Put log-only text beside an error already raised; err may be NULL. */
void cw_error_detail(struct cw_error *err, const char *format, ...) CW_PRINTF(2, 3);

/* "CW_E_INPUT" → "input"; static. */
const char *cw_status_name(enum cw_status status);

/* ---- faults: validation collects up to CW_FAULTS of them in one answer ----------------------- */

struct cw_fault {
    const char *code;    /* static */
    const char *pointer; /* in the arena */
    const char *message; /* in the arena */
    const char *hint;    /* how to mend it; may be "" */
    /* JSON Schema faults only, else "". The pointer leads into the schema document ("URI#/pointer"
     * when that is not the one handed in) and ends with the keyword; a schema `false` has none. */
    const char *keyword;        /* static */
    const char *schema_pointer; /* in the arena */
};

struct cw_arena;
struct cw_faults {
    struct cw_arena *arena; /* where texts are copied to; borrowed */
    size_t count;
    size_t dropped; /* found after the list was full */
    struct cw_fault items[20];
};

/* Add one fault; printf-like message. */
void cw_fault_add(struct cw_faults *faults, const char *code, const char *pointer,
                  const char *format, ...) CW_PRINTF(4, 5);

/* The same with a hint how to mend it. */
void cw_fault_add_hint(struct cw_faults *faults, const char *code, const char *pointer,
                       const char *hint, const char *message);
