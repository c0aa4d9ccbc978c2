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
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

enum cw_status cw_admit_row(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                            const struct cw_product_row *row, struct cw_snapshot **ret_snapshot,
                            struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {row->document, row->document_length, row->art_digest,
                                       cw_schema_check_product};
    struct cw_rules_made made;
    enum cw_status status = cw_product_load(&source, &faults, &snapshot, err);
    if (status == CW_OK) {
        status = cw_rules_attach(paths, effort, snapshot, arena, &made, err);
    }
    if (status == CW_OK) {
        *ret_snapshot = CW_TAKE(snapshot);
    }
    return status;
}

enum cw_status cw_load_document(const struct cw_paths *paths, const char *file,
                                const char *art_digest, struct cw_snapshot **ret_snapshot,
                                struct cw_faults *faults, struct cw_error *err) {
    char *text;
    size_t length;
    enum cw_status status =
        cw_file_read(faults->arena, file, CW_PRODUCT_BYTES, &text, &length, err);
    if (status != CW_OK) {
        return status;
    }
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_product_source source = {text, length, art_digest, cw_schema_check_product};
    status = cw_product_load(&source, faults, &snapshot, err);
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

enum cw_status cw_load_file(const struct cw_paths *paths, const char *file, const char *art_digest,
                            struct cw_snapshot **ret_snapshot, struct cw_faults *faults,
                            struct cw_error *err) {
    static const struct cw_rules_effort effort = CW_RULES_EFFORT;
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_rules_made made;
    enum cw_status status = cw_load_document(paths, file, art_digest, &snapshot, faults, err);
    if (status == CW_OK) {
        status = cw_rules_attach(paths, &effort, snapshot, faults->arena, &made, err);
    }
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

/* Compile and diagnose without keeping anything, and only then keep what was compiled: refused
 * documents leave no files. */
static enum cw_status check_and_keep(const struct cw_paths *paths,
                                     const struct cw_rules_effort *effort,
                                     struct cw_snapshot *snapshot, struct cw_faults *faults,
                                     struct cw_checked *ret, struct cw_error *err) {
    struct cw_paths nowhere = *paths;
    nowhere.artefacts = "";
    enum cw_status status = cw_check_rules(&nowhere, effort, snapshot, faults->arena, ret, err);
    if (status == CW_OK) {
        status = cw_checked_judge(ret, faults, err);
    }
    if (status == CW_OK) {
        cw_rules_keep(paths, snapshot, &ret->made);
    }
    return status;
}

/* `change`: NULL where there is no earlier version. */
static const char *rules_json(const struct cw_checked *checked, const struct cw_product *product,
                              const struct cw_comparison *change, struct cw_arena *arena) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_checked_write(checked, product, &w);
    cw_checked_write_findings(checked, &w);
    if (change) {
        cw_comparison_write(change, &w);
    }
    cw_jw_end(&w, '}');
    return cw_arena_strndup(arena, buf.data, buf.length);
}

/* Art and rules of a document that is good as such. */
static enum cw_status examine_loaded(const struct cw_examining *examining,
                                     struct cw_snapshot *plain, struct cw_faults *faults,
                                     struct cw_examined *ret, struct cw_error *err) {
    const struct cw_paths *paths = examining->paths;
    const struct cw_product *product = cw_snapshot_product(plain);
    enum cw_status status = refuse_rules_only(product, faults, err);
    if (status != CW_OK) {
        return status;
    }
    if (cw_art_current(paths, product->art, ret->art_digest, NULL) != CW_OK) {
        cw_fault_add(faults, "product.art_unknown", "/art", "no art bundle '%s' is installed here",
                     product->art);
        return cw_fail(err, CW_E_INPUT, "product.art_unknown", "unknown art bundle");
    }
    const char *folder = cw_arena_printf(faults->arena, "%s/%s", paths->art, product->art);
    struct cw_checked checked;
    const struct cw_comparison *change = NULL;
    struct cw_compare compare = {
        .paths = paths, .store = examining->store, .after = plain, .clock = &cw_clock_system};
    status = cw_product_check_art(product, folder, faults, err);
    if (status == CW_OK) {
        status = check_and_keep(paths, examining->effort, plain, faults, &checked, err);
    }
    if (status == CW_OK) {
        status = cw_compare_published(&compare, faults->arena, &change, err);
    }
    if (status == CW_OK) {
        ret->rules = rules_json(&checked, product, change, faults->arena);
    }
    return status;
}

enum cw_status cw_examine(const struct cw_examining *examining, struct cw_faults *faults,
                          struct cw_examined *ret, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *plain = NULL;
    struct cw_product_source source = {(const char *)examining->document.data,
                                       examining->document.length, "", cw_schema_check_product};
    struct cw_examined examined = {0};
    enum cw_status status = cw_product_load(&source, faults, &plain, err);
    if (status == CW_OK) {
        status = examine_loaded(examining, plain, faults, &examined, err);
    }
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(plain);
    struct cw_product_row row = {.document = product->document,
                                 .document_length = product->document_length,
                                 .art_digest = examined.art_digest};
    status = cw_admit_row(examining->paths, examining->effort, &row, &examined.snapshot, err);
    if (status == CW_OK) {
        *ret = examined;
    }
    return status;
}

struct putting {
    struct cw_arena *arena;
    struct cw_product_row row;
    bool existed;
};

/* Is the version there already? The same document is fine, another one is refused. */
static enum cw_status find_product(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct putting *putting = arg;
    struct cw_product_row old;
    struct cw_error none = {0};
    enum cw_status status = txn->ops->product_get(txn, putting->arena, putting->row.id,
                                                  putting->row.version, &old, &none);
    if (status == CW_E_NOT_FOUND) {
        return CW_OK;
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

static enum cw_status put_product(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct putting *putting = arg;
    enum cw_status status = find_product(txn, arg, err);
    return status == CW_OK && !putting->existed ? txn->ops->product_put(txn, &putting->row, err)
                                                : status;
}

static enum cw_status find_published(const struct cw_publish *publish,
                                     const struct cw_product *product, bool *ret_known,
                                     struct cw_arena *arena, struct cw_error *err) {
    struct putting putting = {
        .arena = arena,
        .row = {.id = product->id, .version = product->version, .digest = product->digest}};
    struct cw_store *store = publish->store;
    enum cw_status status = store->ops->read_wait(store, find_product, &putting, err);
    *ret_known = putting.existed;
    return status;
}

static enum cw_status store_product(const struct cw_publish *publish,
                                    const struct cw_product *product, struct cw_publication *ret,
                                    struct cw_arena *arena, struct cw_error *err) {
    char art_digest[CW_DIGEST_TEXT];
    enum cw_status status = cw_art_install(publish->paths, product->art, art_digest, err);
    if (status != CW_OK) {
        return status;
    }
    struct putting putting = {.arena = arena,
                              .row = {.id = product->id,
                                      .version = product->version,
                                      .digest = product->digest,
                                      .document = product->document,
                                      .document_length = product->document_length,
                                      .art_digest = art_digest,
                                      .published_ms = cw_clock_now_ms(&cw_clock_system)}};
    struct cw_store *store = publish->store;
    status = store->ops->write_wait(store, put_product, &putting, err);
    if (status == CW_OK) {
        snprintf(ret->id, sizeof ret->id, "%s", product->id);
        snprintf(ret->version, sizeof ret->version, "%s", product->version);
        snprintf(ret->digest, sizeof ret->digest, "%s", product->digest);
        ret->existed = putting.existed;
    }
    return status;
}

enum cw_status cw_publish_file(const struct cw_publish *publish, struct cw_publication *ret,
                               struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    enum cw_status status =
        cw_load_document(publish->paths, publish->file, "", &snapshot, faults, err);
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_publication publication = {.rules = "null"};
    bool known = false;
    status = refuse_rules_only(product, faults, err);
    if (status == CW_OK) {
        status = find_published(publish, product, &known, faults->arena, err);
    }
    if (status == CW_OK && !known) { /* what is published was checked when it was */
        status = check_and_keep(publish->paths, publish->effort, snapshot, faults,
                                &publication.checked, err);
    }
    struct cw_compare compare = {.paths = publish->paths,
                                 .store = publish->store,
                                 .after = snapshot,
                                 .clock = &cw_clock_system};
    if (status == CW_OK && !known) {
        status = cw_compare_published(&compare, faults->arena, &publication.change, err);
    }
    if (status == CW_OK && !known) {
        publication.rules =
            rules_json(&publication.checked, product, publication.change, faults->arena);
    }
    if (status == CW_OK) {
        status = store_product(publish, product, &publication, faults->arena, err);
    }
    if (status == CW_OK) {
        *ret = publication;
    }
    return status;
}
