/* The live set of product versions. Every function may be called from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "catalog/snapshot.h"

struct cw_catalog;

/* An empty catalog; NULL when memory is out. Free it when no thread uses it; snapshots live on with
 * their references. */
struct cw_catalog *cw_catalog_new(void);
void cw_catalog_free(struct cw_catalog *catalog);

/*
 * Make a version visible. The catalog takes its own reference.
 * Adding the same document again is fine (nothing changes).
 * @errors CW_E_CONFLICT "product.version_exists": same id and version, another document; CW_E_NOMEM
 */
enum cw_status cw_catalog_add(struct cw_catalog *catalog, struct cw_snapshot *snapshot,
                              struct cw_error *err) CW_MUST_USE;

/*
 * Put a snapshot of the same document in the place of the one that is there: its rules were
 * compiled in the meantime. Requests under way keep theirs. Nothing happens when that version is
 * not there, or is another document. Returns whether it was put.
 */
bool cw_catalog_replace(struct cw_catalog *catalog, struct cw_snapshot *snapshot);

/*
 * One version, or the newest (highest version number) when version is NULL.
 * @param ret_snapshot a new reference
 * @errors CW_E_NOT_FOUND "product.not_found" | "product.version_not_found"
 * @cost   O(log versions) under a mutex held for microseconds
 */
enum cw_status cw_catalog_get(struct cw_catalog *catalog, const char *id, const char *version,
                              struct cw_snapshot **ret_snapshot, struct cw_error *err) CW_MUST_USE;

/*
 * The newest version of every product, ordered by id; all_versions: every version, oldest first
 * within an id.
 * @param arena      gets the array and one deferred reference per snapshot
 * @return           how many
 */
size_t cw_catalog_list(struct cw_catalog *catalog, struct cw_arena *arena, bool all_versions,
                       struct cw_snapshot *const **ret_items);
