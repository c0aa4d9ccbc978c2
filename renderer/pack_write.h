/* Art bundle (folder of PNG and JSON files) → pack. Command line only, never in a worker. */
#pragma once

#include "base/digest.h"

/**
 * Read an art bundle, check it, and write it as one pack.
 * @param art_dir folder with product.json and one folder per view (assets/art/README.md)
 * @param pictures_dir the decoded pictures of its flat views (art_flat.h); NULL when it has none
 * @param out     file to write, atomically and durably
 * @param ret_digest "sha-256:…" over the whole file
 * @units   pixels, millimetres in the JSON files
 * @owner   nothing is kept
 * @errors  CW_E_INPUT "art.…" with "file: what is wrong" as message; CW_E_LIMIT "art.too_large";
 * what cw_file_read and cw_file_write_atomic raise
 * @cost    decodes every picture once: about 30 ms each
 * @source  assets/art/README.md; the same input gives the same bytes
 */
enum cw_status cw_pack_write(const char *art_dir, const char *pictures_dir, const char *out,
                             char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) CW_MUST_USE;

/* The same into memory, appended to an empty buffer. */
enum cw_status cw_pack_build(const char *art_dir, const char *pictures_dir, struct cw_buf *ret,
                             struct cw_error *err) CW_MUST_USE;
