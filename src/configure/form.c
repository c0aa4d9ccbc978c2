/*
 * Responsible for: matching whole texts against a designer's pattern, within limits. Does not: say
 * what is wrong with a text (value.c). Server process, any thread.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "configure/form.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

struct cw_form {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    uint32_t options; /* of matching */
};

void cw_form_free(struct cw_form *form) {
    if (!form)
        return;
    pcre2_match_context_free(form->limits);
    pcre2_match_data_free(form->data);
    pcre2_code_free(form->code);
    free(form);
}

static struct cw_form *compile(const char *text, uint32_t options, uint32_t match_options) {
    int code;
    PCRE2_SIZE offset;
    struct cw_form *form = calloc(1, sizeof *form);
    if (!form)
        return NULL;
    form->options = match_options;
    form->code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C | options,
                      &code, &offset, NULL);
    form->data = pcre2_match_data_create(1, NULL);
    form->limits = pcre2_match_context_create(NULL);
    if (!form->code || !form->data || !form->limits) {
        cw_form_free(form);
        return NULL;
    }
    pcre2_set_match_limit(form->limits, CW_PATTERN_MATCH_STEPS);
    pcre2_set_heap_limit(form->limits, CW_PATTERN_HEAP_KIB);
    return form;
}

struct cw_form *cw_form_new(const char *pattern) {
    return compile(pattern, PCRE2_ENDANCHORED, 0);
}

/* PCRE2 allows no partial matches with ENDANCHORED. */
struct cw_form *cw_form_new_partial(const char *pattern) {
    CW_AUTO_BUF struct cw_buf anchored = {0};
    cw_buf_printf(&anchored, "(?:%s)\\z", pattern);
    return compile(anchored.data, 0, PCRE2_PARTIAL_SOFT);
}

enum cw_match cw_form_match(const struct cw_form *form, const char *text) {
    int rc = pcre2_match(form->code, (PCRE2_SPTR)text, strlen(text), 0, form->options, form->data,
                         form->limits);
    return rc >= 0 ? CW_MATCH_WHOLE : rc == PCRE2_ERROR_PARTIAL ? CW_MATCH_BEGINS : CW_MATCH_NONE;
}
