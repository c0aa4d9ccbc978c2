/* Flat views of an art bundle: decoded pictures and surfaces that lie square in the view. */
#pragma once

#include <jansson.h>

#include "art.h"

struct cw_art_flat_args {
    const char *name;     /* of the picture or surface */
    const json_t *object; /* {"file": …, "mask": …} or {"rect_px": …, "mask": …} in view.json */
    const char *view_file; /* for messages */
    const char *dir;       /* decoded pictures, or NULL */
};

/**
 * The pixels that the importer has made of the file a member names.
 * @param arena  where they go
 * @param args   borrowed
 * @param folder the view, or CW_TILE_FOLDER
 * @param ret_size width and height; written on success only
 * @param ret_rgba their pixels, as in cordwain/artwork.h
 * @units   pixels
 * @owner   the arena's
 * @errors  CW_E_INPUT "art.json" (no plain file name), "art.picture" (not decoded, or no picture);
 * what cw_file_read raises
 * @cost    reads the pixels
 * @source  a decoded picture is the file DIR/FOLDER.FILE: width and height as u32, then the pixels
 */
enum cw_status cw_art_decoded(struct cw_arena *arena, const struct cw_art_flat_args *args,
                              const char *folder, uint32_t ret_size[2], uint8_t **ret_rgba,
                              struct cw_error *err) CW_MUST_USE;

/**
 * Add one picture to a view: its pixels, multiplied by its mask's luminance when it has one.
 * @param arena where the pixels go
 * @param args  borrowed
 * @param view  its picture is the next one; its size is set
 * @units   pixels of the view
 * @owner   the arena's
 * @errors  CW_E_INPUT "art.json" (no plain file name), "art.picture" (not decoded, or no picture),
 * "art.size" (not of the view's size); what cw_file_read raises
 * @cost    reads the pixels
 * @source  a decoded picture is the file DIR/VIEW.FILE that include/cordwain/artwork.h takes the
 * digest of: width and height as u32, then the pixels; mask: W3C CSS Masking, "luminance"
 */
enum cw_status cw_art_flat_picture(struct cw_arena *arena, const struct cw_art_flat_args *args,
                                   struct cw_art_view *view, struct cw_error *err) CW_MUST_USE;

/**
 * Fill a surface's planes from [x, y, width, height] in pixels; u runs to the right, v upwards.
 * @param arena where they go
 * @param args  with a mask, ink lies only where it is light
 * @param view  its size is set
 * @param ret   its planes; written on success only
 * @units   pixels of the view
 * @owner   the arena's
 * @errors  CW_E_INPUT "art.surface" when the rectangle is not inside the view; those of a picture's
 * mask
 * @cost    O(pixels)
 * @source  none
 */
enum cw_status cw_art_flat_surface(struct cw_arena *arena, const struct cw_art_flat_args *args,
                                   const struct cw_art_view *view, struct cw_pack_surface *ret,
                                   struct cw_error *err) CW_MUST_USE;
