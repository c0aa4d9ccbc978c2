/* Products on their way into the store and into the live catalog. */
#pragma once

#include "app/check.h"
#include "app/compare.h"
#include "app/paths.h"
#include "base/digest.h"
#include "catalog/catalog.h"
#include "cordwain/store.h"
#include "preview/preview.h"

struct cw_publication {
    char id[72], version[16], digest[CW_DIGEST_TEXT];
    bool existed;              /* the very same document was published before */
    struct cw_checked checked; /* in the arena, as `rules`: the same as a JSON object */
    const char *rules;
    const struct cw_comparison *change; /* with the newest version; NULL: the first one */
};

struct cw_publish { /* all borrowed */
    const struct cw_paths *paths;
    const struct cw_rules_effort *effort;
    struct cw_store *store;
    const char *file;
};

/**
 * Check a product file, its rules too, pack its art and store the version durably. A running server
 * sees it within seconds.
 * @param faults what is wrong with the document; arena set, which gets the lists of *ret
 * @units   none
 * @owner   plain value
 * @errors  CW_E_INPUT "product.invalid" with faults, findings that forbid publishing among them;
 * CW_E_CONFLICT "product.version_exists"; CW_E_NOT_FOUND "file.not_found" | "product.art_unknown";
 * those of cw_check_rules; the store's
 * @cost    seconds when the art is packed, and the effort; blocking
 * @source  docs/tutorial/first-product.md
 */
enum cw_status cw_publish_file(const struct cw_publish *publish, struct cw_publication *ret,
                               struct cw_faults *faults, struct cw_error *err) CW_MUST_USE;

struct cw_examining { /* all borrowed */
    const struct cw_paths *paths;
    const struct cw_rules_effort *effort;
    struct cw_store *store; /* what is published, designed and ordered already */
    struct cw_bytes document;
};

struct cw_examined {
    struct cw_snapshot *snapshot; /* with engine and art digest; the caller's */
    char art_digest[CW_DIGEST_TEXT];
    const char *rules; /* JSON object: what was found out about the rules; in the arena */
};

/**
 * Check a document that came over the network: schema, the installed art bundle it names, rules;
 * compile it in a process of its own and keep what was compiled.
 * @param faults what is wrong with it; arena set
 * @units   none
 * @owner   see struct cw_examined
 * @errors  CW_E_INPUT with faults ("product.art_unknown" at /art, those of cw_product_load and
 *          cw_product_check_art, findings that forbid publishing); those of cw_check_rules
 * @cost    the effort, CW_DIAGNOSE_MS and CW_COMPARE_PUBLISH_MS; reads the bundle's JSON files; any
 *          thread that may wait, never the loop
 * @source  none
 */
enum cw_status cw_examine(const struct cw_examining *examining, struct cw_faults *faults,
                          struct cw_examined *ret, struct cw_error *err) CW_MUST_USE;

/* A stored row becomes a snapshot with its engine. CW_E_INPUT "product.invalid"; those of
 * cw_rules_attach. */
enum cw_status cw_admit_row(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                            const struct cw_product_row *row, struct cw_snapshot **ret_snapshot,
                            struct cw_error *err) CW_MUST_USE;

/* A document that need not be published, and no rules yet. Faults as above. */
enum cw_status cw_load_document(const struct cw_paths *paths, const char *file,
                                const char *art_digest, struct cw_snapshot **ret_snapshot,
                                struct cw_faults *faults, struct cw_error *err) CW_MUST_USE;

/* The same with its engine: `configure --product FILE`, `render --product FILE`. */
enum cw_status cw_load_file(const struct cw_paths *paths, const char *file, const char *art_digest,
                            struct cw_snapshot **ret_snapshot, struct cw_faults *faults,
                            struct cw_error *err) CW_MUST_USE;
