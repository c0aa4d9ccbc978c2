/*
 * Responsible for continuing UV coordinates over the soft edge of their surface. Does not decide
 * what the mask is. The pack writer runs it.
 */
#include "uv.h"

#include <stdlib.h>

#define SPAN_MAX 8
#define SURE     255 /* mask from which a coordinate is believed */
#define AGREE    100 /* [1/65536] how far a stored coordinate may lie from the prediction at least */
#define EDGE_PX  64  /* no soft edge is wider */

struct mender {
    uint16_t *uv;
    const uint8_t *mask;
    uint8_t *sure;
    int w, h;
};

struct guess {
    int value[2], slope[2], count;
};

static bool is_sure(const struct mender *m, int x, int y) {
    return x >= 0 && y >= 0 && x < m->w && y < m->h && m->sure[y * m->w + x] == 1;
}

/* Straight continuation from one side by the slope over `span` pixels. */
static void guess_from(const struct mender *m, int at, int step, int span, struct guess *ret) {
    const uint16_t *near = m->uv + (ptrdiff_t)(at + step) * 2;
    const uint16_t *far = near + (ptrdiff_t)(step * span) * 2;
    for (int i = 0; i < 2; i++) {
        ret->value[i] += near[i] + (near[i] - far[i]) / span;
        ret->slope[i] += abs(near[i] - far[i]) / span;
    }
    ret->count++;
}

/* The longest span that is sure: rounding and render noise weigh less, and do not add up. */
static int sure_span(const struct mender *m, const int at[2], const int step[2]) {
    if (!is_sure(m, at[0] + step[0], at[1] + step[1]))
        return 0;
    for (int span = SPAN_MAX; span > 0; span /= 2)
        if (is_sure(m, at[0] + step[0] * (1 + span), at[1] + step[1] * (1 + span)))
            return span;
    return 0;
}

static struct guess predict(const struct mender *m, int x, int y) {
    struct guess guess = {0};
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int span = sure_span(m, (const int[]){x, y}, (const int[]){dx, dy});
            if (span)
                guess_from(m, y * m->w + x, dy * m->w + dx, span, &guess);
        }
    return guess;
}

static void settle(struct mender *m, int x, int y, const struct guess *guess) {
    uint16_t *uv = m->uv + ((size_t)y * (size_t)m->w + (size_t)x) * 2;
    int value[2];
    bool agrees = true;
    for (int i = 0; i < 2; i++) {
        value[i] = guess->value[i] / guess->count;
        if (abs(uv[i] - value[i]) > AGREE + guess->slope[i] / guess->count / 2)
            agrees = false;
    }
    for (int i = 0; i < 2 && !agrees; i++)
        uv[i] = (uint16_t)(value[i] < 0 ? 0 : value[i] > 65535 ? 65535 : value[i]);
}

/* One ring outwards. Marks new pixels 2 first, so that the ring depends on the ring before only. */
static bool grow(struct mender *m) {
    bool changed = false;
    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++) {
            int at = y * m->w + x;
            if (m->sure[at] || m->mask[at] == 0)
                continue;
            const struct guess guess = predict(m, x, y);
            if (guess.count == 0)
                continue;
            settle(m, x, y, &guess);
            m->sure[at] = 2;
            changed = true;
        }
    for (int i = 0; i < m->w * m->h; i++)
        if (m->sure[i] == 2)
            m->sure[i] = 1;
    return changed;
}

void cw_uv_mend(struct cw_arena *arena, uint16_t *uv, const struct cw_pack_surface *surface) {
    struct mender m = {.uv = uv, .mask = surface->mask.data};
    m.w = (int)surface->mask.w; /* sides ≤ CW_ART_SIDE_PX */
    m.h = (int)surface->mask.h;
    m.sure = cw_arena_alloc(arena, (size_t)m.w * (size_t)m.h + 1);
    for (int i = 0; i < m.w * m.h; i++)
        m.sure[i] = m.mask[i] >= SURE;
    for (int ring = 0; ring < EDGE_PX && grow(&m); ring++)
        continue;
}
