/*
 * How each process looks: the same letters engraved, debossed, embossed and embroidered in the
 * colour of their ground, near and far, against recorded pictures; and what is raised is the
 * opposite of what is pressed.
 * CW_GOLDEN_WRITE=1 records them anew.
 */
#include "text_golden.h"

#include "relief.h"

#define GROUND 150 /* light of the material, of 255 */

static const struct {
    const char *name;
    enum cw_process process;
} processes[] = {{"engrave", CW_PROCESS_ENGRAVE},
                 {"deboss", CW_PROCESS_DEBOSS},
                 {"emboss", CW_PROCESS_EMBOSS},
                 {"embroider", CW_PROCESS_EMBROIDER}};
#define PROCESSES (sizeof processes / sizeof *processes)

static const int32_t scales[] = {40, 160}; /* [µm/px] */
#define SCALES (sizeof scales / sizeof *scales)

static struct cw_coverage relief(const struct cw_coverage *flat, size_t p, size_t s,
                                 enum cw_relief which) {
    struct cw_coverage ret = {0};
    const struct cw_relief_args args = {flat, processes[p].process, scales[s], which, {-600, -800}};
    assert_int_equal(cw_relief_make(&args, &ret, NULL), CW_OK);
    return ret;
}

/* Tone on tone: black and white inks of shade and shine on a grey ground, rows without padding. */
static struct cw_coverage picture(size_t p, size_t s) {
    struct cw_scene_decal decal = text_decal("serif-bold", "Ag");
    memcpy(decal.size_um, (const int32_t[]){16000, 12000}, sizeof decal.size_um);
    memcpy(decal.zone_um, (const int32_t[]){-8000, -6000, 16000, 12000}, sizeof decal.zone_um);
    struct cw_coverage flat = cover_ok(&decal, scales[s]);
    struct cw_coverage shade = relief(&flat, p, s, CW_RELIEF_SHADE);
    struct cw_coverage shine = relief(&flat, p, s, CW_RELIEF_SHINE);
    struct cw_coverage ret = {flat.width, flat.height, flat.width,
                              calloc((size_t)flat.width, (size_t)flat.height)};
    assert_non_null(ret.data);
    for (int y = 0; y < flat.height; y++)
        for (int x = 0; x < flat.width; x++) {
            const int at = y * flat.stride + x;
            int light = GROUND * (255 - shade.data[at]) / 255;
            light += (255 - light) * shine.data[at] / 255;
            ret.data[y * ret.stride + x] = (uint8_t)light;
        }
    cw_coverage_deinit(&flat);
    cw_coverage_deinit(&shade);
    cw_coverage_deinit(&shine);
    return ret;
}

static void name_of(char ret[64], size_t p, size_t s) {
    assert_in_range(snprintf(ret, 64, "%s-%d", processes[p].name, scales[s]), 1, 63);
}

static bool compare_pictures(void) {
    CW_AUTO_BUF struct cw_buf reference = {0};
    CW_AUTO_BUF struct cw_buf out = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char path[512], name[64];
    const char *recorded;
    put_reference(&reference);
    cw_buf_add(&out, reference.data, reference.length);
    for (size_t p = 0; p < PROCESSES; p++)
        cw_buf_printf(&out, "%s\n", processes[p].name);
    path_of(path, CW_GOLDEN_PROCESS, "cases", "txt");
    if (recording())
        assert_int_equal(cw_file_write_atomic(path, out.data, out.length, 0644, NULL), CW_OK);
    if (!read_recorded(path, &reference, arena, &recorded))
        return false;
    assert_string_equal(out.data, recorded);
    for (size_t i = 0; i < PROCESSES * SCALES; i++) {
        struct cw_coverage drawn = picture(i / SCALES, i % SCALES);
        name_of(name, i / SCALES, i % SCALES);
        path_of(path, CW_GOLDEN_PROCESS, name, "png");
        if (recording())
            record_picture(path, &drawn);
        else
            compare_picture(path, &drawn);
        cw_coverage_deinit(&drawn);
    }
    return true;
}

static void processes_look_as_recorded(void **state) {
    (void)state;
    if (!compare_pictures()) /* outside: skip() lets go of nothing */
        skip();
}

/* How alike two pictures are about their ground, in percent: 100 the same, below 0 opposite, which
 * is told apart at a glance. */
static int likeness(const struct cw_coverage *a, const struct cw_coverage *b) {
    int64_t sum = 0, own = 0;
    for (int i = 0; i < a->width * a->height; i++) {
        int x = a->data[i] - GROUND, y = b->data[i] - GROUND;
        sum += x * y;
        own += x * x + y * y;
    }
    return own ? (int)(200 * sum / own) : 0; /* 100: the same; below 0: opposite */
}

/* What is pressed in and what is raised are opposite wherever either is anything, near and far. */
static void nobody_takes_raised_for_pressed(void **state) {
    (void)state;
    for (size_t s = 0; s < SCALES; s++) {
        struct cw_coverage deboss = picture(1, s), emboss = picture(2, s);
        assert_true(likeness(&deboss, &deboss) == 100);
        assert_true(likeness(&deboss, &emboss) < 0);
        cw_coverage_deinit(&deboss);
        cw_coverage_deinit(&emboss);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_look_as_recorded),
        cmocka_unit_test(nobody_takes_raised_for_pressed),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
