/* A store in a folder of its own, a clock that stands still, and rows to put in. For tests only. */
#pragma once

#include "base/clock.h"
#include "cordwain/store.h"

struct cw_fixture {
    char folder[64], path[96];
    struct cw_store *store;
    struct cw_arena *arena;
    int64_t now_ms;
    struct cw_clock clock;
};

/* 2026-11-22T10:00:00Z */
#define CW_FIXTURE_NOW_MS 1795341600000

/* Make the folder and open the store / only make the folder. */
void cw_fixture_init(struct cw_fixture *fixture);
void cw_fixture_init_closed(struct cw_fixture *fixture);
void cw_fixture_deinit(struct cw_fixture *fixture);
void cw_fixture_open(struct cw_fixture *fixture);
void cw_fixture_close(struct cw_fixture *fixture);

/* Run in a transaction and wait. */
enum cw_status cw_fixture_write(struct cw_fixture *fixture, cw_txn_fn fn, void *arg,
                                struct cw_error *err);
enum cw_status cw_fixture_read(struct cw_fixture *fixture, cw_txn_fn fn, void *arg,
                               struct cw_error *err);

/* Plausible rows; every text in the arena. */
struct cw_order_row cw_fixture_order(struct cw_arena *arena, int number);
struct cw_spec_row cw_fixture_spec(struct cw_arena *arena, const char *order_id, int number);
