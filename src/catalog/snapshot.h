/* One immutable product version, shared by reference count between threads. */
#pragma once

#include "base/arena.h"
#include "cordwain/product.h"

struct cw_snapshot;

/* One more / one less reference, atomic. The last one runs the engine's destructor and frees the
 * product. NULL is fine for unref. */
struct cw_snapshot *cw_snapshot_ref(struct cw_snapshot *snapshot);
void cw_snapshot_unref(struct cw_snapshot *snapshot);

static inline void cw_snapshot_unrefp(struct cw_snapshot **snapshot) {
    cw_snapshot_unref(*snapshot);
}
#define CW_AUTO_SNAPSHOT __attribute__((cleanup(cw_snapshot_unrefp)))

/* The arena gives the reference back when it goes. */
void cw_snapshot_hold(struct cw_arena *arena, struct cw_snapshot *take_snapshot);

/* Borrowed; lives as long as the reference. */
const struct cw_product *cw_snapshot_product(const struct cw_snapshot *snapshot);

/*
 * Attach the compiled rules: before the snapshot is added to a catalog, by the only holder, once.
 * @param take_engine consumed; released with destroy when the last reference goes
 */
void cw_snapshot_attach(struct cw_snapshot *snapshot, void *take_engine, void (*destroy)(void *));

/* What was attached, or NULL. Borrowed. */
void *cw_snapshot_engine(const struct cw_snapshot *snapshot);

/* The same for the process that answers when the rules are not compiled; it goes after the engine.
 */
void cw_snapshot_attach_solver(struct cw_snapshot *snapshot, void *take_solver,
                               void (*destroy)(void *));
void *cw_snapshot_solver(const struct cw_snapshot *snapshot);

/* Call release(object) after engine and solver have gone: what they stand on. Before sharing. */
void cw_snapshot_defer(struct cw_snapshot *snapshot, void (*release)(void *), void *object);
