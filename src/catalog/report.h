/* Faults as people read them in a terminal, and as programs read them. */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json_write.h"

struct cw_report_source {
    const char *file; /* as shown */
    const char *text; /* the document the pointers lead into */
    size_t length;
};

/*
 * Append per fault: "file:line:column: error: message [code] at /pointer", the source line, a
 * caret, the hint; then "N errors" (and how many were not shown). Nothing when there is no fault.
 */
void cw_report_text(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf);

/* What a check has to say besides faults: nothing here is cut to CW_FAULTS. */
enum cw_report_severity { CW_REPORT_ERROR, CW_REPORT_WARNING, CW_REPORT_NOTE };
struct cw_report_item {
    enum cw_report_severity severity;
    const char *code, *pointer, *message, *hint; /* hint "": none */
};

/* The same form with "warning" and "note" in the place of "error"; ends with "2 warnings, 1 note".
 */
void cw_report_items_text(const struct cw_report_source *source, const struct cw_report_item *items,
                          size_t count, struct cw_buf *buf);

/* The array member `name` of {"severity","line","column","code","pointer","message","hint"}. */
struct cw_report_list {
    const char *name;
    const struct cw_report_item *items;
    size_t count;
};
void cw_report_items_json(const struct cw_report_source *source, const struct cw_report_list *list,
                          struct cw_json_writer *writer);

/* Append {"file","faults":[{"line","column","code","pointer","message","hint"}],"dropped"}; one
 * line. */
void cw_report_json(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf);

/* The same members, in an object that is open. */
void cw_report_members(const struct cw_report_source *source, const struct cw_faults *faults,
                       struct cw_json_writer *writer);

/* The same with "valid" and, per fault, "keyword" and "schemaPointer". */
void cw_report_schema_json(const struct cw_report_source *source, const struct cw_faults *faults,
                           struct cw_buf *buf);
