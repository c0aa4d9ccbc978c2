/*
 * Responsible for what a worker remembers and what of it is still right for another scene. Does not
 * draw (compose.c) and does not encode (encode_png.c). Workers run it.
 *
 * A shopper's next picture mostly differs from the last one in one part. Rows that neither a
 * changed part, a changed sheet nor a changed decal touches have the same pixels, so they stay, and
 * with them the deflated strips that hold only such rows. Every row that is drawn is drawn whole,
 * by the same code as in a new picture, so the bytes are the same.
 */
#include "recent.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "cordwain/limits.h"
#include "encode.h"

struct picture {
    struct cw_arena *arena; /* NULL: empty */
    const struct cw_pack *pack;
    struct cw_plan plan; /* lists in the arena */
    struct cw_picture pixels;
    struct cw_png_strips strips;
    uint64_t used;
};

struct cw_recent {
    struct picture items[CW_RENDER_RECENT];
    uint64_t tick;
};

struct cw_recent *cw_recent_new(void) {
    return calloc(1, sizeof(struct cw_recent));
}

static void drop(struct picture *p) {
    cw_arena_free(p->arena);
    cw_picture_deinit(&p->pixels);
    cw_png_strips_deinit(&p->strips);
    *p = (struct picture){0};
}

void cw_recent_free(struct cw_recent *recent) {
    for (size_t i = 0; recent && i < CW_RENDER_RECENT; i++)
        drop(&recent->items[i]);
    free(recent);
}

void cw_recent_forget(struct cw_recent *recent, const struct cw_pack *pack) {
    for (size_t i = 0; i < CW_RENDER_RECENT; i++)
        if (recent->items[i].pack == pack)
            drop(&recent->items[i]);
}

static size_t bytes_of(const struct picture *p) {
    size_t sum = (size_t)p->pixels.width * p->pixels.height * cw_picture_pixel_bytes(&p->pixels);
    for (size_t i = 0; i < p->strips.count; i++)
        sum += p->strips.items[i].deflated.capacity;
    for (size_t i = 0; i < p->plan.layer_count; i++)
        sum += (size_t)p->plan.layers[i].w * p->plan.layers[i].h * (p->plan.layers[i].inks ? 4 : 1);
    return sum;
}

size_t cw_recent_bytes(const struct cw_recent *recent) {
    size_t sum = 0;
    for (size_t i = 0; i < CW_RENDER_RECENT; i++)
        sum += bytes_of(&recent->items[i]);
    return sum;
}

/* An empty place, or the one longest unused. */
static struct picture *oldest(struct cw_recent *recent) {
    struct picture *ret = &recent->items[0];
    for (size_t i = 1; i < CW_RENDER_RECENT; i++)
        if (recent->items[i].used < ret->used)
            ret = &recent->items[i];
    return ret;
}

static void keep_within_limit(struct cw_recent *recent) {
    for (size_t i = 0; i < CW_RENDER_RECENT; i++) /* one that is too large alone costs no other */
        if (bytes_of(&recent->items[i]) > CW_RENDER_RECENT_BYTES)
            drop(&recent->items[i]);
    while (cw_recent_bytes(recent) > CW_RENDER_RECENT_BYTES) {
        struct picture *last = NULL;
        for (size_t i = 0; i < CW_RENDER_RECENT; i++) {
            struct picture *p = &recent->items[i];
            if (p->arena && (!last || p->used < last->used))
                last = p;
        }
        drop(last);
    }
}

static const struct cw_layer *find_layer(const void *data, const struct cw_pack_surface *surface,
                                         const uint8_t key[32]) {
    const struct cw_recent *recent = data;
    for (size_t i = 0; i < CW_RENDER_RECENT; i++) {
        const struct cw_plan *plan = &recent->items[i].plan;
        for (size_t k = 0; k < plan->layer_count; k++)
            if (plan->layers[k].surface == surface && memcmp(plan->layers[k].key, key, 32) == 0)
                return &plan->layers[k];
    }
    return NULL;
}

/* ---- what differs ---------------------------------------------------------------------------- */

static bool same_part(const struct cw_plan_part *a, const struct cw_plan_part *b) {
    return a->light.tinted == b->light.tinted && a->light.plain == b->light.plain &&
           memcmp(a->colour, b->colour, sizeof a->colour) == 0;
}

static void mark_part(const struct cw_spans *spans, bool *rows) {
    for (uint32_t row = 0; row < spans->h; row++)
        if (spans->rows[row].span != spans->rows[row + 1].span)
            rows[spans->y + row] = true;
}

static bool same_layer(const struct cw_layer *a, const struct cw_layer *b) {
    return a->surface == b->surface && memcmp(a->key, b->key, sizeof a->key) == 0 &&
           memcmp(a->rgb, b->rgb, sizeof a->rgb) == 0;
}

static void mark_layer(const struct cw_plan *plan, size_t number, bool *rows) {
    if (number < plan->layer_count)
        memset(rows + plan->layers[number].y, true, plan->layers[number].h);
}

static void mark_sheet(const struct cw_plan *plan, size_t number, bool *rows) {
    const struct cw_sheet *sheet = number < plan->sheet_count ? &plan->sheets[number] : NULL;
    if (sheet && sheet->picture)
        mark_part(&sheet->picture->spans, rows);
    for (size_t i = 0; sheet && !sheet->picture && i < plan->layer_count; i++)
        if (plan->layers[i].surface->surface == sheet->surface)
            mark_layer(plan, i, rows);
}

static void mark_sheets(const struct cw_plan *old, const struct cw_plan *new, bool *rows) {
    for (size_t i = 0; i < old->sheet_count || i < new->sheet_count; i++) {
        if (i < old->sheet_count &&
            i < new->sheet_count &&cw_sheet_same(&old->sheets[i], &new->sheets[i]))
            continue;
        mark_sheet(old, i, rows);
        mark_sheet(new, i, rows);
    }
}

/* Flags for rows of the level; returns how many. */
static size_t mark(const struct cw_plan *old, const struct cw_plan *new, bool *rows) {
    memset(rows, false, new->level->height_px);
    for (size_t i = 0; i < new->part_count; i++)
        if (!same_part(&old->parts[i], &new->parts[i]))
            mark_part(new->parts[i].spans, rows);
    for (size_t i = 0; i < old->layer_count || i < new->layer_count; i++) {
        if (i < old->layer_count &&
            i < new->layer_count &&same_layer(&old->layers[i], &new->layers[i]))
            continue;
        mark_layer(old, i, rows);
        mark_layer(new, i, rows);
    }
    mark_sheets(old, new, rows);
    size_t count = 0;
    for (uint32_t y = 0; y < new->level->height_px; y++)
        count += rows[y];
    return count;
}

/* A level belongs to one view of one pack. */
static bool same_frame(const struct picture *p, const struct cw_plan *plan) {
    return p->arena && p->plan.level == plan->level && cw_plan_same_frame(&p->plan, plan);
}

/* The picture that has the most right already; NULL when none saves a quarter of the rows. */
static struct picture *nearest(struct cw_recent *recent, const struct cw_plan *plan, bool *rows) {
    struct picture *best = NULL;
    size_t least = (size_t)plan->level->height_px * 3 / 4;
    for (size_t i = 0; i < CW_RENDER_RECENT; i++) {
        struct picture *p = &recent->items[i];
        size_t count = same_frame(p, plan) ? mark(&p->plan, plan, rows) : SIZE_MAX;
        if (count > least)
            continue;
        least = count;
        best = p;
    }
    if (best)
        mark(&best->plan, plan, rows);
    return best;
}

/* ---- drawing --------------------------------------------------------------------------------- */

struct drawing {
    struct picture *picture;
    bool png; /* its strips are deflated while their rows are in the nearest caches */
};

static void row_drawn(void *data, uint32_t y, bool drawn) {
    const struct drawing *drawing = data;
    struct cw_png_strips *strips = &drawing->picture->strips;
    if (drawn && strips->count)
        strips->items[y / CW_PNG_STRIP_ROWS].made = false;
    if (drawing->png)
        cw_png_strips_row(strips, &drawing->picture->pixels, y);
}

static enum cw_status draw(struct drawing *drawing, const struct cw_plan *plan, const bool *rows,
                           struct cw_error *err) {
    struct picture *p = drawing->picture;
    const struct cw_compose_watch watch = {row_drawn, drawing};
    enum cw_status status = drawing->png ? cw_png_strips_size(&p->strips, &p->pixels, err) : CW_OK;
    if (!status)
        cw_compose_rows(plan, rows, &p->pixels, &watch);
    return status;
}

/* A place for another picture; its memory may be there already, and then no page of it is new. */
static enum cw_status make_room(struct cw_recent *recent, const struct cw_plan *plan,
                                struct picture **ret, struct cw_error *err) {
    struct picture *p = oldest(recent);
    struct cw_picture pixels;
    enum cw_status status = cw_compose_size(plan, &pixels, err);
    if (status)
        return status;
    if (p->pixels.width == pixels.width && p->pixels.height == pixels.height &&
        p->pixels.alpha == pixels.alpha) {
        cw_picture_deinit(&pixels);
    } else {
        drop(p);
        p->pixels = pixels;
    }
    *ret = p;
    return CW_OK;
}

/* The scene's picture among the remembered ones. Takes the arena on success. */
static enum cw_status update(struct cw_recent *recent, const struct cw_plan_input *input,
                             struct cw_arena *arena, struct picture **ret, struct cw_error *err) {
    struct cw_plan plan = {0};
    struct cw_plan_input with_find = *input;
    with_find.find = find_layer;
    with_find.find_data = recent;
    enum cw_status status = cw_plan_make(arena, &with_find, &plan, err);
    if (status)
        return status;
    bool *rows = cw_arena_array(arena, plan.level->height_px, sizeof *rows);
    struct picture *p = nearest(recent, &plan, rows);
    const bool anew = !p;
    if (anew)
        status = make_room(recent, &plan, &p, err);
    struct drawing drawing = {p, input->scene->format == CW_FORMAT_PNG};
    if (!status)
        status = draw(&drawing, &plan, anew ? NULL : rows, err);
    if (status)
        return status;
    cw_arena_free(p->arena);
    p->arena = arena;
    p->pack = input->pack;
    p->plan = plan;
    p->used = ++recent->tick;
    *ret = p;
    return CW_OK;
}

enum cw_status cw_recent_draw(struct cw_recent *recent, const struct cw_plan_input *input,
                              struct cw_buf *ret, uint32_t size_px[2], struct cw_error *err) {
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct picture *p = NULL;
    enum cw_status status = update(recent, input, arena, &p, err);
    if (status) {
        cw_arena_free(arena);
        return status;
    }
    enum cw_format format = input->scene->format;
    const char *mark = input->scene->mark ? input->scene->mark : "";
    status = format == CW_FORMAT_PNG ? cw_encode_png_strips(&p->pixels, mark, &p->strips, ret, err)
                                     : cw_encode(&p->pixels, format, mark, ret, err);
    size_px[0] = p->pixels.width;
    size_px[1] = p->pixels.height;
    keep_within_limit(recent);
    return status;
}
