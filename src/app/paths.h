/* Where the program finds what it ships with, and where it keeps its data. */
#pragma once

#include "base/arena.h"

struct cw_paths {
    const char
        *home; /* has assets/, schemas/, docs/: the source tree or the installed share folder */
    const char *renderer;                   /* the cordwain-renderer program */
    const char *rules;                      /* the cordwain-rules program */
    const char *fonts;                      /* assets/fonts/fonts.json */
    const char *web, *schemas, *docs, *art; /* art: assets/art */
    const char *data;                       /* "" when no data folder was given */
    const char *database, *packs, *keys;    /* below data */
    const char *artefacts;                  /* compiled rules below data; "" without data */
    const char *artworks;                   /* shoppers' pictures below data; "" without data */
};

/**
 * Find everything.
 * @param data    data folder, or "" for commands that need none; made when missing
 * @units   none
 * @owner   strings in the arena
 * @errors  CW_E_NOT_FOUND "app.home" (set CORDWAIN_HOME), "app.renderer", "app.rules"; CW_E_IO from
 * making folders
 * @cost    some file system look-ups; blocking
 * @source  none
 */
enum cw_status cw_paths_find(struct cw_arena *arena, const char *data, struct cw_paths *ret_paths,
                             struct cw_error *err) CW_MUST_USE;
