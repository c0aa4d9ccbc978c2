/*
 * Responsible for: product files into the store, stored rows into snapshots with a compiled engine.
 * Does not: check documents itself (catalog). Command line, start-up and store threads; all of it
 * blocks.
 */
#include "app/publish.h"

#include <stdio.h>
#include <string.h>

#include "app/art.h"
#include "base/clock.h"
#include "base/file.h"
#include "catalog/art.h"
#include "catalog/load.h"
#include "configure/configure.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

static void free_engine(void *engine) {
    cw_engine_free(engine);
}

static enum cw_status attach_engine(struct cw_snapshot *snapshot, struct cw_error *err) {
    struct cw_engine *engine;
    enum cw_status status = cw_engine_new(cw_snapshot_product(snapshot), &engine, err);
    if (status == CW_OK) {
        cw_snapshot_attach(snapshot, engine, free_engine);
    }
    return status;
}

static enum cw_status load(const struct cw_product_source *source, struct cw_faults *faults,
                           struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    enum cw_status status = cw_product_load(source, faults, &snapshot, err);
    if (status == CW_OK) {
        status = attach_engine(snapshot, err);
    }
    if (status == CW_OK) {
        *ret_snapshot = CW_TAKE(snapshot);
    }
    return status;
}

enum cw_status cw_admit_row(const struct cw_product_row *row, struct cw_snapshot **ret_snapshot,
                            struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {row->document, row->document_length, row->art_digest,
                                       cw_schema_check_product};
    return load(&source, &faults, ret_snapshot, err);
}

enum cw_status cw_load_file(const struct cw_paths *paths, const char *file, const char *art_digest,
                            struct cw_snapshot **ret_snapshot, struct cw_faults *faults,
                            struct cw_error *err) {
    char *text;
    size_t length;
    enum cw_status status =
        cw_file_read(faults->arena, file, CW_PRODUCT_BYTES, &text, &length, err);
    if (status != CW_OK) {
        return status;
    }
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_product_source source = {text, length, art_digest, cw_schema_check_product};
    status = load(&source, faults, &snapshot, err);
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *art = cw_arena_printf(faults->arena, "%s/%s", paths->art, product->art);
    status = product->rules_only ? CW_OK : cw_product_check_art(product, art, faults, err);
    if (status == CW_OK) {
        *ret_snapshot = CW_TAKE(snapshot);
    }
    return status;
}

/* Rules without a picture can be tried, not sold. */
static enum cw_status refuse_rules_only(const struct cw_product *product, struct cw_faults *faults,
                                        struct cw_error *err) {
    if (!product->rules_only)
        return CW_OK;
    cw_fault_add_hint(faults, "product.rules_only", "/rulesOnly",
                      "give it art, views, parts and manufacturing, and take \"rulesOnly\" out",
                      "a document with rules only cannot be published");
    return cw_fail(err, CW_E_INPUT, "product.rules_only",
                   "a document with rules only cannot be published");
}

enum cw_status cw_examine(const struct cw_paths *paths, struct cw_bytes document,
                          struct cw_faults *faults, struct cw_snapshot **ret_snapshot,
                          struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *plain = NULL;
    char digest[CW_DIGEST_TEXT];
    struct cw_product_source source = {(const char *)document.data, document.length, "",
                                       cw_schema_check_product};
    enum cw_status status = cw_product_load(&source, faults, &plain, err);
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(plain);
    status = refuse_rules_only(product, faults, err);
    if (status != CW_OK) {
        return status;
    }
    if (cw_art_current(paths, product->art, digest, NULL) != CW_OK) {
        cw_fault_add(faults, "product.art_unknown", "/art", "no art bundle '%s' is installed here",
                     product->art);
        return cw_fail(err, CW_E_INPUT, "product.art_unknown", "unknown art bundle");
    }
    const char *folder = cw_arena_printf(faults->arena, "%s/%s", paths->art, product->art);
    status = cw_product_check_art(product, folder, faults, err);
    source.art_digest = digest;
    return status == CW_OK ? load(&source, faults, ret_snapshot, err) : status;
}

struct putting {
    struct cw_arena *arena;
    struct cw_product_row row;
    bool existed;
};

static enum cw_status put_product(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct putting *putting = arg;
    struct cw_product_row old;
    struct cw_error none = {0};
    enum cw_status status = txn->ops->product_get(txn, putting->arena, putting->row.id,
                                                  putting->row.version, &old, &none);
    if (status == CW_E_NOT_FOUND) {
        return txn->ops->product_put(txn, &putting->row, err);
    }
    if (status != CW_OK) {
        *err = none;
        return status;
    }
    if (strcmp(old.digest, putting->row.digest) != 0) {
        return cw_fail_at(
            err, CW_E_CONFLICT, "product.version_exists", "/version",
            "version %s of '%s' is published already and cannot change: raise \"version\"",
            putting->row.version, putting->row.id);
    }
    putting->existed = true;
    return CW_OK;
}

enum cw_status cw_publish_file(const struct cw_paths *paths, struct cw_store *store,
                               const char *file, struct cw_publication *ret,
                               struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    char art_digest[CW_DIGEST_TEXT];
    enum cw_status status = cw_load_file(paths, file, "", &snapshot, faults, err);
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    status = refuse_rules_only(product, faults, err);
    if (status != CW_OK) {
        return status;
    }
    status = cw_art_install(paths, product->art, art_digest, err);
    if (status != CW_OK) {
        return status;
    }
    struct putting putting = {.arena = faults->arena,
                              .row = {.id = product->id,
                                      .version = product->version,
                                      .digest = product->digest,
                                      .document = product->document,
                                      .document_length = product->document_length,
                                      .art_digest = art_digest,
                                      .published_ms = cw_clock_now_ms(&cw_clock_system)}};
    status = store->ops->write_wait(store, put_product, &putting, err);
    if (status == CW_OK) {
        snprintf(ret->id, sizeof ret->id, "%s", product->id);
        snprintf(ret->version, sizeof ret->version, "%s", product->version);
        snprintf(ret->digest, sizeof ret->digest, "%s", product->digest);
        ret->existed = putting.existed;
    }
    return status;
}
