/*
 * Responsible for walking through the text of a drawing once, tag by tag, and applying the rules of
 * svg_attr.c and the budgets. It is stricter than XML where that makes it simpler, and never
 * laxer about where a tag begins: librsvg must not see an element the scan did not. The importer
 * process runs it, inside the sandbox.
 */
#include "svg_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "svg_attr.h"

struct scan {
    const char *at, *end;
    struct svg_tree *tree;
    uint32_t stack[CW_SVG_DEPTH];
    struct svg_text names[CW_SVG_DEPTH];
    uint32_t depth;
    bool styled; /* the open <style> has rules already */
    struct cw_error *err;
};

static enum cw_status syntax(struct scan *scan, const char *what) {
    return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.syntax", "not well-formed: %s", what);
}

static bool starts(const struct scan *scan, const char *word) {
    size_t length = strlen(word);
    return (size_t)(scan->end - scan->at) >= length && memcmp(scan->at, word, length) == 0;
}

static void skip_space(struct scan *scan) {
    while (scan->at < scan->end && memchr(" \t\r\n", *scan->at, 4))
        scan->at++;
}

/* Up to and over `mark`; the text before it in *ret. */
static enum cw_status take_until(struct scan *scan, const char *mark, struct svg_text *ret) {
    const char *found = memmem(scan->at, (size_t)(scan->end - scan->at), mark, strlen(mark));
    if (!found)
        return syntax(scan, "something has no end");
    *ret = (struct svg_text){scan->at, (size_t)(found - scan->at)};
    scan->at = found + strlen(mark);
    return CW_OK;
}

static struct svg_text take_name(struct scan *scan) {
    const char *from = scan->at;
    while (scan->at < scan->end && !memchr(" \t\r\n/>=<\"'&", *scan->at, 11))
        scan->at++;
    return (struct svg_text){from, (size_t)(scan->at - from)};
}

static enum cw_status take_attr(struct scan *scan, struct svg_text element) {
    struct svg_attr attr = {.name = take_name(scan)};
    skip_space(scan);
    if (attr.name.length == 0 || scan->at == scan->end || *scan->at != '=')
        return syntax(scan, "an attribute");
    scan->at++;
    skip_space(scan);
    if (scan->at == scan->end || (*scan->at != '"' && *scan->at != '\''))
        return syntax(scan, "an attribute without quotes");
    const char quote[2] = {*scan->at++, 0};
    enum cw_status status = take_until(scan, quote, &attr.value);
    if (!status && memchr(attr.value.at, '<', attr.value.length))
        status = syntax(scan, "'<' in an attribute");
    return status ? status : cw_svg_attr_rule(scan->tree, element, &attr, scan->err);
}

static bool in_style(const struct scan *scan) {
    return scan->depth > 0 && cw_svg_is(cw_svg_local(scan->names[scan->depth - 1]), "style");
}

static enum cw_status open_node(struct scan *scan, struct svg_text name) {
    struct svg_tree *tree = scan->tree;
    if (in_style(scan))
        return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.style", "an element within <style>");
    scan->styled = false;
    if (tree->node_count == CW_SVG_ELEMENTS)
        return cw_fail(scan->err, CW_E_LIMIT, "artwork.svg.too_many_elements",
                       "more than %d elements", CW_SVG_ELEMENTS);
    if (scan->depth == CW_SVG_DEPTH)
        return cw_fail(scan->err, CW_E_LIMIT, "artwork.svg.too_deep",
                       "elements are nested deeper than %d", CW_SVG_DEPTH);
    scan->names[scan->depth] = name;
    scan->stack[scan->depth++] = tree->node_count;
    tree->nodes[tree->node_count++] =
        (struct svg_node){.own = 1, .ref_start = tree->ref_count, .ref_end = tree->ref_count};
    return cw_svg_element_rule(name, scan->err);
}

static void close_node(struct scan *scan) {
    scan->tree->nodes[scan->stack[--scan->depth]].end = scan->tree->node_count;
}

/* Behind '<' of a start tag. */
static enum cw_status take_start(struct scan *scan) {
    struct svg_text name = take_name(scan);
    if (name.length == 0)
        return syntax(scan, "a tag without a name");
    if (scan->tree->node_count > 0 && scan->depth == 0)
        return syntax(scan, "two roots");
    if (scan->tree->node_count == 0 && !cw_svg_is(cw_svg_local(name), "svg"))
        return cw_fail(scan->err, CW_E_INPUT, "artwork.kind", "the file is no PNG, JPEG or SVG");
    enum cw_status status = open_node(scan, name);
    while (!status) {
        skip_space(scan);
        if (starts(scan, "/>")) {
            scan->at += 2;
            close_node(scan);
            return CW_OK;
        }
        if (starts(scan, ">")) {
            scan->at++;
            return CW_OK;
        }
        status = take_attr(scan, name);
    }
    return status;
}

/* Behind "</". */
static enum cw_status take_end(struct scan *scan) {
    struct svg_text name = take_name(scan);
    skip_space(scan);
    if (scan->depth == 0 || !starts(scan, ">") ||
        name.length != scan->names[scan->depth - 1].length ||
        memcmp(name.at, scan->names[scan->depth - 1].at, name.length) != 0)
        return syntax(scan, "an end tag that ends nothing");
    scan->at++;
    close_node(scan);
    return CW_OK;
}

/* Up to the '>' that ends it: one within a literal does not, and librsvg reads on there. */
static enum cw_status take_doctype(struct scan *scan) {
    char quote = 0;
    bool own = scan->tree->node_count > 0;
    for (; scan->at < scan->end && !own && (quote || *scan->at != '>'); scan->at++) {
        char c = *scan->at;
        own = c == '[';
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
    }
    if (own)
        return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.doctype",
                       "the document type declares something of its own");
    if (scan->at == scan->end)
        return syntax(scan, "something has no end");
    scan->at++;
    return CW_OK;
}

static enum cw_status take_instruction(struct scan *scan) {
    struct svg_text inside = {0};
    enum cw_status status = take_until(scan, "?>", &inside);
    if (status)
        return status;
    if (inside.length < 4 || memcmp(inside.at, "xml", 3) != 0 || inside.at[3] == '-')
        return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.instruction",
                       "processing instructions are not taken");
    if (cw_svg_find(inside, "encoding") && !cw_svg_find(inside, "utf-8"))
        return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.encoding", "the text must be UTF-8");
    return CW_OK;
}

static bool is_blank(struct svg_text text) {
    for (size_t i = 0; i < text.length; i++)
        if (!strchr(" \t\r\n", text.at[i]))
            return false;
    return true;
}

/* The rules of a <style> in one piece: librsvg joins what a comment cuts, and so may a reference
 * be. */
static enum cw_status text_rule(struct scan *scan, struct svg_text text) {
    if (!in_style(scan) || is_blank(text))
        return CW_OK;
    if (scan->styled)
        return cw_fail(scan->err, CW_E_INPUT, "artwork.svg.style", "the rules are in pieces");
    scan->styled = true;
    return cw_svg_style_rule(text, scan->err);
}

static enum cw_status take_markup(struct scan *scan) {
    struct svg_text skipped;
    static const char cdata[] = "<![CDATA[";
    if (starts(scan, "<!--")) {
        scan->at += 4;
        return take_until(scan, "-->", &skipped);
    }
    if (starts(scan, cdata)) {
        scan->at += sizeof cdata - 1;
        enum cw_status status = take_until(scan, "]]>", &skipped);
        return status ? status : text_rule(scan, skipped);
    }
    if (starts(scan, "<!DOCTYPE"))
        return take_doctype(scan);
    if (starts(scan, "<!"))
        return syntax(scan, "an unknown declaration");
    if (starts(scan, "<?")) {
        scan->at += 2;
        return take_instruction(scan);
    }
    if (starts(scan, "</")) {
        scan->at += 2;
        return take_end(scan);
    }
    scan->at++;
    return take_start(scan);
}

static enum cw_status walk(struct scan *scan) {
    enum cw_status status = CW_OK;
    while (!status && scan->at < scan->end) {
        const char *tag = memchr(scan->at, '<', (size_t)(scan->end - scan->at));
        const char *stop = tag ? tag : scan->end;
        status = text_rule(scan, (struct svg_text){scan->at, (size_t)(stop - scan->at)});
        scan->at = stop;
        if (!status && tag)
            status = take_markup(scan);
    }
    if (!status && (scan->depth > 0 || scan->tree->node_count == 0))
        status = syntax(scan, "it ends early");
    return status;
}

enum cw_status cw_svg_scan(const char *text, size_t length, struct cw_error *err) {
    if (length > CW_IMPORT_SVG_BYTES)
        return cw_fail(err, CW_E_LIMIT, "artwork.svg.too_large", "a drawing has at most %d bytes",
                       CW_IMPORT_SVG_BYTES);
    if (memchr(text, 0, length) || !cw_utf8_valid(text, length))
        return cw_fail(err, CW_E_INPUT, "artwork.svg.encoding", "the text must be UTF-8");
    struct svg_tree *tree = calloc(1, sizeof *tree);
    if (!tree)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    bool mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    struct scan scan = {
        .at = text + (mark ? 3 : 0), .end = text + length, .tree = tree, .err = err};
    enum cw_status status = walk(&scan);
    if (!status)
        status = cw_svg_cost(tree, err);
    free(tree);
    return status;
}
