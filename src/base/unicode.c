/*
 * Responsible for: checks on texts that shoppers type: encoding, normal form, graphemes, scripts.
 * Does not: shape or measure (renderer). Uses utf8proc for NFC, graphemes and categories and PCRE2
 * for scripts, both Unicode 14 or newer. Any process, any thread.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/unicode.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

/* Bytes of the beginning that are ASCII, by eights: most of what comes in is nothing else. */
static utf8proc_ssize_t ascii_ahead(const utf8proc_uint8_t *text, utf8proc_ssize_t length) {
    utf8proc_ssize_t i = 0;
    for (uint64_t word; i + 8 <= length; i += 8) {
        memcpy(&word, text + i, 8);
        if (word & UINT64_C(0x8080808080808080)) {
            break;
        }
    }
    return i;
}

size_t cw_utf8_good(const char *text, size_t length) {
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    utf8proc_ssize_t left = (utf8proc_ssize_t)length;
    while (left > 0) {
        utf8proc_ssize_t skipped = ascii_ahead(p, left);
        p += skipped;
        left -= skipped;
        if (left == 0) {
            break;
        }
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, left, &c);
        if (n <= 0) {
            break;
        }
        p += n;
        left -= n;
    }
    return length - (size_t)left;
}

bool cw_utf8_valid(const char *text, size_t length) {
    return cw_utf8_good(text, length) == length;
}

static bool is_bidi_control(int32_t c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

static bool is_space(utf8proc_category_t category) {
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}

static bool is_letter_or_mark(int32_t c) {
    utf8proc_category_t category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

/* Codes are literals: errors must carry static strings. */
static enum cw_status check_character(int32_t c, int32_t before, int32_t after,
                                      struct cw_error *err) {
    utf8proc_category_t category = utf8proc_category(c);
    if (is_bidi_control(c)) {
        return cw_fail(err, CW_E_INPUT, "text.bidi_control",
                       "the text holds the invisible direction control U+%04X", (unsigned)c);
    }
    if (c == 0x200c || c == 0x200d) {
        if (is_letter_or_mark(before) && is_letter_or_mark(after)) {
            return CW_OK;
        }
        return cw_fail(err, CW_E_INPUT, "text.control",
                       "the joiner U+%04X stands between letters only", (unsigned)c);
    }
    if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
        category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP) {
        return cw_fail(err, CW_E_INPUT, "text.control",
                       "the text holds the control character U+%04X", (unsigned)c);
    }
    if (category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO ||
        category == UTF8PROC_CATEGORY_CS) {
        return cw_fail(err, CW_E_INPUT, "text.unassigned",
                       "the text holds U+%04X, which is no character", (unsigned)c);
    }
    if (is_space(category) && (before == 0 || after == 0 || is_space(utf8proc_category(before)))) {
        return cw_fail(err, CW_E_INPUT, "text.space",
                       "the text has a space at its start, at its end or twice in a row");
    }
    return CW_OK;
}

static enum cw_status check_characters(const char *text, struct cw_error *err) {
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    int32_t before = 0;
    while (*p) {
        utf8proc_int32_t c = 0, after = 0;
        p += utf8proc_iterate(p, -1, &c);
        if (*p) {
            utf8proc_iterate(p, -1, &after);
        }
        enum cw_status status = check_character(c, before, after, err);
        if (status != CW_OK) {
            return status;
        }
        before = c;
    }
    return CW_OK;
}

static char *normalise(struct cw_arena *arena, const char *text, size_t length) {
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length,
                                      &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n < 0) {
        return NULL;
    }
    char *copy = cw_arena_strndup(arena, (const char *)nfc, (size_t)n);
    free(nfc);
    return copy;
}

enum cw_status cw_text_normalise(struct cw_arena *arena, const char *text, size_t length,
                                 char **ret_text, struct cw_error *err) {
    if (length > CW_TEXT_BYTES) {
        return cw_fail(err, CW_E_LIMIT, "text.too_many_bytes", "text of %zu bytes, limit is %d",
                       length, CW_TEXT_BYTES);
    }
    if (!cw_utf8_valid(text, length)) {
        return cw_fail(err, CW_E_INPUT, "text.encoding", "the text is not valid UTF-8");
    }
    if (memchr(text, '\0', length)) {
        return cw_fail(err, CW_E_INPUT, "text.control",
                       "the text holds the control character U+0000");
    }
    char *nfc = normalise(arena, text, length);
    if (!nfc) {
        return cw_fail(err, CW_E_INPUT, "text.encoding", "the text cannot be normalised");
    }
    enum cw_status status = check_characters(nfc, err);
    if (status == CW_OK) {
        *ret_text = nfc;
    }
    return status;
}

size_t cw_text_first_grapheme(const char *text) {
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t state = 0, c, next;
    if (!*p) {
        return 0;
    }
    p += utf8proc_iterate(p, -1, &c);
    while (*p) {
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &next);
        if (n <= 0 || utf8proc_grapheme_break_stateful(c, next, &state)) {
            break;
        }
        p += n;
        c = next;
    }
    return (size_t)((const char *)p - text);
}

size_t cw_text_graphemes(const char *text) {
    size_t count = 0;
    while (*text) {
        text += cw_text_first_grapheme(text);
        count++;
    }
    return count;
}

static bool script_name_ok(const char *name) {
    for (size_t i = 0; i < 4; i++) {
        if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z'))) {
            return false;
        }
    }
    return name[4] == '\0';
}

static pcre2_code *compile_scripts(const char *const *scripts, size_t count) {
    CW_AUTO_BUF struct cw_buf pattern = {0};
    cw_buf_puts(&pattern, "^[\\p{sc:Zyyy}\\p{sc:Zinh}");
    for (size_t i = 0; i < count; i++) {
        if (script_name_ok(scripts[i])) {
            cw_buf_printf(&pattern, "\\p{scx:%s}", scripts[i]);
        }
    }
    cw_buf_puts(&pattern, "]*+");
    int code;
    PCRE2_SIZE offset;
    return pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length, PCRE2_UTF, &code, &offset, NULL);
}

bool cw_text_in_scripts(const char *text, const char *const *scripts, size_t script_count,
                        size_t *ret_bad) {
    pcre2_code *code = compile_scripts(scripts, script_count);
    size_t length = strlen(text), matched = 0;
    if (code) {
        pcre2_match_data *data = pcre2_match_data_create(1, NULL);
        if (data && pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, NULL) > 0) {
            matched = pcre2_get_ovector_pointer(data)[1];
        }
        pcre2_match_data_free(data);
    }
    pcre2_code_free(code);
    if (matched < length && ret_bad) {
        *ret_bad = matched;
    }
    return matched == length;
}

char *cw_text_upper(struct cw_arena *arena, const char *text) {
    CW_AUTO_BUF struct cw_buf upper = {0};
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    while (*p) {
        utf8proc_int32_t c;
        p += utf8proc_iterate(p, -1, &c);
        if (c == 0xdf) { /* the one full mapping a simple one lacks among our scripts: ß is SS */
            cw_buf_puts(&upper, "SS");
            continue;
        }
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t n = utf8proc_encode_char(utf8proc_toupper(c), bytes);
        cw_buf_add(&upper, bytes, (size_t)n);
    }
    char *nfc = normalise(arena, upper.data ? upper.data : "", upper.length);
    return nfc ? nfc : cw_arena_strdup(arena, text);
}

bool cw_text_is_rtl(const char *text) {
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    while (*p) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &c);
        if (n <= 0) {
            return false;
        }
        utf8proc_bidi_class_t bidi = (utf8proc_bidi_class_t)utf8proc_get_property(c)->bidi_class;
        if (bidi == UTF8PROC_BIDI_CLASS_R || bidi == UTF8PROC_BIDI_CLASS_AL) {
            return true;
        }
        if (bidi == UTF8PROC_BIDI_CLASS_L) {
            return false;
        }
        p += n;
    }
    return false;
}
