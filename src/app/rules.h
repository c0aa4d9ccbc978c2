/*
 * Compiled rules on this node: <data>/rules/<model digest>.cwr, mapped read-only by every process.
 * The name says what a file was made from, its content is checked when it is opened: whatever is
 * missing, damaged or foreign is compiled again.
 */
#pragma once

#include "app/paths.h"
#include "catalog/catalog.h"
#include "configure/configure.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

/* How much compiling is worth. */
struct cw_rules_effort {
    uint32_t compile_ms; /* first try; 0: none, only what is stored */
    uint32_t retry_ms;   /* second try, with the larger limits; 0: none */
    /* Before a second try that may take long; NULL: nothing is told. */
    void (*retrying)(void *ctx, uint32_t retry_ms);
    void (*retried)(void *ctx);
    void *ctx;
    uint32_t diagnose_ms; /* cw_check_rules: for searches; 0: CW_DIAGNOSE_MS */
    int cancel_fd;        /* readable: give up compiling; 0: none */
};

/* What is worth spending without being told otherwise. */
#define CW_RULES_EFFORT                                                                            \
    { .compile_ms = CW_RULES_COMPILE_MS }

enum cw_rules_source {
    CW_MADE_STORED,   /* the file was there and good */
    CW_MADE_COMPILED, /* compiled now */
    CW_MADE_NOT_COMPILED
};

/* What became of a product's rules. */
struct cw_rules_made {
    enum cw_rules_source source;
    uint64_t compile_ms; /* spent compiling now, both tries together */
    size_t artefact_bytes;
    bool worker_failed; /* NOT_COMPILED: the worker did not do its work; nothing is known */
    uint32_t tried_ms;  /* NOT_COMPILED: the longest try that did not succeed, now or before */
    size_t entangled_count;
    const uint32_t *entangled; /* NOT_COMPILED now: options of the hardest bag; in the arena */
};

/**
 * Give a snapshot its engine: from the stored file, else compiled in a process of its own, else on
 * the SAT tier with a solver. A file that cannot be used is logged and replaced.
 * @param paths    rules; rules "": nothing is read or written
 * @param snapshot just loaded, nobody else's yet; has no engine
 * @param ret      written on success
 * @units   ms, bytes
 * @owner   the snapshot's; lists of *ret in the arena
 * @errors  CW_E_LIMIT of cw_lower; CW_E_IO "rules.worker"; CW_E_BUG "rules.artefact_refused" when
 *          what the worker made is not accepted. A file that cannot be written is logged only
 * @cost    a read of the file, or the effort; blocking: never on the loop
 * @source  docs/explanation/rule-engine.md "Publishing"
 */
enum cw_status cw_rules_attach(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                               struct cw_snapshot *snapshot, struct cw_arena *arena,
                               struct cw_rules_made *ret, struct cw_error *err) CW_MUST_USE;

/* Keep what became of a snapshot's rules, for those who attach them next: the artefact, or how long
 * was tried in vain. What cannot be written is logged. */
void cw_rules_keep(const struct cw_paths *paths, const struct cw_snapshot *snapshot,
                   const struct cw_rules_made *made);

/*
 * Put what the SAT tier's solver says to a selection into context->solved, in the arena: for the
 * command line and tests, which may wait. Compiled rules, and a solver that fails, leave it NULL:
 * answers are then as exact as they can be without.
 */
void cw_rules_solve(const struct cw_snapshot *snapshot, const struct cw_selection *selection,
                    struct cw_arena *arena, struct cw_configure_context *context);

/* Now and then, any thread: end the solver processes nobody has asked for long, of every version in
 * the catalog. Waits for nothing. */
void cw_rules_rest(struct cw_catalog *catalog);

/**
 * Remove what no version needs any more: artefacts and notes of other models, and temporary files
 * that a writer left behind. Only files older than CW_RULES_UNUSED_S, so that what somebody is just
 * publishing stays. A removed file that a process has mapped stays whole for it.
 * @param catalog every version that is stored, with its engine: designs and orders name no other
 * @return        how many files were removed; what cannot be removed is logged
 * @units   none
 * @owner   nothing
 * @errors  none
 * @cost    one look through the folder, the digest of every version's model; blocking: start-up
 * @source  none
 */
size_t cw_rules_sweep(const struct cw_paths *paths, struct cw_catalog *catalog, int64_t now_ms);
