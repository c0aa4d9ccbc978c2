/* How load.c makes a snapshot. */
#pragma once

#include <stdatomic.h>

#include "catalog/snapshot.h"

struct cw_snapshot {
    struct cw_arena *arena; /* holds everything, this struct too */
    const struct cw_product *product;
    atomic_size_t references;
    void *engine, *solver;
    void (*destroy)(void *);
    void (*destroy_solver)(void *);
};

/* One reference; the arena is the snapshot's from here. */
struct cw_snapshot *cw_snapshot_new(struct cw_arena *take_arena, const struct cw_product *product);
