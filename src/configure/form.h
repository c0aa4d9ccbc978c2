/* The form a text must have: a designer's regular expression over the whole of it. */
#pragma once

#include <stdbool.h>

struct cw_form;

/* NULL when it is no expression (catalog refuses those) or memory is out. */
struct cw_form *cw_form_new(const char *pattern);
/* The same for growing texts: it also knows beginnings. What it calls whole may still not be (a
 * pattern can do strange things to what stands behind it): hold it against the other one too. */
struct cw_form *cw_form_new_partial(const char *pattern);
void cw_form_free(struct cw_form *pattern); /* NULL is fine */

enum cw_match {
    CW_MATCH_NONE,
    CW_MATCH_BEGINS, /* partial: not yet, but some longer text that begins like this may */
    CW_MATCH_WHOLE
};

/* With limits on steps and memory: an expression that runs away matches nothing. */
enum cw_match cw_form_match(const struct cw_form *pattern, const char *text);
