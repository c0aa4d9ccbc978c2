/*
 * Responsible for: following products and stock in the store. Does not: load or compile a version
 * (config.load), or decide what becomes visible (config.admit). Server process; functions run on
 * the loop thread except `list_rows` (a store reader) and `load_all` (the crew's thread).
 */
#include "app/discover.h"

#include <stdlib.h>
#include <string.h>

#include "base/crew.h"

#define CW_LOG_MODULE "app"
#include "base/log.h"

struct cw_discover {
    struct cw_discover_config config;
    struct cw_crew *crew;
    int64_t product_seq; /* newest row this process has dealt with */
    size_t refused;
    bool listing, loading;
    bool stopped;
};

struct arrival {
    struct cw_snapshot *snapshot; /* of the arena; NULL: refused, or here already */
    struct cw_error err;
};

/* One look into the store; lives in its own arena. */
struct turn {
    struct cw_discover *discover;
    struct cw_arena *arena;
    int64_t since;             /* rows after this one */
    uint32_t stock_generation; /* when the rows were asked for */
    struct cw_stock_row *out;  /* stock items that are out */
    size_t out_count;
    struct cw_product_row *rows;
    size_t count;
    struct arrival *arrivals; /* one per row */
};

enum cw_status cw_discover_new(const struct cw_discover_config *config,
                               struct cw_discover **ret_discover, struct cw_error *err) {
    struct cw_discover *discover = calloc(1, sizeof *discover);
    if (!discover) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    discover->config = *config;
    struct cw_crew_config crew = {.threads = 1, .waiting = 1};
    enum cw_status status = cw_crew_new(&crew, &discover->crew, err);
    if (status != CW_OK) {
        free(discover);
        return status;
    }
    *ret_discover = discover;
    return CW_OK;
}

/* ---- one turn -------------------------------------------------------------------------------- */

static struct turn *new_turn(struct cw_discover *discover) {
    struct cw_arena *arena = cw_arena_new();
    struct turn *turn = cw_arena_alloc(arena, sizeof *turn);
    *turn = (struct turn){
        .discover = discover,
        .arena = arena,
        /* those being loaded, and what comes after them, are not read once more */
        .since = discover->loading ? INT64_MAX : discover->product_seq,
        .stock_generation = cw_stock_generation(discover->config.stock),
    };
    return turn;
}

static enum cw_status list_rows(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct turn *turn = arg;
    enum cw_status status =
        txn->ops->product_list(txn, turn->arena, turn->since, &turn->rows, &turn->count, err);
    return status == CW_OK ? txn->ops->stock_list(txn, turn->arena, /* out_only: */ true,
                                                  &turn->out, &turn->out_count, err)
                           : status;
}

static bool is_here(struct cw_catalog *catalog, const struct cw_product_row *row) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    return cw_catalog_get(catalog, row->id, row->version, &snapshot, NULL) == CW_OK &&
           strcmp(cw_snapshot_product(snapshot)->digest, row->digest) == 0;
}

static void load_all(void *arg) {
    struct turn *turn = arg;
    const struct cw_discover_config *config = &turn->discover->config;
    turn->arrivals = cw_arena_array(turn->arena, turn->count, sizeof *turn->arrivals);
    for (size_t i = 0; i < turn->count; i++) {
        struct arrival *arrival = &turn->arrivals[i];
        if (!is_here(config->catalog, &turn->rows[i]) &&
            config->load(config->ctx, &turn->rows[i], &arrival->snapshot, &arrival->err) == CW_OK) {
            cw_snapshot_hold(turn->arena, arrival->snapshot);
        }
    }
}

static void admit_all(struct turn *turn) {
    struct cw_discover *discover = turn->discover;
    for (size_t i = 0; i < turn->count; i++) {
        const struct cw_product_row *row = &turn->rows[i];
        struct arrival *arrival = &turn->arrivals[i];
        struct cw_error err = arrival->err;
        if (arrival->snapshot && err.status == CW_OK) {
            (void)!discover->config.admit(discover->config.ctx, arrival->snapshot, &err);
        }
        if (err.status != CW_OK) {
            discover->refused++;
            char message[CW_LOG_QUOTED];
            cw_log_error("product_refused", "id=%s version=%s code=%s message=%s", row->id,
                         row->version, err.code, cw_log_quote(err.message, message));
        } else {
            cw_log_info("product", "id=%s version=%s digest=%s", row->id, row->version,
                        row->digest);
        }
        if (row->seq > discover->product_seq) {
            discover->product_seq = row->seq;
        }
    }
}

/* What the API changed since the rows were read is newer than they are: the next turn has it. */
static void follow_stock(struct turn *turn) {
    const char **items = cw_arena_array(turn->arena, turn->out_count + 1, sizeof *items);
    for (size_t i = 0; i < turn->out_count; i++) {
        items[i] = turn->out[i].item;
    }
    (void)cw_stock_replace(turn->discover->config.stock, turn->stock_generation, items,
                           turn->out_count);
}

enum cw_status cw_discover_now(struct cw_discover *discover, struct cw_error *err) {
    struct turn *turn = new_turn(discover);
    struct cw_store *store = discover->config.store;
    enum cw_status status = store->ops->read_wait(store, list_rows, turn, err);
    if (status == CW_OK) {
        load_all(turn);
        admit_all(turn);
        follow_stock(turn);
    }
    cw_arena_free(turn->arena); /* holds `turn` too */
    return status;
}

size_t cw_discover_refused(const struct cw_discover *discover) {
    return discover->refused;
}

/* ---- turn by turn ---------------------------------------------------------------------------- */

static void rows_loaded(void *arg) {
    struct turn *turn = arg;
    turn->discover->loading = false;
    if (!turn->discover->stopped && turn->arrivals) {
        admit_all(turn);
    }
    cw_arena_free(turn->arena);
}

static void rows_listed(void *arg, enum cw_status status, const struct cw_error *err) {
    struct turn *turn = arg;
    struct cw_discover *discover = turn->discover;
    (void)err; /* the next turn asks again */
    discover->listing = false;
    if (status == CW_OK && !discover->stopped) {
        follow_stock(turn);
        const struct cw_crew_job job = {load_all, rows_loaded, turn, discover->config.mailbox};
        if (turn->count > 0 && cw_crew_push(discover->crew, &job, NULL) == CW_OK) {
            discover->loading = true;
            return; /* rows_loaded frees it */
        }
    }
    cw_arena_free(turn->arena);
}

void cw_discover_turn(struct cw_discover *discover) {
    if (discover->listing || discover->stopped) {
        return;
    }
    struct turn *turn = new_turn(discover);
    struct cw_store *store = discover->config.store;
    discover->listing = true;
    if (store->ops->read(store, list_rows, rows_listed, turn, discover->config.mailbox, NULL) !=
        CW_OK) {
        discover->listing = false;
        cw_arena_free(turn->arena);
    }
}

void cw_discover_stop(struct cw_discover *discover) {
    if (discover && !discover->stopped) {
        discover->stopped = true;
        cw_crew_free(discover->crew);
        discover->crew = NULL;
    }
}

void cw_discover_free(struct cw_discover *discover) {
    cw_discover_stop(discover);
    free(discover);
}
