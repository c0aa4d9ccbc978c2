/* A PNG file in memory as libpng reads it: where its bytes come from and where its faults go. */
#pragma once

#include <png.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* libpng leaves by longjmp: what must survive that lives here, not in the caller's registers. */
struct cw_png_memory {
    png_structp png;
    png_infop info;
    const uint8_t *at, *end;
    const char *code, *subject; /* of a fault: its code, and what its message begins with */
    struct cw_error *err;
    enum cw_status status; /* the fault's, once libpng has jumped */
};

/**
 * Make libpng's two structs read from memory. Before any other call of libpng the caller does
 * `if (setjmp(png_jmpbuf(memory->png))) return;`; a jump has filled status and err.
 * @param memory all zero but for at, end, code, subject and err, all borrowed until _close
 * @units   bytes
 * @owner   the caller, who calls cw_png_memory_close whatever this returns
 * @errors  CW_E_NOMEM "memory"; later CW_E_INPUT memory->code with libpng's words
 * @cost    two small allocations
 * @source  libpng manual, "Customizing libpng"
 */
enum cw_status cw_png_memory_open(struct cw_png_memory *memory) CW_MUST_USE;

/* Twice is fine. */
void cw_png_memory_close(struct cw_png_memory *memory);
