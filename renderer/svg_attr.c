/*
 * Responsible for the rules of single elements and attributes: nothing from outside, nothing that
 * runs, nothing whose cost or look the importer cannot answer for. Does not find them in the file
 * (svg_scan.c). The importer process runs it, inside the sandbox.
 */
#include "svg_attr.h"

#include <string.h>
#include <strings.h>

bool cw_svg_is(struct svg_text text, const char *word) {
    return strlen(word) == text.length && memcmp(text.at, word, text.length) == 0;
}

struct svg_text cw_svg_local(struct svg_text name) {
    const char *colon = memchr(name.at, ':', name.length);
    if (!colon)
        return name;
    return (struct svg_text){colon + 1, name.length - (size_t)(colon + 1 - name.at)};
}

const char *cw_svg_find(struct svg_text text, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.length; i++)
        if (strncasecmp(text.at + i, word, length) == 0)
            return text.at + i;
    return NULL;
}

enum cw_status cw_svg_element_rule(struct svg_text name, struct cw_error *err) {
    static const char *const refused[] = {"text",   "image",   "filter", "foreignObject",
                                          "iframe", "include", "video",  "audio"};
    struct svg_text local = cw_svg_local(name);
    if (cw_svg_is(local, "script") || cw_svg_is(local, "handler"))
        return cw_fail(err, CW_E_INPUT, "artwork.svg.script", "the drawing holds a script");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (cw_svg_is(local, refused[i]))
            return cw_fail(err, CW_E_INPUT, "artwork.svg.element", "<%s> is not taken%s",
                           refused[i], i == 0 ? "; turn letters into outlines" : "");
    return CW_OK;
}

static enum cw_status external(struct svg_text what, struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "artwork.svg.external",
                   "%.*s refers to something outside the drawing",
                   (int)(what.length < 40 ? what.length : 40), what.at);
}

static enum cw_status add_ref(struct svg_tree *tree, struct svg_text id, bool per_point,
                              struct cw_error *err) {
    if (tree->ref_count == SVG_REFS)
        return cw_fail(err, CW_E_LIMIT, "artwork.svg.too_much_work", "more than %d references",
                       SVG_REFS);
    tree->refs[tree->ref_count++] = (struct svg_ref){id, per_point};
    tree->nodes[tree->node_count - 1].ref_end = tree->ref_count;
    return CW_OK;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum cw_status href_rule(struct svg_tree *tree, const struct svg_attr *attr,
                                struct cw_error *err) {
    struct svg_text value = attr->value;
    while (value.length > 0 && is_space(*value.at)) {
        value.at++;
        value.length--;
    }
    while (value.length > 0 && is_space(value.at[value.length - 1]))
        value.length--;
    if (value.length == 0)
        return CW_OK;
    if (*value.at != '#')
        return external(attr->name, err);
    return add_ref(tree, (struct svg_text){value.at + 1, value.length - 1}, false, err);
}

/* Every url(#id) of a value. */
static enum cw_status url_rule(struct svg_tree *tree, const struct svg_attr *attr,
                               struct cw_error *err) {
    bool once = cw_svg_is(attr->name, "clip-path") || cw_svg_is(attr->name, "mask");
    const char *end = attr->value.at + attr->value.length;
    struct svg_text rest = attr->value;
    for (const char *at; (at = cw_svg_find(rest, "url(")) != NULL;) {
        at += 4;
        while (at < end && (is_space(*at) || *at == '\'' || *at == '"'))
            at++;
        if (at == end || *at != '#')
            return external(attr->name, err);
        const char *id = ++at;
        while (at < end && *at != ')' && *at != '\'' && *at != '"' && !is_space(*at))
            at++;
        enum cw_status status = add_ref(tree, (struct svg_text){id, (size_t)(at - id)}, !once, err);
        if (status)
            return status;
        rest = (struct svg_text){at, (size_t)(end - at)};
    }
    return CW_OK;
}

/* Two numbers make a point. */
static uint32_t count_points(struct svg_text value) {
    uint32_t numbers = 0;
    bool inside = false;
    for (size_t i = 0; i < value.length; i++) {
        bool digit = value.at[i] >= '0' && value.at[i] <= '9';
        numbers += digit && !inside;
        inside = digit;
    }
    return numbers / 2;
}

/* Attributes of editors are not drawn; their words may hold what they like. */
static bool is_foreign(struct svg_text name) {
    return memchr(name.at, ':', name.length) && !cw_svg_is(cw_svg_local(name), "href") &&
           !cw_svg_is(cw_svg_local(name), "base");
}

enum cw_status cw_svg_attr_rule(struct svg_tree *tree, struct svg_text element,
                                const struct svg_attr *attr, struct cw_error *err) {
    struct svg_text name = attr->name, local = cw_svg_local(name), value = attr->value;
    struct svg_node *node = &tree->nodes[tree->node_count - 1];
    if (cw_svg_find(value, "XInclude"))
        return external(name, err);
    if (is_foreign(name) || cw_svg_is(name, "xmlns"))
        return CW_OK;
    if (memchr(value.at, '&', value.length))
        return cw_fail(err, CW_E_INPUT, "artwork.svg.entity",
                       "a value is written with '&'; write it plainly");
    if (name.length > 2 && strncasecmp(name.at, "on", 2) == 0)
        return cw_fail(err, CW_E_INPUT, "artwork.svg.script", "the drawing holds a script");
    if (cw_svg_is(local, "base"))
        return external(name, err);
    if (cw_svg_is(local, "href"))
        return cw_svg_is(cw_svg_local(element), "a") ? CW_OK : href_rule(tree, attr, err);
    if (cw_svg_is(name, "id"))
        node->id = value;
    if (cw_svg_is(name, "d") || cw_svg_is(name, "points"))
        node->own += count_points(value);
    if (memchr(value.at, '\\', value.length) || cw_svg_find(value, "/*"))
        return cw_fail(err, CW_E_INPUT, "artwork.svg.style",
                       "a value has a backslash or a comment");
    return url_rule(tree, attr, err);
}

enum cw_status cw_svg_style_rule(struct svg_text text, struct cw_error *err) {
    if (memchr(text.at, '@', text.length) || memchr(text.at, '\\', text.length) ||
        memchr(text.at, '&', text.length) || cw_svg_find(text, "url"))
        return cw_fail(err, CW_E_INPUT, "artwork.svg.style",
                       "<style> may not hold '@', url(…), '\\' or '&'");
    return CW_OK;
}
