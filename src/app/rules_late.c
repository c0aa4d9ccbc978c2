/*
 * Responsible for: second tries at compiling, one after the other on a thread of low priority.
 * Does not: compile in this process, or put anything into the catalog. Server process; the
 * functions run on the loop thread, `compile_late` on the crew's.
 */
#include "app/rules_late.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/crew.h"
#include "catalog/load.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

#define CW_LOG_MODULE "rules"
#include "base/log.h"

#define NICE 10

struct cw_late {
    struct cw_late_config config;
    struct cw_crew *crew;
    int cancel_fd; /* readable once stopping */
    bool stopped;
};

struct late_job {
    struct cw_late *late;
    struct cw_snapshot *live; /* a reference */
    struct cw_snapshot *made; /* a reference; NULL: nothing came of it */
    struct cw_rules_made how;
    struct cw_error error;
};

enum cw_status cw_late_new(const struct cw_late_config *config, struct cw_late **ret_late,
                           struct cw_error *err) {
    struct cw_late *late = calloc(1, sizeof *late);
    if (!late) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    late->config = *config;
    late->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct cw_crew_config crew = {.threads = 1, .waiting = CW_RETRY_QUEUE, .nice = NICE};
    enum cw_status status =
        late->cancel_fd < 0 ? cw_fail(err, CW_E_IO, "crew.threads", "no event for late compiling")
                            : cw_crew_new(&crew, &late->crew, err);
    if (status != CW_OK) {
        cw_late_free(late);
        return status;
    }
    *ret_late = late;
    return CW_OK;
}

/* The same document once more: an engine is never changed under those who use it. */
static void compile_late(void *arg) {
    struct late_job *job = arg;
    const struct cw_late_config *config = &job->late->config;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    const struct cw_product *product = cw_snapshot_product(job->live);
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {product->document, product->document_length,
                                       product->art_digest, cw_schema_check_product};
    struct cw_rules_effort effort = {.retry_ms = config->retry_ms,
                                     .cancel_fd = job->late->cancel_fd};
    if (cw_product_load(&source, &faults, &snapshot, &job->error) == CW_OK &&
        cw_rules_attach(config->paths, &effort, snapshot, arena, &job->how, &job->error) == CW_OK &&
        job->how.source != CW_MADE_NOT_COMPILED) {
        job->made = CW_TAKE(snapshot);
    }
}

static void compiled_late(void *arg) {
    struct late_job *job = arg;
    struct cw_late *late = job->late;
    const struct cw_product *product = cw_snapshot_product(job->live);
    if (job->made && !late->stopped) {
        late->config.compiled(late->config.ctx, job->made);
    }
    if (!late->stopped) {
        cw_log_info("late", "product=%s version=%s result=%s ms=%llu bytes=%zu", product->id,
                    product->version,
                    job->made                    ? "compiled"
                    : job->error.status != CW_OK ? job->error.code
                                                 : "sat",
                    (unsigned long long)job->how.compile_ms, job->how.artefact_bytes);
    }
    cw_snapshot_unref(job->made);
    cw_snapshot_unref(job->live);
    free(job);
}

void cw_late_try(struct cw_late *late, struct cw_snapshot *snapshot) {
    bool compiled = cw_engine_about(cw_snapshot_engine(snapshot)).tier == CW_TIER_COMPILED;
    if (compiled || late->config.retry_ms == 0 || late->stopped) {
        return;
    }
    struct late_job *job = calloc(1, sizeof *job);
    if (!job) {
        return; /* the SAT tier goes on answering */
    }
    job->late = late;
    job->live = cw_snapshot_ref(snapshot);
    struct cw_error err = {0};
    const struct cw_crew_job work = {compile_late, compiled_late, job, late->config.mailbox};
    if (cw_crew_push(late->crew, &work, &err) != CW_OK) {
        cw_log_warn("late", "product=%s code=%s result=not_tried",
                    cw_snapshot_product(snapshot)->id, err.code);
        cw_snapshot_unref(job->live);
        free(job);
    }
}

void cw_late_stop(struct cw_late *late) {
    if (!late || late->stopped) {
        return;
    }
    late->stopped = true;
    (void)!eventfd_write(late->cancel_fd, 1);
    cw_crew_free(late->crew);
    late->crew = NULL;
}

void cw_late_free(struct cw_late *late) {
    if (!late) {
        return;
    }
    cw_late_stop(late);
    if (late->cancel_fd >= 0) {
        close(late->cancel_fd);
    }
    free(late);
}
