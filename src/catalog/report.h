/* Faults as people read them in a terminal, and as programs read them. */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

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

/* Append {"file","faults":[{"line","column","code","pointer","message","hint"}],"dropped"}; one
 * line. */
void cw_report_json(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf);

/* The same with "valid" and, per fault, "keyword" and "schemaPointer". */
void cw_report_schema_json(const struct cw_report_source *source, const struct cw_faults *faults,
                           struct cw_buf *buf);
