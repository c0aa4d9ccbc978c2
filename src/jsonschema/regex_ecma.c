/*
 * Responsible for: writing an ECMA-262 pattern (u mode) in PCRE2's words: escapes, classes and
 * Unicode property names that mean something else there, or nothing. Does not: find every mistake,
 * PCRE2 finds the rest; narrow PCRE2's own limit, lookbehinds of fixed width. Runs in: every
 * process, at start-up.
 *
 * More lenient than u mode in what schemas in the wild rely on: \- \_ \@ … outside classes and a
 * lone { } ] mean themselves.
 */
#include "jsonschema/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ECMA-262 §12.2 WhiteSpace and §12.3 LineTerminator; the second is everything else. */
#define SPACES "\\x{9}-\\x{d} \\x{a0}\\x{feff}\\x{2028}\\x{2029}\\p{Zs}"
#define NO_SPACES                                                                                  \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}"               \
    "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"                 \
    "\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"

struct translation {
    const char *at; /* NUL-terminated, in the pattern */
    struct cw_buf *out;
    bool in_class;
    const char *complaint; /* NULL: fine so far */
};

static void refuse(struct translation *t, const char *complaint) {
    if (!t->complaint)
        t->complaint = complaint;
}

/* ---- \p{…} ----------------------------------------------------------------------------------- */

/* Unicode PropertyValueAliases.txt, gc: PCRE2 knows the short names only. */
static const char *const categories[][2] = {
    {"Cased_Letter", "L&"},
    {"LC", "L&"},
    {"Close_Punctuation", "Pe"},
    {"Combining_Mark", "M"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Unassigned", "Cn"},
    {"Uppercase_Letter", "Lu"},
    {"cntrl", "Cc"},
    {"digit", "Nd"},
    {"punct", "P"},
};

static const char *short_category(const char *name) {
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (strcmp(categories[i][0], name) == 0)
            return categories[i][1];
    }
    return name;
}

/* At "{…}" after \p or \P. */
static void put_property(struct translation *t, char letter) {
    char text[64], *value;
    size_t length = strspn(t->at + (*t->at == '{'),
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=");
    if (*t->at != '{' || t->at[1 + length] != '}' || length == 0 || length >= sizeof text) {
        refuse(t, "\\p needs a property name in braces");
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)length, t->at + 1);
    t->at += length + 2;
    value = strchr(text, '=');
    if (value)
        *value++ = '\0';
    if (!value && strcmp(text, "Assigned") == 0)
        cw_buf_printf(t->out, "\\%c{Cn}", letter == 'p' ? 'P' : 'p');
    else if (!value || strcmp(text, "gc") == 0 || strcmp(text, "General_Category") == 0)
        cw_buf_printf(t->out, "\\%c{%s}", letter, short_category(value ? value : text));
    else if (strcmp(text, "sc") == 0 || strcmp(text, "Script") == 0)
        cw_buf_printf(t->out, "\\%c{sc:%s}", letter, value);
    else if (strcmp(text, "scx") == 0 || strcmp(text, "Script_Extensions") == 0)
        cw_buf_printf(t->out, "\\%c{scx:%s}", letter, value);
    else
        refuse(t, "\\p knows the properties General_Category, Script and Script_Extensions");
}

/* ---- other escapes --------------------------------------------------------------------------- */

static bool read_hex(struct translation *t, size_t digits, unsigned long *ret_value) {
    char text[9] = "", *end;
    for (size_t i = 0; i < digits; i++) {
        if (!isxdigit((unsigned char)t->at[i]))
            return false;
        text[i] = t->at[i];
    }
    *ret_value = strtoul(text, &end, 16);
    t->at += digits;
    return digits > 0;
}

/* After \u: four digits, two surrogates of four digits each, or digits in braces. */
static void put_unicode(struct translation *t) {
    unsigned long value = 0, low = 0;
    if (*t->at == '{') {
        size_t digits = strspn(++t->at, "0123456789abcdefABCDEF");
        bool good = digits <= 8 && read_hex(t, digits, &value) && *t->at == '}';
        t->at += good;
        if (!good)
            refuse(t, "\\u{…} needs hexadecimal digits");
    } else if (!read_hex(t, 4, &value)) {
        refuse(t, "\\u needs four hexadecimal digits");
    } else if (value >= 0xD800 && value <= 0xDBFF && t->at[0] == '\\' && t->at[1] == 'u') {
        t->at += 2;
        if (read_hex(t, 4, &low) && low >= 0xDC00 && low <= 0xDFFF)
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        refuse(t, "\\u names no character");
    cw_buf_printf(t->out, "\\x{%lx}", value);
}

static void put_code(struct translation *t, unsigned long value) {
    cw_buf_printf(t->out, "\\x{%lx}", value);
}

static void put_set(struct translation *t, const char *members) {
    cw_buf_printf(t->out, t->in_class ? "%s" : "[%s]", members);
}

static void put_digit(struct translation *t, char digit) {
    if (digit == '0' && !isdigit((unsigned char)*t->at)) {
        put_code(t, 0);
        return;
    }
    size_t more = strspn(t->at, "0123456789");
    if (digit == '0' || t->in_class || more > 4)
        refuse(t, "a backslash and digits name no group here");
    cw_buf_printf(t->out, "\\g{%c%.*s}", digit, (int)more, t->at);
    t->at += more;
}

/* \k<name>; PCRE2 checks the name. */
static void put_named_reference(struct translation *t) {
    if (*t->at != '<' || t->in_class)
        refuse(t, "\\k needs a group's name: \\k<name>");
    cw_buf_puts(t->out, "\\k");
}

static void put_letter(struct translation *t, char letter) {
    static const char *const controls = "f\fn\nr\rt\tv\v";
    const char *control = strchr("fnrtv", letter) ? strchr(controls, letter) : NULL;
    unsigned long value = 0;
    if (control)
        put_code(t, (unsigned char)control[1]);
    else if (letter == 'b' && t->in_class)
        put_code(t, 8);
    else if (strchr("dDwW", letter) || (strchr("bB", letter) && !t->in_class))
        cw_buf_printf(t->out, "\\%c", letter);
    else if (letter == 's' || letter == 'S')
        put_set(t, letter == 's' ? SPACES : NO_SPACES);
    else if (letter == 'c' && isalpha((unsigned char)*t->at))
        put_code(t, (unsigned char)*t->at++ & 31u);
    else if (letter == 'x' && read_hex(t, 2, &value))
        put_code(t, value);
    else if (letter == 'u')
        put_unicode(t);
    else if (letter == 'p' || letter == 'P')
        put_property(t, letter);
    else if (letter == 'k')
        put_named_reference(t);
    else
        refuse(t, "ECMA-262 knows no such escape");
}

/* After a backslash. */
static void put_escape(struct translation *t) {
    char c = *t->at;
    if (c == '\0') {
        refuse(t, "ends with a backslash");
        return;
    }
    t->at++;
    if (isdigit((unsigned char)c))
        put_digit(t, c);
    else if (isalpha((unsigned char)c))
        put_letter(t, c);
    else if ((unsigned char)c < 0x80)
        cw_buf_printf(t->out, "\\%c", c);
    else
        cw_buf_putc(t->out, c);
}

/* ---- the pattern ----------------------------------------------------------------------------- */

static void put_class(struct translation *t) {
    t->in_class = true;
    cw_buf_putc(t->out, '[');
    if (*t->at == '^')
        cw_buf_putc(t->out, *t->at++);
    while (*t->at && *t->at != ']') {
        char c = *t->at++;
        if (c == '\\')
            put_escape(t);
        else if (c == '[')
            cw_buf_puts(t->out, "\\["); /* no POSIX classes in ECMA-262 */
        else
            cw_buf_putc(t->out, c);
    }
    if (*t->at == ']')
        t->at++;
    else
        refuse(t, "a class has no end");
    cw_buf_putc(t->out, ']');
    t->in_class = false;
}

/* After "(": what PCRE2 knows beyond ECMA-262 is refused. */
static void put_group(struct translation *t) {
    static const char *const known[] = {"?:", "?=", "?!", "?<=", "?<!", "?<"};
    cw_buf_putc(t->out, '(');
    if (*t->at != '?' && *t->at != '*')
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strncmp(t->at, known[i], strlen(known[i])) == 0) {
            cw_buf_puts(t->out, known[i]);
            t->at += strlen(known[i]);
            return;
        }
    }
    refuse(t, "ECMA-262 knows no such group");
}

/* Bytes of a quantifier without its lazy mark, or 0: "*", "+", "?", "{2}", "{2,}", "{2,3}". */
static size_t quantifier(const char *at) {
    if (*at != '\0' && strchr("*+?", *at))
        return 1;
    size_t n = *at == '{' ? 1 + strspn(at + 1, "0123456789") : 0;
    if (n < 2)
        return 0;
    if (at[n] == ',')
        n += 1 + strspn(at + n + 1, "0123456789");
    return at[n] == '}' ? n + 1 : 0;
}

static void put_quantifier(struct translation *t, size_t length) {
    cw_buf_add(t->out, t->at, length);
    t->at += length;
    if (*t->at == '?')
        cw_buf_putc(t->out, *t->at++);
    if (quantifier(t->at))
        refuse(t, "there is nothing to repeat"); /* possessive in PCRE2 */
}

static void put_one(struct translation *t) {
    size_t length = quantifier(t->at);
    if (length) {
        put_quantifier(t, length);
        return;
    }
    char c = *t->at++;
    if (c == '\\')
        put_escape(t);
    else if (c == '[')
        put_class(t);
    else if (c == '(')
        put_group(t);
    else if (c == '.')
        cw_buf_puts(t->out, "[^\\n\\r\\x{2028}\\x{2029}]");
    else if (c == '{' || c == '}')
        cw_buf_printf(t->out, "\\%c", c);
    else
        cw_buf_putc(t->out, c);
}

const char *cw_schema_regex_translate(const char *pattern, struct cw_buf *out, size_t *ret_offset) {
    struct translation t = {pattern, out, false, NULL};
    while (*t.at && !t.complaint)
        put_one(&t);
    *ret_offset = (size_t)(t.at - pattern);
    return t.complaint;
}
