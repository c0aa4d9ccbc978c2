/* Texts that people read, in several languages: the plain value that flows between the steps. */
#pragma once

#include <stddef.h>
#include <string.h>

struct cw_l10n_item {
    const char *locale; /* BCP 47, "en", "uz", "fa", "zh" */
    const char *text;   /* UTF-8, NFC */
};

/* English is always there: the product schema requires it. */
struct cw_l10n {
    size_t count;
    const struct cw_l10n_item *items;
};

/* The item of exactly this locale (its first `length` bytes), or NULL. Borrowed. */
static inline const char *cw_l10n_find(const struct cw_l10n *text, const char *locale,
                                       size_t length) {
    for (size_t i = 0; i < text->count; i++) {
        const char *have = text->items[i].locale;
        if (strncmp(have, locale, length) == 0 && have[length] == '\0')
            return text->items[i].text;
    }
    return NULL;
}

/*
 * The text in a language: the locale itself, then shorter and shorter tags ("zh-Hant-TW",
 * "zh-Hant", "zh": RFC 4647 lookup), then English, then "". Borrowed, never NULL; `locale` may be
 * NULL.
 */
static inline const char *cw_l10n_get(const struct cw_l10n *text, const char *locale) {
    size_t length = locale ? strlen(locale) : 0;
    while (length > 0) {
        const char *found = cw_l10n_find(text, locale, length);
        if (found)
            return found;
        do
            length--;
        while (length > 0 && locale[length] != '-');
    }
    const char *english = cw_l10n_find(text, "en", 2);
    return english ? english : "";
}
