/* Identities: a golden value, and every field changes it. Runs in: tests only. */
#include "preview/identity.h"

#include "fixture.h"

static struct cw_identity_args base_args(void) {
    return (struct cw_identity_args){
        .canonical = {.data = (const uint8_t *)"{\"a\":1}", .length = 7},
        .view = "side",
        .width_px = 1024,
        .format = CW_FORMAT_WEBP,
        .background = {255, 254, 253},
        .renderer_build = "r1",
        .art_digest = "sha-256:a",
        .fonts_digest = "sha-256:f",
    };
}

static void name_of(const struct cw_identity_args *args, char ret_text[CW_IDENTITY_TEXT]) {
    uint8_t identity[CW_IDENTITY_BYTES];
    cw_identity_compute(args, identity);
    cw_identity_text(identity, ret_text);
}

static void golden(void **state) {
    (void)state;
    struct cw_identity_args args = base_args();
    char text[CW_IDENTITY_TEXT];
    name_of(&args, text);
    /* From an independent computation with Python's struct and hashlib, fields as in identity.c. */
    assert_string_equal(text, "Y9IA2D9vP60J48tblmiDrji80uSPqWNGkZvTlsU9fqs");
    assert_int_equal(strlen(text), CW_IDENTITY_TEXT - 1);
}

static void every_field_counts(void **state) {
    (void)state;
    enum { CASES = 19 };
    struct cw_identity_args cases[CASES];
    char names[CASES][CW_IDENTITY_TEXT];
    for (int i = 0; i < CASES; i++)
        cases[i] = base_args();
    cases[1].canonical.data = (const uint8_t *)"{\"a\":2}";
    cases[2].view = "top";
    cases[3].width_px = 1023;
    cases[4].format = CW_FORMAT_PNG;
    cases[5].background[0] = 0;
    cases[6].background[1] = 0;
    cases[7].background[2] = 0;
    cases[8].renderer_build = "r2";
    cases[9].art_digest = "sha-256:b";
    cases[10].fonts_digest = "sha-256:g";
    /* Text moved over a field border must not give the same name. */
    cases[11].art_digest = "sha-256:asha-256:f";
    cases[11].fonts_digest = "";
    cases[12].renderer_build = "r1s";
    cases[12].art_digest = "ha-256:a";
    for (int i = 0; i < 4; i++)
        cases[13 + i].frame.crop_px[i] = 1;
    cases[17].frame.transparent = true;
    cases[18].frame.no_shadow = true;
    for (int i = 0; i < CASES; i++) {
        name_of(&cases[i], names[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(every_field_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
