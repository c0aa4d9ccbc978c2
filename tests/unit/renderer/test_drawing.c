/* The list of inks and operations, and the two files written of it: names, numbers, structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cordwain/limits.h"
#include "drawing.h"
#include "pdf_write.h"
#include "svg_write.h"

static const uint8_t red[3] = {255, 0, 51}, black[3] = {0, 0, 0};

static void numbers_have_no_locale(void **state) {
    (void)state;
    const struct {
        int64_t value;
        int decimals;
        const char *text;
    } cases[] = {{0, 3, "0"},
                 {1500, 3, "1.5"},
                 {-1, 3, "-0.001"},
                 {-12000, 3, "-12"},
                 {1000001, 6, "1.000001"},
                 {7, 0, "7"},
                 {INT64_MIN, 3, "-9223372036854775.808"},
                 {INT64_MAX, 12, "9223372.036854775807"}};
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* where the machine has it */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_BUF struct cw_buf out = {0};
        cw_put_decimal(&out, cases[i].value, cases[i].decimals);
        assert_string_equal(out.data, cases[i].text);
    }
    (void)setlocale(LC_ALL, "C");
}

static void inks_are_known_by_their_clean_name(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_drawing d;
    cw_drawing_init(&d, arena);
    assert_int_equal(cw_drawing_ink(&d, "White", red), 0);
    assert_int_equal(cw_drawing_ink(&d, "a\tb\x7F\xEF\xBF\xBF", red), 1);
    assert_string_equal(d.inks[1].name, "a_b__");
    assert_int_equal(cw_drawing_ink(&d, "White", black), 0);
    assert_memory_equal(d.inks[0].rgb, red, 3);
    assert_int_equal(cw_drawing_ink(&d, "None", red), 2);
    assert_int_equal(cw_drawing_ink(&d, "", red), 2);
    assert_string_equal(d.inks[2].name, "Ink");
    char longest[CW_INK_NAME_BYTES + 4];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + CW_INK_NAME_BYTES - 1, "\xC3\xA9", 3); /* would be cut within é */
    assert_int_equal(cw_drawing_ink(&d, longest, red), 3);
    assert_int_equal(strlen(d.inks[3].name), CW_INK_NAME_BYTES - 1);
    for (int i = 0; i < 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "i%d", i);
        assert_int_equal(cw_drawing_ink(&d, name, red), 4 + i);
    }
    assert_string_equal(d.inks[0].name, "White");
}

static void points_have_a_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_drawing d;
    cw_drawing_init(&d, arena);
    struct cw_drawing_op op = {.outline = {.point_count = CW_DRAWING_POINTS - 4}};
    const struct cw_outline clip = {.point_count = 4};
    op.clips = &clip;
    op.clip_count = 1;
    assert_int_equal(cw_drawing_add(&d, &op, NULL), CW_OK);
    struct cw_drawing_op one = {.outline = {.point_count = 1}};
    struct cw_error err = {0};
    assert_int_equal(cw_drawing_add(&d, &one, &err), CW_E_LIMIT);
    assert_string_equal(err.code, "render.artwork_too_detailed");
}

/* A square of 10 mm clipped twice, and a cut line, on a page of 20 × 30 mm and 2 mm of bleed. */
static void make(struct cw_drawing *d, struct cw_arena *arena) {
    static const int32_t curve[][2] = {{-5000, 0}, {-2000, 1}, {2000, 1}, {5000, -1}};
    static const int32_t triangle[][2] = {{0, 0}, {5000, 0}, {0, 5000}};
    cw_drawing_init(d, arena);
    d->title = "heel (left) <&>";
    d->digest = "sha-256:77";
    d->trim = (struct cw_box){{-10000, -15000}, {10000, 15000}};
    d->bleed = (struct cw_box){{-12000, -17000}, {12000, 17000}};
    d->media = (struct cw_box){{-20000, -25000}, {20000, 25000}};
    struct cw_outline *clips = cw_arena_array(arena, 2, sizeof *clips);
    clips[0] = (struct cw_outline){4, "MLLZ", 3, triangle, true};
    clips[1] = (struct cw_outline){4, "MLLZ", 3, triangle, false};
    struct cw_drawing_op op = {
        .ink = cw_drawing_ink(d, "Ruby #1/é", red), .clip_count = 2, .clips = clips};
    op.outline = cw_outline_box(d, &(struct cw_box){{-5000, -5000}, {5000, 5000}});
    assert_int_equal(cw_drawing_add(d, &op, NULL), CW_OK);
    op = (struct cw_drawing_op){.ink = cw_drawing_ink(d, "CutContour", black),
                                .line_um = 88,
                                .unclipped_by_bleed = true,
                                .outline = {2, "MC", 4, curve, false}};
    assert_int_equal(cw_drawing_add(d, &op, NULL), CW_OK);
}

static bool has(const struct cw_buf *out, const char *text) {
    return memmem(out->data, out->length, text, strlen(text)) != NULL;
}

/* Every entry of the table is 20 bytes and points at its object. */
static void check_references(const struct cw_buf *pdf, size_t base, size_t objects) {
    const char *file = pdf->data + base;
    const char *mark = strstr(memmem(file, pdf->length - base, "startxref\n", 10), "\n") + 1;
    size_t table = strtoul(mark, NULL, 10);
    char head[32];
    snprintf(head, sizeof head, "xref\n0 %zu\n", objects + 1);
    assert_memory_equal(file + table, head, strlen(head));
    const char *entry = file + table + strlen(head) + 20;
    for (size_t i = 1; i <= objects; i++, entry += 20) {
        char object[32];
        snprintf(object, sizeof object, "%zu 0 obj\n", i);
        assert_memory_equal(file + strtoul(entry, NULL, 10), object, strlen(object));
        assert_memory_equal(entry + 10, " 00000 n \n", 10);
    }
    assert_memory_equal(entry, "trailer\n", 8);
}

static void pdf_is_whole(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf pdf = {0};
    struct cw_drawing d;
    make(&d, arena);
    cw_buf_puts(&pdf, "before");
    assert_int_equal(cw_pdf_write(&d, &pdf, NULL), CW_OK);
    assert_memory_equal(pdf.data, "before%PDF-1.4\n", 15);
    check_references(&pdf, 6, 8);
    assert_true(has(&pdf, "/Separation /Ruby#20#231#2F#C3#A9 /DeviceRGB"));
    assert_true(has(&pdf, "/C1 [1 0 0.2]"));
    assert_true(has(&pdf, "/Separation /CutContour /DeviceRGB"));
    assert_true(has(&pdf, "/MediaBox [0 0 113.385827 141.732283] /BleedBox [22.677165 22.677165 "
                          "90.708661 119.055118] /TrimBox [28.346457 28.346457 "));
    assert_true(has(&pdf, "/Title (heel \\(left\\) <&>)"));
    assert_true(has(&pdf, "heel (left) &lt;&amp;&gt;</rdf:li>"));
    assert_true(has(&pdf, "<dc:identifier>sha-256:77</dc:identifier>"));
    assert_false(has(&pdf, "OutputIntent"));
}

static void pdf_content_is_in_micrometres(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf pdf = {0};
    struct cw_drawing d;
    make(&d, arena);
    d.overprint = true;
    assert_int_equal(cw_pdf_write(&d, &pdf, NULL), CW_OK);
    const char *stream = memmem(pdf.data, pdf.length, "/FlateDecode>>\nstream\n", 22);
    assert_non_null(stream);
    char text[4096];
    uLongf length = sizeof text - 1;
    size_t rest = pdf.length - (size_t)(stream + 22 - pdf.data);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)(stream + 22),
                  .avail_in = (uInt)rest,
                  .next_out = (Bytef *)text,
                  .avail_out = (uInt)length};
    assert_int_equal(inflateInit(&z), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    text[z.total_out] = '\0';
    inflateEnd(&z);
    assert_string_equal(text, ".002834645669 0 0 .002834645669 56.692913 70.866142 cm\n"
                              "/O gs\nq\n-12000 -17000 24000 34000 re W n\n"
                              "0 0 m\n5000 0 l\n0 5000 l\nh\nW* n\n"
                              "0 0 m\n5000 0 l\n0 5000 l\nh\nW n\n"
                              "/I0 cs 1 scn\n-5000 -5000 m\n5000 -5000 l\n5000 5000 l\n"
                              "-5000 5000 l\nh\nf\nQ\n"
                              "q\n/I1 CS 1 SCN 88 w\n-5000 0 m\n-2000 1 2000 1 5000 -1 c\nS\nQ\n");
}

static void svg_is_in_millimetres(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf svg = {0};
    struct cw_drawing d;
    make(&d, arena);
    assert_int_equal(cw_svg_write(&d, &svg, NULL), CW_OK);
    assert_true(has(&svg, "width=\"40mm\" height=\"50mm\" viewBox=\"0 0 40 50\""));
    assert_true(has(&svg, "<title>heel (left) &lt;&amp;&gt;</title>"));
    assert_true(has(&svg, "cw:design=\"sha-256:77\" cw:trimBox=\"10 10 20 30\" "
                          "cw:bleedBox=\"8 8 24 34\""));
    assert_true(has(&svg, "<clipPath id=\"c1\"><path clip-rule=\"evenodd\" "
                          "d=\"M20 25L25 25L20 20Z\"/></clipPath>\n<clipPath id=\"c2\"><path d="));
    assert_true(has(&svg, "inkscape:label=\"Ruby #1/é\" data-spot=\"Ruby #1/é\">\n"
                          "<g clip-path=\"url(#c0)\"><g clip-path=\"url(#c1)\">"
                          "<g clip-path=\"url(#c2)\"><path fill=\"#ff0033\" "
                          "d=\"M15 30L25 30L25 20L15 20Z\"/></g></g></g>\n</g>\n"));
    assert_true(has(&svg, "<path fill=\"none\" stroke=\"#000000\" stroke-width=\"0.088\" "
                          "d=\"M15 25C18 24.999 22 24.999 25 25.001\"/>\n</g>\n</svg>\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_no_locale),
        cmocka_unit_test(inks_are_known_by_their_clean_name),
        cmocka_unit_test(points_have_a_limit),
        cmocka_unit_test(pdf_is_whole),
        cmocka_unit_test(pdf_content_is_in_micrometres),
        cmocka_unit_test(svg_is_in_millimetres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
