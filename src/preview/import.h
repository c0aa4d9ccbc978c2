/* A file somebody uploaded, judged by a process of its own. */
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "cordwain/artwork.h"
#include "cordwain/limits.h"

struct cw_import_request {
    const char *program;  /* cordwain-renderer */
    int file_fd;          /* the upload, open for reading at its start; borrowed */
    uint32_t draw_px;     /* longest side of a drawing; 0: CW_IMPORT_DRAW_PX */
    uint32_t cpu_ms;      /* 0: CW_IMPORT_CPU_MS */
    uint32_t deadline_ms; /* 0: CW_IMPORT_DEADLINE_MS */
    bool wants_picture;
};

struct cw_import_verdict {
    bool refused;
    char code[CW_IMPORT_CODE_BYTES];     /* "" when accepted */
    char reason[CW_IMPORT_REASON_BYTES]; /* "" when accepted */
    enum cw_artwork_kind kind;
    enum cw_artwork_colour colour;
    uint32_t width_px, height_px; /* of what was accepted */
    uint32_t milliseconds;        /* from start to verdict */
    uint64_t peak_bytes;          /* the process's greatest resident size */
    int picture_fd;               /* sealed memory file of include/cordwain/artwork.h, or -1 */
};

/**
 * Start an importer, hand it the file, wait for its verdict, end it. It may work for so long and
 * take so long in all: what it works is counted by its own clock, so a busy machine refuses no file
 * that an idle one takes. A process that dies, hangs or talks nonsense refuses the file by its own
 * codes: "artwork.worker_died", "artwork.too_slow", "artwork.worker_reply"; nothing else is harmed.
 * @param request borrowed
 * @param ret     written on success only; a refusal is a success
 * @units   milliseconds of the process's clock (cpu_ms) and of the monotonic one, bytes
 * @owner   ret->picture_fd is the caller's to close
 * @errors  CW_E_IO "artwork.worker_start" when no process can be started
 * @cost    blocks up to the deadline and a start: never on an event loop
 * @source  docs/explanation/rendering.md "Uploaded artwork"
 */
enum cw_status cw_import_run(const struct cw_import_request *request, struct cw_import_verdict *ret,
                             struct cw_error *err) CW_MUST_USE;

/* "png", "jpeg", "svg", "unknown". */
const char *cw_artwork_kind_name(enum cw_artwork_kind kind);
/* "srgb", "converted", "assumed". */
const char *cw_artwork_colour_name(enum cw_artwork_colour colour);
