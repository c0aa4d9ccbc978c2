/*
 * Responsible for: the life of one product version: arena, reference count, attached engine.
 * Does not: load (load.c), find (catalog.c).
 * Runs in: server and command line; reference counts from any thread.
 */
#include "catalog/snapshot_internal.h"

#include <assert.h>
#include <stddef.h>

struct cw_snapshot *cw_snapshot_new(struct cw_arena *take_arena, const struct cw_product *product) {
    struct cw_snapshot *snapshot = cw_arena_alloc(take_arena, sizeof *snapshot);
    snapshot->arena = take_arena;
    snapshot->product = product;
    atomic_init(&snapshot->references, 1);
    return snapshot;
}

struct cw_snapshot *cw_snapshot_ref(struct cw_snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void cw_snapshot_unref(struct cw_snapshot *snapshot) {
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    if (snapshot->engine && snapshot->destroy)
        snapshot->destroy(snapshot->engine);
    if (snapshot->solver && snapshot->destroy_solver)
        snapshot->destroy_solver(snapshot->solver);
    cw_arena_free(snapshot->arena); /* the snapshot itself is in it */
}

static void give_back(void *snapshot) {
    cw_snapshot_unref(snapshot);
}

void cw_snapshot_hold(struct cw_arena *arena, struct cw_snapshot *take_snapshot) {
    cw_arena_defer(arena, give_back, take_snapshot);
}

const struct cw_product *cw_snapshot_product(const struct cw_snapshot *snapshot) {
    return snapshot->product;
}

void cw_snapshot_attach(struct cw_snapshot *snapshot, void *take_engine, void (*destroy)(void *)) {
    assert(!snapshot->engine);
    snapshot->engine = take_engine;
    snapshot->destroy = destroy;
}

void *cw_snapshot_engine(const struct cw_snapshot *snapshot) {
    return snapshot->engine;
}

void cw_snapshot_attach_solver(struct cw_snapshot *snapshot, void *take_solver,
                               void (*destroy)(void *)) {
    assert(!snapshot->solver);
    snapshot->solver = take_solver;
    snapshot->destroy_solver = destroy;
}

void *cw_snapshot_solver(const struct cw_snapshot *snapshot) {
    return snapshot->solver;
}

void cw_snapshot_defer(struct cw_snapshot *snapshot, void (*release)(void *), void *object) {
    cw_arena_defer(snapshot->arena, release, object);
}
