/* Font stacks pinned by file: private fontconfig and Pango font maps that never see the system's
 * fonts. */
#pragma once

#include "base/error.h"

struct cw_fonts;

/**
 * Open every stack that fonts.json names.
 * @param fonts_json_path assets/fonts/fonts.json; its "root" is where the files' paths start
 * @param ret             the stacks, written on success only
 * @units   none
 * @owner   *ret is the caller's, freed with cw_fonts_free
 * @errors  CW_E_NOT_FOUND "fonts.file_missing" when a stack's first file is missing (the message
 * names its Debian package); CW_E_INPUT "fonts.syntax"; what cw_file_read raises. A missing later
 * file is dropped: the call succeeds, logs a warning, and the digest tells the difference.
 * @cost    reads and hashes each file once (tens of MB, < 1 s); worker start only
 * @source  Pango's pango_fc_font_map_set_config; docs/explanation/rendering.md
 */
enum cw_status cw_fonts_load(const char *fonts_json_path, struct cw_fonts **ret,
                             struct cw_error *err) CW_MUST_USE;

/* NULL is fine. */
void cw_fonts_free(struct cw_fonts *fonts);

/* "sha-256:…" over fonts.json and the digest of every font file in use; borrowed. */
const char *cw_fonts_digest(const struct cw_fonts *fonts);

/**
 * Lay out and draw once with every face, so that nothing opens a file or asks fontconfig later: the
 * process is locked down by seccomp afterwards (no open, no stat).
 * @param fonts the stacks
 * @units   none
 * @owner   faces stay open inside `fonts`
 * @errors  CW_E_IO "fonts.face" when a face cannot be opened or a stack cannot draw its sample
 * @cost    about 0.1 s in all; worker start only
 * @source  tests/unit/renderer/test_text.c runs it, then counts opens
 */
enum cw_status cw_fonts_warm(struct cw_fonts *fonts, struct cw_error *err) CW_MUST_USE;
