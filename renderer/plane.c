/*
 * Responsible for cutting pictures down to what is in them. Does not read or write files. The pack
 * writer runs it.
 */
#include "plane.h"

#include <string.h>

struct cw_plane cw_grey_bbox(const struct cw_grey *grey) {
    uint32_t x0 = grey->width, x1 = 0, y0 = grey->height, y1 = 0;
    for (uint32_t y = 0; y < grey->height; y++) {
        const uint8_t *row = grey->data + (size_t)y * grey->stride;
        uint32_t first = 0, last = grey->width;
        while (first < last && !row[first])
            first++;
        if (first == last)
            continue;
        while (!row[last - 1])
            last--;
        if (first < x0)
            x0 = first;
        if (last > x1)
            x1 = last;
        if (y < y0)
            y0 = y;
        y1 = y + 1;
    }
    if (x1 == 0)
        return (struct cw_plane){0};
    return (struct cw_plane){.x = x0, .y = y0, .w = x1 - x0, .h = y1 - y0};
}

struct cw_plane cw_plane_bbox(const struct cw_image *image) {
    const struct cw_grey grey = {image->data, image->width, image->height, image->width};
    return cw_grey_bbox(&grey);
}

void cw_plane_crop(struct cw_arena *arena, const struct cw_image *image, struct cw_plane *plane) {
    size_t pixel = image->channels == 1 ? 1 : 4;
    if (plane->w == 0)
        return;
    uint8_t *data = cw_arena_array(arena, (size_t)plane->w * plane->h, pixel);
    for (uint32_t y = 0; y < plane->h; y++)
        memcpy(data + (size_t)y * plane->w * pixel,
               image->data + ((size_t)(plane->y + y) * image->width + plane->x) * pixel,
               plane->w * pixel);
    plane->data = data;
}

void cw_plane_include(struct cw_plane *bounds, const struct cw_plane *plane) {
    if (plane->w == 0)
        return;
    if (bounds->w == 0) {
        *bounds = (struct cw_plane){.x = plane->x, .y = plane->y, .w = plane->w, .h = plane->h};
        return;
    }
    uint32_t x1 = bounds->x + bounds->w, y1 = bounds->y + bounds->h;
    if (plane->x + plane->w > x1)
        x1 = plane->x + plane->w;
    if (plane->y + plane->h > y1)
        y1 = plane->y + plane->h;
    if (plane->x < bounds->x)
        bounds->x = plane->x;
    if (plane->y < bounds->y)
        bounds->y = plane->y;
    bounds->w = x1 - bounds->x;
    bounds->h = y1 - bounds->y;
}
