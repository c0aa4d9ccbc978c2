/*
 * Shoppers' pictures on disk, named by the digest of their normalised form, in three files that
 * never change:
 *
 *   ab/cdef….png    all pixels: for the factory
 *   ab/cdef….small  PNG of at most CW_ARTWORK_SMALL_PX a side: for pages
 *   ab/cdef….level  at most CW_ARTWORK_LEVEL_PX a side, uncompressed: for previews, see
 *                   CW_ARTWORK_LEVEL_HEAD_BYTES in include/cordwain/artwork.h
 */
#pragma once

#include "base/digest.h"
#include "preview/import.h"

enum cw_picture_form { CW_PICTURE_WHOLE, CW_PICTURE_SMALL, CW_PICTURE_LEVEL };

struct cw_kept_picture {
    enum cw_artwork_kind kind;
    uint32_t width_px, height_px;
    char digest[CW_DIGEST_TEXT];      /* of the normalised form */
    char file_digest[CW_DIGEST_TEXT]; /* of the whole PNG file */
    uint64_t file_bytes;              /* of it */
    uint64_t disk_bytes;              /* of all three files */
    int lock;                         /* see cw_picture_lock; the caller closes it */
};

/* The path of one file; false when it is too long. `digest` is "sha-256:<hex>". */
bool cw_picture_path(const char *folder, const char *digest, enum cw_picture_form form,
                     char *ret_path, size_t capacity);

/*
 * What lies below one folder `ab` is removed only under its exclusive lock (app/picture_sweep.h). A
 * shared one is held from the moment a picture's files are looked for until its row is stored: so
 * no sweep sees files that are there and a row that is not yet. A descriptor of the folder, or -1:
 * no such folder, or, when exclusive, somebody holds it; closed, the lock is gone. Shared waits.
 */
int cw_picture_lock(const char *folder, const char *hex, bool exclusive);

/**
 * Keep an accepted upload. On success the files and their names are on disk for good. The same
 * picture again finds its files there.
 * @param folder  exists
 * @param verdict accepted, with its picture; borrowed
 * @param ret     written on success only
 * @units   pixels, bytes
 * @owner   nothing allocated
 * @errors  CW_E_IO "artwork.keep" (disk full, no access); CW_E_NOMEM
 * @cost    reads every pixel three times, about a second for 40 million; blocking: never on an
 * event loop
 * @source  docs/explanation/rendering.md "Uploaded artwork"
 */
enum cw_status cw_picture_keep(const char *folder, const struct cw_import_verdict *verdict,
                               struct cw_kept_picture *ret, struct cw_error *err) CW_MUST_USE;
