/* Texts that people read, in several languages: the plain value that flows between the steps. */
#pragma once

#include <stddef.h>

struct cw_l10n_item {
    const char *locale; /* BCP 47, "en", "uz", "fa", "zh" */
    const char *text;   /* UTF-8, NFC */
};

/* English is always there: the product schema requires it. */
struct cw_l10n {
    size_t count;
    const struct cw_l10n_item *items;
};
