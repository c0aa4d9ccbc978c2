/*
 * Responsible for: seeding a data folder with the demo products and keys.
 * Does not: run for `serve`. Start-up; blocking.
 */
#include "app/demo.h"

#include <stdio.h>
#include <string.h>

#include "app/keys.h"
#include "app/publish.h"
#include "base/file.h"
#include "base/json.h"

#define FACILITY "FAC-PT-03"

static enum cw_status seed_product(const struct cw_paths *paths,
                                   const struct cw_rules_effort *effort, struct cw_store *store,
                                   const char *name, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_publication publication;
    const char *file = cw_arena_printf(arena, "%s/products/%s.json", paths->schemas, name);
    struct cw_error why = {0};
    struct cw_publish publish = {paths, effort, store, file};
    enum cw_status status = cw_publish_file(&publish, &publication, &faults, &why);
    if (status == CW_E_CONFLICT) {
        /* A published version never changes: a folder seeded by an earlier release keeps its own.
         */
        fprintf(stderr,
                "cordwain: this data folder holds another version 1 of '%s' and keeps it; "
                "take a new --data folder to see the new one\n",
                name);
        return CW_OK;
    }
    if (status != CW_OK && err) {
        *err = why;
    }
    for (size_t i = 0; i < faults.count; i++) {
        fprintf(stderr, "%s: %s [%s] at %s\n", file, faults.items[i].message, faults.items[i].code,
                faults.items[i].pointer);
    }
    return status;
}

static enum cw_status make_keys(struct cw_store *store, const char *path, struct cw_error *err) {
    char designer[CW_KEY_TEXT], facility[CW_KEY_TEXT];
    enum cw_status status =
        cw_key_create(store, "demo designer", "products:write", 0, designer, err);
    if (status == CW_OK) {
        status = cw_key_create(store, "demo facility", "specs:pull:" FACILITY, 0, facility, err);
    }
    if (status != CW_OK) {
        return status;
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&buf,
                  "{\"designer\":\"%s\",\"facility\":\"%s\",\"facilityId\":\"" FACILITY "\"}\n",
                  designer, facility);
    return cw_file_write_atomic(path, buf.data, buf.length, 0600, err);
}

struct finding {
    struct cw_arena *arena;
    char hash[65];
};

static enum cw_status find_key(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct finding *finding = arg;
    struct cw_key_row row;
    return txn->ops->key_by_hash(txn, finding->arena, finding->hash, &row, err);
}

/* Does this store know the key? A key file may outlive the database beside it. */
static bool key_known(struct cw_store *store, struct cw_arena *arena, const char *key) {
    struct finding finding = {.arena = arena};
    uint8_t hash[32];
    cw_sha256(key, strlen(key), hash);
    cw_hex(hash, sizeof hash, finding.hash);
    return store->ops->read_wait(store, find_key, &finding, NULL) == CW_OK;
}

static bool keys_known(struct cw_store *store, struct cw_arena *arena, const char *path) {
    char *text;
    size_t length;
    json_t *keys;
    if (cw_file_read(arena, path, 4096, &text, &length, NULL) != CW_OK ||
        cw_json_read(arena, text, length, 4096, &keys, NULL) != CW_OK) {
        return false;
    }
    const char *designer = json_string_value(json_object_get(keys, "designer"));
    const char *facility = json_string_value(json_object_get(keys, "facility"));
    return designer && facility && key_known(store, arena, designer) &&
           key_known(store, arena, facility);
}

static enum cw_status print_keys(const struct cw_paths *paths, struct cw_store *store,
                                 struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *path = cw_arena_printf(arena, "%s/demo.json", paths->keys);
    enum cw_status status = keys_known(store, arena, path) ? CW_OK : make_keys(store, path, err);
    char *text;
    size_t length;
    json_t *keys;
    if (status == CW_OK) {
        status = cw_file_read(arena, path, 4096, &text, &length, err);
    }
    if (status == CW_OK) {
        status = cw_json_read(arena, text, length, 4096, &keys, err);
    }
    if (status == CW_OK) {
        const char *designer = json_string_value(json_object_get(keys, "designer"));
        const char *facility = json_string_value(json_object_get(keys, "facility"));
        printf("designer key %s\nfacility key %s (%s)\n", designer ? designer : "",
               facility ? facility : "", FACILITY);
        fflush(stdout);
    }
    return status;
}

enum cw_status cw_demo_seed(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                            struct cw_store *store, struct cw_error *err) {
    static const char *const products[] = {"court-sneaker", "bottle", "gift-tag"};
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        enum cw_status status = seed_product(paths, effort, store, products[i], err);
        if (status != CW_OK) {
            return status;
        }
    }
    return print_keys(paths, store, err);
}
