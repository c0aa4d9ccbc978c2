/*
 * Responsible for: the formats we claim, as patterns (RFC 3339, 2673, 3986, 4291, 5321, 6901, 9562)
 * and what no pattern says: leap seconds, regular expressions. Does not: host names (they may hold
 * IDNA 2008 labels) and internationalised formats; an unknown format is an annotation. Runs in:
 * every process that asks for formats.
 */
#include "jsonschema/compile.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_29 "(?:0[1-9]|[12]\\d)"
#define DATE                                                                                       \
    "(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:" DIGITS_29 "|3[01])|(?:0[469]|11)-(?:" DIGITS_29 "|30)"   \
    "|02-(?:0[1-9]|1\\d|2[0-8]))"                                                                  \
    "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
#define HOUR_MINUTE "(?:[01]\\d|2[0-3]):[0-5]\\d"
#define TIME        HOUR_MINUTE ":(?:[0-5]\\d|60)(?:\\.\\d+)?(?:[zZ]|[+-]" HOUR_MINUTE ")"

#define SECONDS  "\\d+S"
#define MINUTES  "\\d+M(?:" SECONDS ")?"
#define HOURS    "\\d+H(?:" MINUTES ")?"
#define DAYS     "\\d+D"
#define MONTHS   "\\d+M(?:" DAYS ")?"
#define YEARS    "\\d+Y(?:" MONTHS ")?"
#define TIMES    "T(?:" HOURS "|" MINUTES "|" SECONDS ")"
#define DURATION "P(?:(?:" DAYS "|" MONTHS "|" YEARS ")(?:" TIMES ")?|" TIMES "|\\d+W)"

#define OCTET   "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
#define IPV4    OCTET "(?:\\." OCTET "){3}"
#define H16     "[0-9A-Fa-f]{1,4}"
#define LS32    "(?:" H16 ":" H16 "|" IPV4 ")"
#define UPTO(n) "(?:(?:" H16 ":){0," n "}" H16 ")?::"
#define IPV6                                                                                       \
    "(?:(?:" H16 ":){6}" LS32 "|::(?:" H16 ":){5}" LS32                                            \
    "|" UPTO("0") "(?:" H16 ":){4}" LS32 "|" UPTO("1") "(?:" H16 ":){3}" LS32                      \
                                                       "|" UPTO("2") "(?:" H16 ":){2}" LS32        \
                                                                     "|" UPTO("3") H16             \
        ":" LS32 "|" UPTO("4") LS32 "|" UPTO("5") H16 "|" UPTO("6") ")"

#define PERCENT   "%[0-9A-Fa-f]{2}"
#define FREE      "A-Za-z0-9._~!$&'()*+,;=-" /* unreserved and sub-delims, in a class */
#define PCHAR     "(?:[:@" FREE "]|" PERCENT ")"
#define SEGMENTS  "(?:/" PCHAR "*)*"
#define HOST      "(?:\\[(?:" IPV6 "|[vV][0-9A-Fa-f]+\\.[:" FREE "]+)\\]|(?:[" FREE "]|" PERCENT ")*)"
#define AUTHORITY "//(?:(?:[:" FREE "]|" PERCENT ")*@)?" HOST "(?::\\d*)?"
#define ROOTED    AUTHORITY SEGMENTS "|/(?:" PCHAR "+" SEGMENTS ")?"
#define TAIL      "(?:\\?(?:[/?]|" PCHAR ")*)?(?:#(?:[/?]|" PCHAR ")*)?"
#define URI       "[A-Za-z][A-Za-z0-9+.-]*:(?:" ROOTED "|(?:" PCHAR "+" SEGMENTS ")?)" TAIL
#define RELATIVE  "(?:" ROOTED "|(?:(?:[@" FREE "]|" PERCENT ")+" SEGMENTS ")?)" TAIL

#define ATOM  "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#define LABEL "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
#define EMAIL                                                                                      \
    "(?:" ATOM "(?:\\." ATOM ")*|\"(?:[ !#-\\[\\]-~]|\\\\[ -~])*\")"                               \
    "@(?:" LABEL "(?:\\." LABEL ")*|\\[(?:" IPV4 "|[iI][pP][vV]6:" IPV6 ")\\])"

#define POINTER "(?:/(?:[^~/]|~[01])*)*"
#define HEX(n)  "[0-9A-Fa-f]{" n "}"
#define UUID    HEX("8") "-" HEX("4") "-" HEX("4") "-" HEX("4") "-" HEX("12")

static long two_digits(const char *at) {
    return (at[0] - '0') * 10 + (at[1] - '0');
}

/* RFC 3339 §5.7: second 60 only at 23:59 UTC. The pattern has matched. */
static bool check_time(const char *text) {
    const char *offset = text + 8 + strcspn(text + 8, "zZ+-");
    if (two_digits(text + 6) < 60)
        return true;
    long minutes = two_digits(text) * 60 + two_digits(text + 3);
    long shift =
        *offset == '+' || *offset == '-' ? two_digits(offset + 1) * 60 + two_digits(offset + 4) : 0;
    minutes += *offset == '-' ? shift : -shift;
    return (minutes + 1440) % 1440 == 1439;
}

static bool check_date_time(const char *text) {
    return check_time(text + strlen("2020-01-01T"));
}

static const struct format formats[] = {
    {"date", "a date (RFC 3339)", "^" DATE "$", NULL},
    {"time", "a time with its offset (RFC 3339)", "^" TIME "$", check_time},
    {"date-time", "a date and time with its offset (RFC 3339)", "^" DATE "[tT]" TIME "$",
     check_date_time},
    {"duration", "a duration (RFC 3339)", "^" DURATION "$", NULL},
    {"ipv4", "an IPv4 address", "^" IPV4 "$", NULL},
    {"ipv6", "an IPv6 address", "^" IPV6 "$", NULL},
    {"uri", "a URI (RFC 3986)", "^" URI "$", NULL},
    {"uri-reference", "a URI reference (RFC 3986)", "^(?:" URI "|" RELATIVE ")$", NULL},
    {"email", "an e-mail address (RFC 5321)", "^" EMAIL "$", NULL},
    {"uuid", "a UUID (RFC 9562)", "^" UUID "$", NULL},
    {"json-pointer", "a JSON Pointer (RFC 6901)", "^" POINTER "$", NULL},
    {"relative-json-pointer", "a relative JSON Pointer", "^(?:0|[1-9]\\d*)(?:#|" POINTER ")$",
     NULL},
    {"regex", "a regular expression (ECMA-262)", "^[^]*$", cw_schema_regex_valid},
};

enum cw_status cw_schema_compile_format(struct compiler *compiler, struct node *node,
                                        const json_t *value) {
    if (!compiler->formats && !node->resource->formats)
        return CW_OK;
    const char *name = json_string_value(value);
    if (!name)
        return cw_schema_compile_refuse(compiler, "format", "the name of a format");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) != 0)
            continue;
        node->format = &formats[i];
        return cw_schema_regex_compile(compiler->arena, formats[i].pattern, &node->format_code,
                                       compiler->err);
    }
    return CW_OK;
}
