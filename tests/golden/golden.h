/* The golden suite's parts: what a design makes, and how that is compared with what is recorded. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "app/paths.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "catalog/catalog.h"
#include "manufacturing/sign.h"
#include "preview/sync.h"

#define GOLDEN_WIDTH_PX   300
#define GOLDEN_FILE_BYTES (4 * 1024 * 1024)

/* What stays the same for all cases. */
struct golden {
    struct cw_paths paths;
    struct cw_arena *arena;     /* of the run; holds the strings */
    const char *cases, *out;    /* recorded; written when something differs */
    struct cw_catalog *catalog; /* filled as cases name products */
    struct cw_sync *renderer;
    struct cw_picture_files *pictures; /* of the cases, named "@FILE" */
    struct cw_signing_key *key;
    json_t *jwks;
    bool write;              /* record instead of compare */
    const char *other_fonts; /* sentence why measurements and pictures are not compared, or NULL */
    struct cw_buf report;    /* rows of the HTML report */
};

/* What one design makes; a member is NULL when there is no such thing. In the case's arena. */
struct golden_made {
    json_t *error, *resolved, *price, *text, *spec;
    const char *canonical;   /* of the resolved configuration, as the steps use it */
    struct cw_blob *picture; /* PNG */
};

/**
 * Run one design through catalog, configure, preview and manufacturing.
 * @param design   the case's design.json
 * @param ret_made in the arena; a refused design has `error` only
 * @units   none
 * @owner   arena
 * @errors  anything but a refusal of the design: the case cannot be judged
 * @cost    one picture, one PDF per surface that carries something; blocking
 * @source  tests/golden/README.md
 */
enum cw_status golden_make(struct golden *golden, const json_t *design, struct cw_arena *arena,
                           struct golden_made *ret_made, struct cw_error *err) CW_MUST_USE;

/*
 * Compare (or record) everything a case made. Differences go as one line each to `ret_notes`,
 * pictures to the report. Returns true when nothing differs.
 */
bool golden_compare(struct golden *golden, const char *name, const struct golden_made *made,
                    struct cw_buf *ret_notes);

/* One picture against the recorded file, decoded, tolerance 0; a line to ret_notes when they
 * differ. `made` may be NULL: then there must be no file. */
bool golden_compare_picture(struct golden *golden, const char *name, const struct cw_blob *made,
                            struct cw_buf *ret_notes);

/* Write <out>/index.html when pictures differed. */
void golden_report_write(const struct golden *golden);
