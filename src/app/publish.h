/* Products on their way into the store and into the live catalog. */
#pragma once

#include "app/paths.h"
#include "base/digest.h"
#include "catalog/catalog.h"
#include "cordwain/store.h"
#include "preview/preview.h"

struct cw_publication {
    char id[72], version[16], digest[CW_DIGEST_TEXT];
    bool existed; /* the very same document was published before */
};

/**
 * Check a product file, pack its art and store the version durably. A running server sees it within
 * seconds.
 * @param faults what is wrong with the document; arena set
 * @units   none
 * @owner   plain value
 * @errors  CW_E_INPUT "product.invalid" with faults; CW_E_CONFLICT "product.version_exists";
 * CW_E_NOT_FOUND "file.not_found" | "product.art_unknown"; the store's
 * @cost    seconds when the art is packed; blocking
 * @source  docs/tutorial/first-product.md
 */
enum cw_status cw_publish_file(const struct cw_paths *paths, struct cw_store *store,
                               const char *file, struct cw_publication *ret,
                               struct cw_faults *faults, struct cw_error *err) CW_MUST_USE;

/**
 * Check a document that came over the network: schema, rules, and the installed art bundle it
 * names; compile it.
 * @param faults what is wrong with it; arena set
 * @units   none
 * @owner   *ret_snapshot has its engine and art digest; the caller's
 * @errors  CW_E_INPUT with faults ("product.art_unknown" at /art and those of cw_product_load and
 *          cw_product_check_art); CW_E_LIMIT, CW_E_INPUT of cw_engine_new; CW_E_IO
 * @cost    up to seconds for the largest documents; reads the bundle's JSON files; any thread,
 * never the loop
 * @source  none
 */
enum cw_status cw_examine(const struct cw_paths *paths, struct cw_bytes document,
                          struct cw_faults *faults, struct cw_snapshot **ret_snapshot,
                          struct cw_error *err) CW_MUST_USE;

/* A stored row becomes a snapshot with its engine. CW_E_INPUT "product.invalid". */
enum cw_status cw_admit_row(const struct cw_product_row *row, struct cw_snapshot **ret_snapshot,
                            struct cw_error *err) CW_MUST_USE;

/* A document that need not be published: `configure --product FILE`, `render --product FILE`.
 * Faults as above. */
enum cw_status cw_load_file(const struct cw_paths *paths, const char *file, const char *art_digest,
                            struct cw_snapshot **ret_snapshot, struct cw_faults *faults,
                            struct cw_error *err) CW_MUST_USE;
