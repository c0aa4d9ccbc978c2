/*
 * Responsible for: what is known of the pictures a selection names, before anything is asked about
 * it. Does not: keep pictures (uploads.c). Server process, loop thread; the look-up runs on a store
 * reader.
 */
#include <string.h>

#include "api/context.h"
#include "configure/placement.h"

#define CW_LOG_MODULE "api"
#include "base/log.h"

struct looking {
    struct api_question question;
    api_solved_fn next;
    void *arg;
    size_t count; /* pictures asked for */
    const char **ids;
    size_t found;
    struct cw_artwork_fact *facts;
};

static void take_row(struct looking *looking, const struct cw_artwork_row *row) {
    looking->facts[looking->found++] =
        (struct cw_artwork_fact){.id = row->id,
                                 .digest = row->digest,
                                 .file_digest = row->file_digest,
                                 .file_bytes = row->file_bytes,
                                 .width_px = (uint32_t)row->width_px,
                                 .height_px = (uint32_t)row->height_px};
}

/* An id nobody was given is no error here: the selection is judged by what is found. */
static enum cw_status read_facts(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct looking *looking = job->data;
    for (size_t i = 0; i < looking->count; i++) {
        struct cw_artwork_row row;
        struct cw_error missing = {0};
        enum cw_status status =
            txn->ops->artwork_get(txn, job->arena, looking->ids[i], &row, &missing);
        if (status == CW_OK) {
            take_row(looking, &row);
        } else if (status != CW_E_NOT_FOUND) {
            *err = missing;
            return status;
        }
    }
    return CW_OK;
}

static void facts_read(struct api_job *job) {
    struct looking *looking = job->data;
    looking->question.context->artworks = looking->facts;
    looking->question.context->artwork_count = looking->found;
    api_solve(&looking->question, looking->next, looking->arg); /* now without a look-up */
}

static bool facts_not_read(struct api_job *job) {
    const struct looking *looking = job->data;
    if (!looking->question.otherwise) {
        return false;
    }
    cw_log_warn("artworks", "code=%s result=unread", job->error.code);
    looking->question.otherwise(looking->arg);
    return true;
}

uint32_t api_artworks_unknown(const struct cw_product *product,
                              const struct cw_selection *selection,
                              const struct cw_configure_context *context) {
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        struct cw_placement placement;
        if (product->options[pick->option].artwork &&
            cw_placement_parse(pick->value.text, &placement) &&
            !cw_artwork_fact_find(context, placement.id)) {
            return pick->option;
        }
    }
    return CW_NONE;
}

/* The ids of the selection's pictures. */
static size_t gather(const struct api_question *question, const char **ids) {
    const struct cw_product *product = cw_snapshot_product(question->snapshot);
    struct cw_arena *arena = question->req->arena;
    size_t count = 0;
    for (size_t i = 0; i < question->selection->count; i++) {
        const struct cw_pick *pick = &question->selection->picks[i];
        struct cw_placement placement;
        if (product->options[pick->option].artwork &&
            cw_placement_parse(pick->value.text, &placement)) {
            ids[count++] = cw_arena_strdup(arena, placement.id);
        }
    }
    return count;
}

/* ---- holding --------------------------------------------------------------------------------- */

static enum cw_status hold(struct cw_txn *txn, const char *option, const char *id,
                           struct cw_arena *arena, struct cw_error *err) {
    struct cw_error missing = {0};
    enum cw_status status = txn->ops->artwork_hold(txn, id, &missing);
    if (status == CW_E_NOT_FOUND) {
        return cw_fail_at(err, CW_E_INPUT, "artwork.unknown",
                          cw_arena_printf(arena, "/selections/%s", option),
                          "the picture is not there any more; upload it again");
    }
    if (status != CW_OK) {
        *err = missing;
    }
    return status;
}

enum cw_status api_artworks_hold(struct cw_txn *txn, const struct cw_product *product,
                                 const struct cw_selection *selection, struct cw_arena *arena,
                                 struct cw_error *err) {
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < selection->count && status == CW_OK; i++) {
        const struct cw_option *option = &product->options[selection->picks[i].option];
        struct cw_placement placement;
        if (option->artwork && cw_placement_parse(selection->picks[i].value.text, &placement)) {
            status = hold(txn, option->id, placement.id, arena, err);
        }
    }
    return status;
}

bool api_artworks_look_up(const struct api_question *question, api_solved_fn next, void *arg) {
    struct cw_request *req = question->req;
    size_t picks = question->selection->count;
    if (question->context->artworks || picks == 0) {
        return false;
    }
    const char **ids = cw_arena_array(req->arena, picks, sizeof *ids);
    size_t count = gather(question, ids);
    if (count == 0) {
        return false;
    }
    struct looking *looking = cw_arena_alloc(req->arena, sizeof *looking);
    *looking = (struct looking){
        .question = *question, .next = next, .arg = arg, .count = count, .ids = ids};
    looking->facts = cw_arena_array(req->arena, count, sizeof *looking->facts);
    struct api_job *job = api_job_new(req, read_facts, facts_read, looking);
    job->failed = facts_not_read;
    api_read(job);
    return true;
}
