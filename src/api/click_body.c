/*
 * Responsible for: the bodies most clicks have, read in one pass.
 * Does not: say what is wrong with others; they are read again by api_body. Server process, any
 * thread.
 */
#include "api/click_body.h"

#include <string.h>

#include "api/answer_memo.h"
#include "configure/value.h"
#include "cordwain/limits.h"

#define ID_BYTES 64 /* as the schema has it */

/* Where the reading is. It stops at the first thing that is not usual. */
struct reading {
    const struct cw_product *product;
    const char *at, *end;
    struct cw_arena *arena;
    struct cw_value *values; /* per option, of the picks that are being read */
    bool *given;
    bool has_selections, has_quantity, has_locale, has_market;
    struct api_click_body body;
};

/* A string's inside: no escape, so its bytes are what it says. */
struct span {
    const char *data;
    size_t length;
};

static void skip_blanks(struct reading *r) {
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) {
        r->at++;
    }
}

/* This character next, after blanks. */
static bool take(struct reading *r, char c) {
    skip_blanks(r);
    if (r->at == r->end || *r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static bool take_word(struct reading *r, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) {
        return false;
    }
    r->at += length;
    return true;
}

/* It will be compared with ids, which have neither escapes nor control characters. */
static bool take_string(struct reading *r, struct span *ret) {
    if (!take(r, '"')) {
        return false;
    }
    const char *start = r->at;
    while (r->at < r->end && *r->at != '"' && *r->at != '\\' && (unsigned char)*r->at >= 0x20) {
        r->at++;
    }
    *ret = (struct span){start, (size_t)(r->at - start)};
    return r->at < r->end && *r->at++ == '"';
}

/* A span has no NUL. */
static bool is(const char *id, const struct span *span) {
    return strncmp(id, span->data, span->length) == 0 && id[span->length] == '\0';
}

/* ---- picks ----------------------------------------------------------------------------------- */

static uint32_t find_option(const struct cw_product *product, const struct span *span) {
    char id[ID_BYTES + 1];
    if (span->length > ID_BYTES) {
        return CW_NONE;
    }
    memcpy(id, span->data, span->length);
    id[span->length] = '\0';
    return cw_option_find(product, id);
}

static bool take_choice(struct reading *r, const struct cw_option *option, uint32_t *ret) {
    struct span id;
    size_t count = take_string(r, &id) ? option->choice_count : 0;
    for (uint32_t c = 0; c < count; c++) {
        if (is(option->choices[c].id, &id)) {
            *ret = c;
            return true;
        }
    }
    return false;
}

static bool take_pick(struct reading *r) {
    struct span name;
    if (!take_string(r, &name) || !take(r, ':')) {
        return false;
    }
    uint32_t o = find_option(r->product, &name);
    if (o == CW_NONE || r->given[o] || r->product->options[o].derive) {
        return false;
    }
    const struct cw_option *option = &r->product->options[o];
    struct cw_value *value = &r->values[o];
    r->given[o] = true;
    if (option->kind == CW_OPTION_CHOICE) {
        return take_choice(r, option, &value->choice);
    }
    skip_blanks(r);
    if (option->kind != CW_OPTION_FLAG) {
        return false;
    }
    value->choice = r->at < r->end && *r->at == 't';
    return take_word(r, value->choice ? "true" : "false");
}

/* ---- members --------------------------------------------------------------------------------- */

static bool take_members(struct reading *r, bool (*take_member)(struct reading *)) {
    if (!take(r, '{')) {
        return false;
    }
    if (take(r, '}')) {
        return true;
    }
    do {
        if (!take_member(r)) {
            return false;
        }
    } while (take(r, ','));
    return take(r, '}');
}

static bool take_picks(struct reading *r, struct cw_selection *ret) {
    r->values = cw_arena_array(r->arena, r->product->option_count + 1, sizeof *r->values);
    r->given = cw_arena_array(r->arena, r->product->option_count + 1, sizeof *r->given);
    for (size_t o = 0; o < r->product->option_count; o++) {
        r->values[o].text = "";
    }
    if (!take_members(r, take_pick)) {
        return false;
    }
    cw_selection_collect(r->product, r->values, r->given, r->arena, ret);
    return true;
}

/* One to three digits, the first not 0: what the schema allows, and no other way to write it. */
static bool take_quantity(struct reading *r) {
    uint32_t number = 0;
    skip_blanks(r);
    const char *start = r->at;
    while (r->at < r->end && r->at - start < 3 && *r->at >= '0' && *r->at <= '9') {
        number = 10 * number + (uint32_t)(*r->at++ - '0');
    }
    r->body.quantity = number;
    return r->at > start && *start != '0';
}

/* Nothing, or as many lower-case hexadecimal digits as an answer's name has. */
static bool take_since(struct reading *r) {
    struct span name;
    if (!take_string(r, &name) || (name.length != 0 && name.length != API_ANSWER_NAME)) {
        return false;
    }
    r->body.since = cw_arena_strndup(r->arena, name.data, name.length);
    return strspn(r->body.since, "0123456789abcdef") == name.length;
}

/* One of the product's own languages or markets. */
static bool take_locale(struct reading *r) {
    struct span id;
    for (size_t i = 0, known = take_string(r, &id) ? r->product->locale_count : 0; i < known; i++) {
        if (is(r->product->locales[i], &id)) {
            r->body.locale = r->product->locales[i];
            return true;
        }
    }
    return false;
}

static bool take_market(struct reading *r) {
    struct span id;
    for (size_t i = 0, known = take_string(r, &id) ? r->product->market_count : 0; i < known; i++) {
        if (is(r->product->markets[i].id, &id)) {
            r->body.market = r->product->markets[i].id;
            return true;
        }
    }
    return false;
}

/* Once only: a name that is there twice is a fault. */
static bool first(bool *has) {
    bool had = *has;
    *has = true;
    return !had;
}

static bool take_member(struct reading *r) {
    struct span name;
    if (!take_string(r, &name) || !take(r, ':')) {
        return false;
    }
    if (is("selections", &name)) {
        return first(&r->has_selections) && take_picks(r, &r->body.selection);
    }
    if (is("since", &name)) {
        return !r->body.since && take_since(r);
    }
    if (is("quantity", &name)) {
        return first(&r->has_quantity) && take_quantity(r);
    }
    if (is("locale", &name)) {
        return first(&r->has_locale) && take_locale(r);
    }
    return is("market", &name) && first(&r->has_market) && take_market(r);
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool api_click_body_read(const struct cw_product *product, struct cw_bytes body,
                         struct cw_arena *arena, struct api_click_body *ret) {
    struct reading r = {.product = product,
                        .arena = arena,
                        .at = (const char *)body.data,
                        .end = (const char *)body.data + body.length,
                        .body = {.locale = "", .market = "", .quantity = 1}};
    if (body.length == 0 || body.length > CW_JSON_BYTES) {
        return false;
    }
    if (!take_members(&r, take_member) || !r.has_selections) {
        return false;
    }
    skip_blanks(&r);
    if (r.at != r.end) {
        return false;
    }
    *ret = r.body;
    return true;
}
