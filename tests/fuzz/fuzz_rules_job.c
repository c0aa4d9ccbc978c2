/*
 * The rules worker's reader: whatever comes in, every frame is answered by one valid frame; what
 * compiles opens and agrees with what SAT says; witnesses keep every constraint. Input: frames as
 * the worker reads them. Budgets and deadlines are replaced by small ones.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "configure/rules/worker_job.h"
#include "fuzz.h"

#define FRAMES      8
#define BODY_BYTES  4096
#define DEADLINE_MS 200

static const struct cw_compile_budget small = {100, 20000, 1 << 20, 1 << 26};

/* What the last LOAD said, to judge answers by. */
struct judge {
    struct cw_arena *arena;
    struct cw_model *model; /* NULL: none was accepted */
    struct cw_diagram *diagram;
};

static void forget(struct judge *judge) {
    cw_diagram_free(judge->diagram);
    judge->diagram = NULL;
    judge->model = NULL;
}

static struct cw_bytes whole(const struct cw_buf *buf) {
    return (struct cw_bytes){(const uint8_t *)buf->data, buf->length};
}

static void open_result(struct judge *judge, const struct cw_model *model, struct cw_bytes body) {
    struct cw_compile_result result;
    assert(cw_rules_result_decode(body, model, judge->arena, &result, NULL) == CW_OK);
    forget(judge);
    if (result.outcome != CW_COMPILED)
        return;
    assert(cw_diagram_open(result.artefact.data, result.artefact.length, &judge->diagram, NULL) ==
           CW_OK);
    uint8_t digest[32];
    cw_model_digest(model, digest);
    assert(memcmp(digest, cw_diagram_head(judge->diagram)->model, sizeof digest) == 0);
}

static void compare(const struct judge *judge, const struct cw_rules_question *question,
                    const struct cw_rules_answer *answer) {
    uint64_t *possible = cw_arena_array(judge->arena, judge->model->word_count + 1, 8);
    bool feasible = cw_diagram_domains(judge->diagram, &question->scope, judge->arena, possible);
    assert(answer->feasible == CW_VERDICT_UNKNOWN ||
           feasible == (answer->feasible == CW_VERDICT_YES));
    for (uint32_t w = 0; w < judge->model->word_count && answer->possible; w++) {
        assert((possible[w] & ~answer->possible[w]) == 0);
        assert(!answer->possible_exact || possible[w] == answer->possible[w]);
    }
}

static void check_answer(struct judge *judge, struct cw_bytes asked, struct cw_bytes answered) {
    struct cw_rules_question question;
    struct cw_rules_answer answer;
    assert(judge->model);
    assert(cw_rules_question_decode(asked, judge->model, judge->arena, &question, NULL) == CW_OK);
    assert(cw_rules_answer_decode(answered, judge->model, &question, judge->arena, &answer, NULL) ==
           CW_OK);
    for (uint32_t c = 0; c < judge->model->constraint_count && answer.values; c++)
        assert(cw_model_keeps(judge->model, &judge->model->constraints[c], answer.values));
    if (judge->diagram)
        compare(judge, &question, &answer);
}

static void load_model(struct judge *judge, struct cw_bytes body) {
    forget(judge);
    assert(cw_model_decode(body.data, body.length, judge->arena, &judge->model, NULL) == CW_OK);
    CW_AUTO_BUF struct cw_buf frame = {0}, reply = {0};
    cw_rules_budget_encode(&small, &frame);
    cw_buf_add(&frame, body.data, body.length);
    struct cw_rules_job *job = cw_rules_job_new();
    cw_rules_job_do(job, CW_RULES_COMPILE, whole(&frame), &reply);
    cw_rules_job_free(job);
    struct cw_bytes bytes = whole(&reply);
    struct cw_model *model = judge->model;
    open_result(
        judge, model,
        (struct cw_bytes){bytes.data + CW_RULES_HEAD_BYTES, bytes.length - CW_RULES_HEAD_BYTES});
    judge->model = model;
}

/* Small budgets and deadlines in place of the input's. */
static void tame(enum cw_rules_kind kind, struct cw_buf *body) {
    CW_AUTO_BUF struct cw_buf start = {0};
    if (kind == CW_RULES_COMPILE)
        cw_rules_budget_encode(&small, &start);
    if (kind == CW_RULES_ASK)
        cw_buf_add(&start, (uint8_t[]){DEADLINE_MS, 0, 0, 0}, 4);
    if (start.length > 0 && body->length >= start.length)
        memcpy(body->data, start.data, start.length);
}

static void do_frame(struct cw_rules_job *job, struct judge *judge, enum cw_rules_kind kind,
                     struct cw_bytes input) {
    CW_AUTO_BUF struct cw_buf body = {0}, reply = {0};
    cw_buf_add(&body, input.data, input.length);
    tame(kind, &body);
    cw_rules_job_do(job, kind, whole(&body), &reply);
    enum cw_rules_kind answer;
    uint64_t length;
    assert(reply.length >= CW_RULES_HEAD_BYTES);
    assert(cw_rules_head_decode((const uint8_t *)reply.data, UINT64_MAX, &answer, &length, NULL) ==
           CW_OK);
    assert(length == reply.length - CW_RULES_HEAD_BYTES);
    struct cw_bytes answered = {(const uint8_t *)reply.data + CW_RULES_HEAD_BYTES, length};
    switch (answer) {
    case CW_RULES_READY:
        assert(kind == CW_RULES_LOAD);
        load_model(judge, whole(&body));
        break;
    case CW_RULES_ANSWER:
        assert(kind == CW_RULES_ASK);
        check_answer(judge, whole(&body), answered);
        break;
    case CW_RULES_COMPILED:
        assert(kind == CW_RULES_COMPILE);
        break;
    default:
        assert(answer == CW_RULES_FAILED);
        if (kind == CW_RULES_LOAD) /* it has unloaded what was there */
            forget(judge);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct judge judge = {.arena = arena};
    struct cw_rules_job *job = cw_rules_job_new();
    for (int i = 0; i < FRAMES && size >= CW_RULES_HEAD_BYTES; i++) {
        enum cw_rules_kind kind;
        uint64_t length;
        if (cw_rules_head_decode(data, BODY_BYTES, &kind, &length, NULL) != CW_OK)
            break;
        data += CW_RULES_HEAD_BYTES;
        size -= CW_RULES_HEAD_BYTES;
        length = length < size ? length : size;
        do_frame(job, &judge, kind, (struct cw_bytes){data, length});
        data += length;
        size -= length;
    }
    forget(&judge);
    cw_rules_job_free(job);
    return 0;
}
