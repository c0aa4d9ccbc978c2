/*
 * Responsible for: rules artefacts on disk, engines made from them, and compiling what is not
 * there by the rules worker. Does not: compile in this process, or decide what may be published.
 * Command line, start-up and threads that may wait.
 *
 * <digest>.cwr is an artefact; <digest>.sat says in decimal how many milliseconds were once spent
 * on the same rules in vain, so that a restart does not spend them again.
 */
#include "app/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "configure/lower.h"
#include "cordwain/limits.h"

#define CW_LOG_MODULE "rules"
#include "base/log.h"

/* One snapshot on its way to an engine. */
struct attaching {
    const struct cw_paths *paths;
    struct cw_snapshot *snapshot;
    const struct cw_product *product;
    struct cw_arena *arena;
    const struct cw_lowered *lowered;
    char digest[65];
    struct cw_rules_made made;
};

static void free_engine(void *engine) {
    cw_engine_free(engine);
}

static void free_solver(void *solver) {
    cw_rules_solver_free(solver);
}

static const char *path_of(const struct attaching *a, const char *extension) {
    return cw_arena_printf(a->arena, "%s/%s.%s", a->paths->artefacts, a->digest, extension);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct mapping {
    void *data;
    size_t length;
};

static void unmap(void *arg) {
    struct mapping *mapping = arg;
    munmap(mapping->data, mapping->length);
    free(mapping);
}

/* NULL when there is no such file, or nothing in it. */
static struct mapping *map_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat about;
    struct mapping *mapping = fd < 0 ? NULL : calloc(1, sizeof *mapping);
    if (mapping && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        mapping->length = (size_t)about.st_size;
        mapping->data = mmap(NULL, mapping->length, PROT_READ, MAP_SHARED, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (mapping && (!mapping->data || mapping->data == MAP_FAILED)) {
        free(mapping);
        return NULL;
    }
    return mapping;
}

static enum cw_status open_engine(struct attaching *a, struct cw_bytes artefact,
                                  struct cw_error *err) {
    struct cw_engine *engine;
    enum cw_status status = cw_engine_open(a->product, artefact, &engine, err);
    if (status == CW_OK) {
        cw_snapshot_attach(a->snapshot, engine, free_engine);
        a->made.artefact_bytes = artefact.length;
    }
    return status;
}

/* True: the engine is attached, the mapping the snapshot's. */
static bool attach_file(struct attaching *a) {
    const char *path = path_of(a, "cwr");
    struct mapping *mapping = map_file(path);
    struct cw_error err = {0};
    if (!mapping) {
        if (cw_file_exists(path)) {
            cw_log_warn("artefact_refused", "product=%s file=%s.cwr code=rules.artefact_unreadable",
                        a->product->id, a->digest);
        }
        return false;
    }
    if (open_engine(a, (struct cw_bytes){mapping->data, mapping->length}, &err) != CW_OK) {
        char message[CW_LOG_QUOTED];
        cw_log_warn("artefact_refused", "product=%s file=%s.cwr code=%s message=%s next=compile",
                    a->product->id, a->digest, err.code, cw_log_quote(err.message, message));
        unmap(mapping);
        return false;
    }
    cw_snapshot_defer(a->snapshot, unmap, mapping);
    return true;
}

static void write_file(struct attaching *a, const char *extension, struct cw_bytes bytes) {
    struct cw_error err = {0};
    if (cw_file_write_atomic(path_of(a, extension), bytes.data, bytes.length, 0644, &err) !=
        CW_OK) {
        char detail[CW_LOG_QUOTED];
        cw_log_error("artefact_not_kept", "file=%s.%s code=%s detail=%s", a->digest, extension,
                     err.code, cw_log_quote(err.detail, detail));
    }
}

/* How long the same rules were tried in vain; 0: never. */
static uint32_t tried_before(struct attaching *a) {
    char *text;
    size_t length;
    if (!*a->paths->artefacts ||
        cw_file_read(a->arena, path_of(a, "sat"), 32, &text, &length, NULL) != CW_OK) {
        return 0;
    }
    unsigned long tried = strtoul(text, NULL, 10);
    return tried > CW_RULES_RETRY_MAX_MS ? 0 : (uint32_t)tried;
}

static void note_tried(struct attaching *a) {
    if (*a->paths->artefacts) {
        const char *text = cw_arena_printf(a->arena, "%u\n", a->made.tried_ms);
        write_file(a, "sat", (struct cw_bytes){(const uint8_t *)text, strlen(text)});
    }
}

/* ---- compiling ------------------------------------------------------------------------------- */

static bool is_listed(const uint32_t *list, size_t count, uint32_t item) {
    for (size_t i = 0; i < count; i++) {
        if (list[i] == item) {
            return true;
        }
    }
    return false;
}

static int compare_options(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Variables of the hardest bag → their options, each once, product order. */
static void note_entangled(struct attaching *a, const struct cw_compile_result *result) {
    uint32_t *options = cw_arena_array(a->arena, result->entangled_count + 1, sizeof *options);
    size_t count = 0;
    for (uint32_t i = 0; i < result->entangled_count; i++) {
        uint32_t option = a->lowered->var_options[result->entangled[i]];
        if (option != CW_NONE && !is_listed(options, count, option)) {
            options[count++] = option;
        }
    }
    qsort(options, count, sizeof *options, compare_options);
    a->made.entangled = options;
    a->made.entangled_count = count;
}

/* The artefact becomes the snapshot's: mapped from its file, or a copy where nothing is kept. */
static enum cw_status attach_artefact(struct attaching *a, struct cw_bytes artefact,
                                      struct cw_error *err) {
    a->made.source = CW_MADE_COMPILED;
    if (*a->paths->artefacts) {
        write_file(a, "cwr", artefact);
        if (attach_file(a)) {
            return CW_OK;
        }
    }
    void *copy = malloc(artefact.length);
    if (!copy) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    memcpy(copy, artefact.data, artefact.length);
    cw_snapshot_defer(a->snapshot, free, copy);
    struct cw_error refused = {0};
    if (open_engine(a, (struct cw_bytes){copy, artefact.length}, &refused) == CW_OK) {
        return CW_OK;
    }
    enum cw_status status =
        cw_fail(err, CW_E_BUG, "rules.artefact_refused", "the compiled rules are not accepted");
    cw_error_detail(err, "%s: %s", refused.code, refused.message);
    return status;
}

/* One try. True in *ret_done: the engine is attached. */
static enum cw_status try_compile(struct attaching *a, const struct cw_compile_budget *budget,
                                  int cancel_fd, bool *ret_done, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct cw_rules_worker_config worker = {a->paths->rules, cancel_fd};
    struct cw_compile_result result;
    struct cw_error failed = {0};
    enum cw_status status =
        cw_rules_compile(&worker, a->lowered->model, budget, scratch, &result, &failed);
    if (status == CW_E_IO) { /* the worker's death says nothing about the rules: answer by search */
        cw_log_warn("rules_worker", "model=%s code=%s result=not_compiled", a->digest, failed.code);
        a->made.worker_failed = true;
        return CW_OK;
    }
    if (status != CW_OK) {
        if (err) {
            *err = failed;
        }
        return status;
    }
    a->made.compile_ms += result.compile_ms;
    *ret_done = result.outcome == CW_COMPILED;
    if (*ret_done) {
        return attach_artefact(a, result.artefact, err);
    }
    note_entangled(a, &result);
    if (budget->wall_ms > a->made.tried_ms) {
        a->made.tried_ms = (uint32_t)budget->wall_ms;
    }
    return CW_OK;
}

static enum cw_status compile(struct attaching *a, const struct cw_rules_effort *effort,
                              bool *ret_done, struct cw_error *err) {
    struct cw_compile_budget first = {effort->compile_ms, CW_RULES_COMPILE_BRANCHES,
                                      CW_RULES_COMPILE_BYTES, CW_RULES_MEMORY_BYTES},
                             second = {effort->retry_ms, CW_RULES_RETRY_BRANCHES,
                                       CW_RULES_RETRY_BYTES, CW_RULES_MEMORY_BYTES};
    enum cw_status status = CW_OK;
    uint32_t before = a->made.tried_ms;
    if (effort->compile_ms > before) {
        status = try_compile(a, &first, effort->cancel_fd, ret_done, err);
    }
    if (status == CW_OK && !*ret_done && effort->retry_ms > before) {
        if (effort->retrying) {
            effort->retrying(effort->ctx, effort->retry_ms);
        }
        status = try_compile(a, &second, effort->cancel_fd, ret_done, err);
        if (effort->retried) {
            effort->retried(effort->ctx);
        }
    }
    if (status == CW_OK && !*ret_done && a->made.tried_ms > before) {
        note_tried(a);
    }
    return status;
}

static enum cw_status attach_solver(struct attaching *a, struct cw_error *err) {
    struct cw_rules_worker_config worker = {.program = a->paths->rules};
    struct cw_error refused = {0};
    a->made.source = CW_MADE_NOT_COMPILED;
    enum cw_status status = open_engine(a, (struct cw_bytes){NULL, 0}, &refused);
    if (status != CW_OK) {
        if (err) {
            *err = refused;
        }
        return status;
    }
    struct cw_rules_solver *solver = cw_rules_solver_new(&worker, a->lowered->model);
    if (!solver) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    cw_snapshot_attach_solver(a->snapshot, solver, free_solver);
    return CW_OK;
}

enum cw_status cw_rules_attach(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                               struct cw_snapshot *snapshot, struct cw_arena *arena,
                               struct cw_rules_made *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct attaching a = {.paths = paths,
                          .snapshot = snapshot,
                          .product = cw_snapshot_product(snapshot),
                          .arena = arena};
    struct cw_lowered *lowered;
    uint8_t digest[32];
    enum cw_status status = cw_lower(a.product, scratch, &lowered, err);
    if (status != CW_OK) {
        return status;
    }
    a.lowered = lowered;
    cw_model_digest(lowered->model, digest);
    cw_hex(digest, sizeof digest, a.digest);
    a.made.tried_ms = tried_before(&a);
    bool done = *paths->artefacts && attach_file(&a);
    if (!done) {
        status = compile(&a, effort, &done, err);
    }
    if (status == CW_OK && !done) {
        status = attach_solver(&a, err);
    }
    if (status == CW_OK) {
        *ret = a.made;
    }
    return status;
}

void cw_rules_keep(const struct cw_paths *paths, const struct cw_snapshot *snapshot,
                   const struct cw_rules_made *made) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_engine *engine = cw_snapshot_engine(snapshot);
    struct attaching a = {.paths = paths, .arena = arena, .made = *made};
    uint8_t digest[32];
    cw_model_digest(cw_engine_model(engine), digest);
    cw_hex(digest, sizeof digest, a.digest);
    struct cw_bytes artefact = cw_engine_artefact(engine);
    if (artefact.length > 0 && *paths->artefacts) {
        write_file(&a, "cwr", artefact);
    } else if (made->tried_ms > 0) {
        note_tried(&a);
    }
}

void cw_rules_solve(const struct cw_snapshot *snapshot, const struct cw_selection *selection,
                    struct cw_arena *arena, struct cw_configure_context *context) {
    struct cw_rules_solver *solver = cw_snapshot_solver(snapshot);
    const struct cw_engine *engine = cw_snapshot_engine(snapshot);
    if (!solver || cw_engine_about(engine).tier != CW_TIER_SAT) {
        return;
    }
    struct cw_rules_question question = {.domains = true, .deadline_ms = CW_RULES_ASK_MS};
    struct cw_rules_answer *answer = cw_arena_alloc(arena, sizeof *answer);
    struct cw_error err = {0};
    cw_engine_question(engine, selection, context, arena, &question.scope);
    if (cw_rules_ask(solver, &question, arena, answer, &err) != CW_OK) {
        cw_log_warn("solver", "product=%s code=%s result=unsolved",
                    cw_snapshot_product(snapshot)->id, err.code);
        return;
    }
    context->solved = answer;
}
