/* An uploaded file becomes plain pixels, or is refused by a named rule. Importer process only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cordwain/artwork.h"

struct cw_imported {
    enum cw_artwork_kind kind;
    enum cw_artwork_colour colour;
    uint32_t width_px, height_px;
    uint8_t *rgba; /* shared mapping of fd, width × height × 4 bytes */
    int fd;        /* memory file that holds them */
};

/* "Nothing yet": what _deinit takes and every importer begins with. */
#define CW_IMPORTED_NONE ((struct cw_imported){.fd = -1})

/**
 * Decide by content what a file is, and decode it.
 * @param data    the whole file
 * @param length  its bytes
 * @param draw_px [px] longest side a drawing (SVG) gets, 1 to CW_IMPORT_SIDE_PX
 * @param ret     written on success only
 * @units   pixels; rgba as include/cordwain/artwork.h says
 * @owner   *ret is the caller's, freed with cw_imported_deinit
 * @errors  CW_E_INPUT "artwork.empty", "artwork.kind", "artwork.compressed" and those of the three
 * below; CW_E_LIMIT "artwork.too_large"; CW_E_NOMEM "memory"
 * @cost    one decode; up to CW_IMPORT_PIXELS × 4 bytes of shared memory
 * @source  PNG 2nd edition §5.2, ITU-T T.81 annex B (signatures)
 */
enum cw_status cw_import_bytes(const uint8_t *data, size_t length, uint32_t draw_px,
                               struct cw_imported *ret, struct cw_error *err) CW_MUST_USE;

/* One kind each: CW_E_INPUT "artwork.damaged" with the decoder's reason, CW_E_LIMIT
 * "artwork.too_many_pixels". JPEG also "artwork.cmyk"; SVG also what svg_scan.h names,
 * "artwork.svg.size" and "artwork.svg.not_built". */
enum cw_status cw_import_png(const uint8_t *data, size_t length, struct cw_imported *ret,
                             struct cw_error *err) CW_MUST_USE;
enum cw_status cw_import_jpeg(const uint8_t *data, size_t length, struct cw_imported *ret,
                              struct cw_error *err) CW_MUST_USE;
enum cw_status cw_import_svg(const uint8_t *data, size_t length, uint32_t draw_px,
                             struct cw_imported *ret, struct cw_error *err) CW_MUST_USE;
/* Let the SVG library do before the lock what it does once: nothing is drawn that anybody sees. */
void cw_import_svg_warm(void);

/* Pixels for a picture, all zero. CW_E_LIMIT "artwork.too_many_pixels" above CW_IMPORT_SIDE_PX a
 * side or CW_IMPORT_PIXELS in all; CW_E_NOMEM "memory". */
enum cw_status cw_imported_init(struct cw_imported *imported, enum cw_artwork_kind kind,
                                uint32_t width_px, uint32_t height_px,
                                struct cw_error *err) CW_MUST_USE;
/* Set a picture upright that needs EXIF orientation 1 to 8 for it; any other value: as it is. Same
 * faults as cw_imported_init. Half the source is given back before the other picture is full. */
enum cw_status cw_imported_turn(struct cw_imported *picture, int orientation,
                                struct cw_error *err) CW_MUST_USE;
/* Unmap and close; twice is fine. */
void cw_imported_deinit(struct cw_imported *imported);
/* Multiply the colours of `count` pixels by their alpha, rounded to nearest. */
void cw_import_premultiply(uint8_t *rgba, size_t count);
