/* What a drawing may hold: each rule by its name, each budget at its limit and one above. */
#include "svg_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "svg_cost.h"

static void expect(const char *text, size_t length, const char *code) {
    struct cw_error err = {0};
    enum cw_status status = cw_svg_scan(text, length, &err);
    if (code == NULL && status != CW_OK)
        fail_msg("%.80s: %s", text, err.code);
    if (code != NULL && status == CW_OK)
        fail_msg("%.80s: taken, not %s", text, code);
    if (code != NULL)
        assert_string_equal(err.code, code);
}

static void test_rules(void **state) {
    (void)state;
    static const struct {
        const char *inside, *code;
    } cases[] = {
        {"<path d='M0 0h1'/>", NULL},
        {"<!-- <script/> --><g><g/></g>", NULL},
        {"<style>.a{fill:red}</style>", NULL},
        {"<style><![CDATA[.a{fill:url(http://x)}]]></style>", "artwork.svg.style"},
        {"<style> <![CDATA[.a{fill:red}]]> </style>", NULL},
        {"<style>.a{fill:u<!-- -->rl(#g)}</style>", "artwork.svg.style"},
        {"<style>.a{fill:u<![CDATA[rl(#g)]]>}</style>", "artwork.svg.style"},
        {"<style><g/></style>", "artwork.svg.style"},
        {"<style>.a{fill:red}</style><style>.b{fill:red}</style>", NULL},
        {"<style>@import 'x'</style>", "artwork.svg.style"},
        {"<g style='fill:\\75rl(#a)'/>", "artwork.svg.style"},
        {"<script>1</script>", "artwork.svg.script"},
        {"<x:script xmlns:x='http://www.w3.org/2000/svg'/>", "artwork.svg.script"},
        {"<g onload='x()'/>", "artwork.svg.script"},
        {"<image href='data:image/png;base64,AA'/>", "artwork.svg.element"},
        {"<text>a</text>", "artwork.svg.element"},
        {"<filter/>", "artwork.svg.element"},
        {"<use href='http://example.org/a.svg#b'/>", "artwork.svg.external"},
        {"<use xlink:href=' other.svg#b'/>", "artwork.svg.external"},
        {"<g fill='url( &quot;http://x&quot; )'/>", "artwork.svg.entity"},
        {"<g fill='URL(http://x)'/>", "artwork.svg.external"},
        {"<g xml:base='http://x/'/>", "artwork.svg.external"},
        {"<a href='http://example.org/'><g/></a>", NULL},
        {"<use href='#nothing'/>", NULL},
        {"<g id='a'><use href='#a'/></g>", "artwork.svg.cycle"},
        {"<g id='a'><use href='#b'/></g><g id='b' mask='url(#a)'/>", "artwork.svg.cycle"},
        {"<?xml-stylesheet href='x'?>", "artwork.svg.instruction"},
        {"<!DOCTYPE svg>", "artwork.svg.doctype"},
        {"<!ENTITY a 'b'>", "artwork.svg.syntax"},
        {"<g a=1/>", "artwork.svg.syntax"},
        {"<g></h>", "artwork.svg.syntax"},
        {"</svg><svg>", "artwork.svg.syntax"},
        {"\xff", "artwork.svg.encoding"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_BUF struct cw_buf text = {0};
        cw_buf_printf(&text, "<svg>%s</svg>", cases[i].inside);
        expect(text.data, text.length, cases[i].code);
    }
}

static void test_whole_files(void **state) {
    (void)state;
    static const char doctype[] = "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>";
    static const char plain_doctype[] = "<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'x'><svg/>";
    /* the '>' of a literal ends nothing: what follows is drawn */
    static const char hiding[] = "<!DOCTYPE svg SYSTEM \"x><![CDATA[\"><svg><filter id='f'/>"
                                 "<!-- ]]><svg> --></svg>";
    static const char latin[] = "<?xml version='1.0' encoding='iso-8859-1'?><svg/>";
    expect(doctype, sizeof doctype - 1, "artwork.svg.doctype");
    expect(plain_doctype, sizeof plain_doctype - 1, NULL);
    expect(hiding, sizeof hiding - 1, "artwork.svg.doctype");
    expect(latin, sizeof latin - 1, "artwork.svg.encoding");
    expect("<svg>", 5, "artwork.svg.syntax");
    expect("<html/>", 7, "artwork.kind");
    expect("<svg/>\0", 7, "artwork.svg.encoding");
}

static void repeat(struct cw_buf *text, const char *what, size_t times) {
    for (size_t i = 0; i < times; i++)
        cw_buf_puts(text, what);
}

static void nested(size_t depth, const char *code) {
    CW_AUTO_BUF struct cw_buf text = {0};
    repeat(&text, "<svg>", depth);
    repeat(&text, "</svg>", depth);
    expect(text.data, text.length, code);
}

static void wide(size_t elements, const char *code) {
    CW_AUTO_BUF struct cw_buf text = {0};
    cw_buf_puts(&text, "<svg>");
    repeat(&text, "<g/>", elements - 1);
    cw_buf_puts(&text, "</svg>");
    expect(text.data, text.length, code);
}

/* svg, path and its points: 2 + points. */
static void busy(size_t points, const char *code) {
    CW_AUTO_BUF struct cw_buf text = {0};
    cw_buf_puts(&text, "<svg><path d='M");
    repeat(&text, "1 2 ", points);
    cw_buf_puts(&text, "'/></svg>");
    expect(text.data, text.length, code);
}

static void long_file(size_t length, const char *code) {
    CW_AUTO_BUF struct cw_buf text = {0};
    cw_buf_puts(&text, "<svg/>");
    char *spaces = malloc(length - text.length);
    assert_non_null(spaces);
    memset(spaces, ' ', length - text.length);
    cw_buf_add(&text, spaces, length - text.length);
    free(spaces);
    expect(text.data, text.length, code);
}

static void test_budgets(void **state) {
    (void)state;
    nested(CW_SVG_DEPTH, NULL);
    nested(CW_SVG_DEPTH + 1, "artwork.svg.too_deep");
    wide(CW_SVG_ELEMENTS, NULL);
    wide(CW_SVG_ELEMENTS + 1, "artwork.svg.too_many_elements");
    busy(CW_SVG_WORK - 2, NULL);
    busy(CW_SVG_WORK - 1, "artwork.svg.too_much_work");
    long_file(CW_IMPORT_SVG_BYTES, NULL);
    long_file(CW_IMPORT_SVG_BYTES + 1, "artwork.svg.too_large");
}

/* Ten of ten of ten …: uses, patterns in patterns, markers. */
static void put_bomb(struct cw_buf *text, const char *element, const char *attribute, int levels) {
    cw_buf_puts(text, "<svg><g id='l0'/>");
    for (int level = 1; level <= levels; level++) {
        cw_buf_printf(text, "<g id='l%d'>", level);
        for (int i = 0; i < 10; i++)
            cw_buf_printf(text, attribute, element, level - 1);
        cw_buf_puts(text, "</g>");
    }
}

static void bomb(const char *element, const char *attribute, int levels, const char *code) {
    CW_AUTO_BUF struct cw_buf text = {0};
    put_bomb(&text, element, attribute, levels);
    cw_buf_puts(&text, "</svg>");
    expect(text.data, text.length, code);
}

/* Harmless elements of the same ids behind it: librsvg draws the first of an id. */
static void test_decoys(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf text = {0};
    put_bomb(&text, "use", "<%s href='#l%d'/>", 9);
    for (int i = 0; i < 90; i++)
        cw_buf_printf(&text, "<g id='l%d'/>", i % 10);
    cw_buf_puts(&text, "</svg>");
    expect(text.data, text.length, "artwork.svg.too_much_work");
}

static void test_bombs(void **state) {
    (void)state;
    bomb("use", "<%s href='#l%d'/>", 3, NULL);
    bomb("use", "<%s href='#l%d'/>", 9, "artwork.svg.too_much_work");
    bomb("path", "<%s d='M0 0' fill='url(#l%d)'/>", 9, "artwork.svg.too_much_work");
    bomb("path", "<%s style='marker:url(\"#l%d\")'/>", 9, "artwork.svg.too_much_work");
    bomb("g", "<%s mask='url(#l%d)'/>", 9, "artwork.svg.too_much_work");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),   cmocka_unit_test(test_whole_files),
        cmocka_unit_test(test_budgets), cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_decoys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
