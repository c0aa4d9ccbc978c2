/* Shared by the preview tests: a small product, a resolved configuration, a loop with patience. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "cordwain/resolved.h"

static const struct cw_colour fixture_colours[] = {
    {.id = "red", .srgb = {200, 10, 20}},
    {.id = "ink", .srgb = {1, 2, 3}},
};
static const struct cw_material fixture_materials[] = {{.id = "calf", .finish = "leather"}};
static const struct cw_font fixture_fonts[] = {{.id = "sans", .stack = "sans-bold"}};
static const struct cw_pattern fixture_patterns[] = {
    {.id = "dots", .tile_um = {2000, 3000}, .path = "M0 0L1 1Z", .tile = ""}};
static const struct cw_surface fixture_surfaces[] = {
    {.id = "heel",
     .size_um = {60000, 40000},
     .zone_um = {1, -2, 30000, 8000},
     .artwork_um = {0, 0, 50000, 38000},
     .process = CW_PROCESS_EMBROIDER,
     .spot = "EMB-60",
     .production = {.bleed_um = 3000,
                    .cut_path = "",
                    .cut_spot = "CutContour",
                    .underbase = "",
                    .varnish = ""},
     .min_letter_um = 4000,
     .max_letter_um = 12000,
     .min_stroke_um = 400},
    {.id = "tongue", .size_um = {30000, 30000}},
};
static const struct cw_part fixture_parts[] = {{.id = "upper"}, {.id = "sole"}};
static const struct cw_view fixture_views[] = {{.id = "side"}, {.id = "top"}};
#define FIXTURE_TEXT_OPTION                                                                        \
    {                                                                                              \
        .id = "heel_text", .text = {                                                               \
            .lettering = {.layout = CW_LAYOUT_ARC_BOTTOM,                                          \
                          .numerals = CW_NUMERALS_ARABEXT,                                         \
                          .small_caps = true,                                                      \
                          .spacing_milli = -50,                                                    \
                          .radius_um = 9000,                                                       \
                          .path = "M 1"}                                                           \
        }                                                                                          \
    }
static const struct cw_option fixture_options[] = {
    [3] = FIXTURE_TEXT_OPTION,
    [7] = FIXTURE_TEXT_OPTION,
    [9] = FIXTURE_TEXT_OPTION,
};
static const struct cw_product fixture_product = {
    .id = "shoe",
    .version = "1",
    .art_digest = "sha-256:art",
    .option_count = 10,
    .options = fixture_options,
    .colour_count = 2,
    .colours = fixture_colours,
    .material_count = 1,
    .materials = fixture_materials,
    .font_count = 1,
    .fonts = fixture_fonts,
    .pattern_count = 1,
    .patterns = fixture_patterns,
    .surface_count = 2,
    .surfaces = fixture_surfaces,
    .part_count = 2,
    .parts = fixture_parts,
    .view_count = 2,
    .views = fixture_views,
};
static const struct cw_resolved_part fixture_resolved_parts[] = {{0, 0, 0}, {1, 0, 1}};
static const struct cw_resolved_decal fixture_decals[] = {
    {.kind = CW_DECAL_PATTERN, .surface = 0, .colour = 1, .option = 6, .pattern = 0},
    {.kind = CW_DECAL_TEXT,
     .surface = 0,
     .colour = 0,
     .option = 7,
     .font = 0,
     .text = "Ana",
     .graphemes = 3,
     .rotation_mdeg = 90000},
};

static inline struct cw_resolved fixture_resolved(const char *canonical) {
    return (struct cw_resolved){
        .product = &fixture_product,
        .part_count = 2,
        .parts = fixture_resolved_parts,
        .decal_count = 2,
        .decals = fixture_decals,
        .canonical = canonical,
        .canonical_length = strlen(canonical),
    };
}

static inline void fixture_tick(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what, (void)arg;
}

/* Turn the loop until *flag or until `ms` have passed; generous, as the machine may be busy. */
static inline bool fixture_wait(struct event_base *base, const bool *flag, int64_t ms) {
    int64_t end = cw_clock_monotonic_ms(&cw_clock_system) + ms;
    struct timeval tick = {.tv_usec = 2000};
    struct event *timer = event_new(base, -1, EV_PERSIST, fixture_tick, NULL);
    event_add(timer, &tick);
    while (!*flag && cw_clock_monotonic_ms(&cw_clock_system) < end)
        event_base_loop(base, EVLOOP_ONCE);
    event_free(timer);
    return *flag;
}

static inline void fixture_run(struct event_base *base, int64_t ms) {
    bool never = false;
    fixture_wait(base, &never, ms);
}

#define FIXTURE_PATH 64
/* A temporary file with this text; the caller unlinks it. */
static inline void fixture_file(char ret_path[FIXTURE_PATH], const char *text) {
    strcpy(ret_path, "/tmp/cw-preview-XXXXXX");
    int fd = mkstemp(ret_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static inline void fixture_rewrite(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}
