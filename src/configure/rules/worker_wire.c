/*
 * Responsible for: the bytes between the rules worker and its callers. Does not: send or receive
 * them, or encode models (model_wire.c). Both sides.
 */
#include "configure/rules/worker_wire.h"

#include <string.h>

#include "base/wire.h"

static enum cw_status protocol(struct cw_error *err, const char *what) {
    return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker and we disagree: %s", what);
}

void cw_rules_frame_begin(struct cw_buf *buf, enum cw_rules_kind kind) {
    cw_wire_put_u32(buf, CW_RULES_MAGIC);
    cw_wire_put_u32(buf, CW_RULES_WIRE_VERSION);
    cw_wire_put_u32(buf, kind);
    cw_wire_put_u64(buf, 0);
}

void cw_rules_frame_end(struct cw_buf *buf) {
    uint64_t length = buf->length - CW_RULES_HEAD_BYTES;
    for (size_t i = 0; i < 8; i++)
        buf->data[CW_RULES_HEAD_BYTES - 8 + i] = (char)(length >> (8 * i) & 0xff);
}

enum cw_status cw_rules_head_decode(const uint8_t head[CW_RULES_HEAD_BYTES], uint64_t most,
                                    enum cw_rules_kind *ret_kind, uint64_t *ret_length,
                                    struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, head, CW_RULES_HEAD_BYTES);
    if (cw_wire_get_u32(&reader) != CW_RULES_MAGIC ||
        cw_wire_get_u32(&reader) != CW_RULES_WIRE_VERSION)
        return protocol(err, "no frame of this version");
    uint32_t kind = cw_wire_get_u32(&reader);
    uint64_t length = cw_wire_get_u64(&reader);
    if (length > most)
        return protocol(err, "a frame is too long");
    *ret_kind = (enum cw_rules_kind)kind;
    *ret_length = length;
    return CW_OK;
}

void cw_rules_budget_encode(const struct cw_compile_budget *budget, struct cw_buf *buf) {
    cw_wire_put_u64(buf, budget->wall_ms);
    cw_wire_put_u64(buf, budget->branches);
    cw_wire_put_u64(buf, budget->bytes);
    cw_wire_put_u64(buf, budget->memory_bytes);
}

/* ---- compile results ------------------------------------------------------------------------- */

void cw_rules_result_encode(const struct cw_compile_result *result, struct cw_buf *buf) {
    uint64_t width;
    memcpy(&width, &result->log2_width, sizeof width);
    cw_wire_put_u32(buf, result->outcome);
    cw_wire_put_u64(buf, result->compile_ms);
    cw_wire_put_u32(buf, result->node_count);
    cw_wire_put_u64(buf, result->branch_count);
    cw_wire_put_u32(buf, result->orders_tried);
    cw_wire_put_u64(buf, width);
    cw_wire_put_u32(buf, result->entangled_count);
    for (uint32_t i = 0; i < result->entangled_count; i++)
        cw_wire_put_u32(buf, result->entangled[i]);
    size_t length = result->outcome == CW_COMPILED ? result->artefact.length : 0;
    cw_wire_put_u64(buf, length);
    cw_buf_add(buf, result->artefact.data, length);
}

static enum cw_status get_entangled(struct cw_wire_reader *reader, const struct cw_model *model,
                                    struct cw_arena *arena, struct cw_compile_result *result,
                                    struct cw_error *err) {
    result->entangled_count = cw_wire_get_u32(reader);
    if (result->entangled_count > model->var_count)
        return protocol(err, "more variables than there are");
    uint32_t *entangled =
        cw_arena_array(arena, (size_t)result->entangled_count + 1, sizeof *entangled);
    for (uint32_t i = 0; i < result->entangled_count; i++) {
        entangled[i] = cw_wire_get_u32(reader);
        if (entangled[i] >= model->var_count)
            return protocol(err, "no such variable");
    }
    result->entangled = entangled;
    return CW_OK;
}

enum cw_status cw_rules_result_decode(struct cw_bytes body, const struct cw_model *model,
                                      struct cw_arena *arena, struct cw_compile_result *ret,
                                      struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, body.data, body.length);
    struct cw_compile_result result = {0};
    uint32_t outcome = cw_wire_get_u32(&reader);
    result.outcome = (enum cw_compile_outcome)outcome;
    result.compile_ms = cw_wire_get_u64(&reader);
    result.node_count = cw_wire_get_u32(&reader);
    result.branch_count = cw_wire_get_u64(&reader);
    result.orders_tried = cw_wire_get_u32(&reader);
    uint64_t width = cw_wire_get_u64(&reader);
    memcpy(&result.log2_width, &width, sizeof width);
    enum cw_status status = get_entangled(&reader, model, arena, &result, err);
    if (status)
        return status;
    uint64_t length = cw_wire_get_u64(&reader);
    bool whole = !reader.failed && length == (uint64_t)(reader.end - reader.at);
    if (!whole || outcome > CW_COMPILE_OUT_OF_MEMORY || (outcome == CW_COMPILED) != (length > 0))
        return protocol(err, "a damaged result");
    if (length > 0) {
        uint8_t *copy = cw_arena_alloc(arena, length);
        memcpy(copy, reader.at, length);
        result.artefact = (struct cw_bytes){copy, length};
    }
    *ret = result;
    return CW_OK;
}

/* ---- questions and answers ------------------------------------------------------------------- */

static void put_mask(struct cw_buf *buf, const struct cw_model *model, const uint64_t *mask) {
    for (uint32_t w = 0; w < model->word_count; w++)
        cw_wire_put_u64(buf, mask[w]);
}

/* A mask without values that are not there. */
static uint64_t *get_mask(struct cw_wire_reader *reader, const struct cw_model *model,
                          struct cw_arena *arena) {
    const uint64_t *full = cw_model_full_mask(model, arena);
    uint64_t *mask = cw_arena_array(arena, (size_t)model->word_count + 1, sizeof *mask);
    for (uint32_t w = 0; w < model->word_count; w++) {
        mask[w] = cw_wire_get_u64(reader);
        if (mask[w] & ~full[w])
            reader->failed = true;
    }
    return mask;
}

void cw_rules_question_encode(const struct cw_model *model,
                              const struct cw_rules_question *question, struct cw_buf *buf) {
    cw_wire_put_u32(buf, question->deadline_ms);
    cw_wire_put_u8(buf, question->domains);
    put_mask(buf, model, question->scope.allowed);
    put_mask(buf, model, question->scope.relaxed);
}

enum cw_status cw_rules_question_decode(struct cw_bytes body, const struct cw_model *model,
                                        struct cw_arena *arena, struct cw_rules_question *ret,
                                        struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, body.data, body.length);
    if (body.length != 5 + 16 * (uint64_t)model->word_count) /* before memory is taken for it */
        return protocol(err, "a damaged question");
    struct cw_rules_question question = {.deadline_ms = cw_wire_get_u32(&reader)};
    question.domains = cw_wire_get_u8(&reader) != 0;
    question.scope.allowed = get_mask(&reader, model, arena);
    question.scope.relaxed = get_mask(&reader, model, arena);
    for (uint32_t w = 0; w < model->word_count; w++)
        if (question.scope.allowed[w] & ~question.scope.relaxed[w])
            reader.failed = true;
    if (!cw_wire_done(&reader))
        return protocol(err, "a damaged question");
    *ret = question;
    return CW_OK;
}

void cw_rules_answer_encode(const struct cw_model *model, const struct cw_rules_answer *answer,
                            struct cw_buf *buf) {
    cw_wire_put_u8(buf, (uint8_t)answer->feasible);
    cw_wire_put_u8(buf, answer->possible_exact);
    for (uint32_t v = 0; v < model->var_count && answer->feasible == CW_VERDICT_YES; v++)
        cw_wire_put_u32(buf, answer->values[v]);
    if (answer->possible)
        put_mask(buf, model, answer->possible);
}

/* Impossible answers: a witness outside what is allowed, a possible value nobody asked about, a
 * witness whose values are not possible. */
static bool answer_fits(const struct cw_model *model, const struct cw_rules_question *question,
                        const struct cw_rules_answer *answer) {
    const struct cw_diagram_scope *scope = &question->scope;
    for (uint32_t w = 0; w < model->word_count && answer->possible; w++)
        if (answer->possible[w] & ~scope->relaxed[w])
            return false;
    for (uint32_t v = 0; v < model->var_count && answer->values; v++) {
        uint32_t value = answer->values[v], base = model->word_bases[v];
        if (value >= model->value_counts[v] || !cw_set_has(scope->allowed + base, value) ||
            (answer->possible && !cw_set_has(answer->possible + base, value)))
            return false;
    }
    return true;
}

enum cw_status cw_rules_answer_decode(struct cw_bytes body, const struct cw_model *model,
                                      const struct cw_rules_question *question,
                                      struct cw_arena *arena, struct cw_rules_answer *ret,
                                      struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, body.data, body.length);
    struct cw_rules_answer answer = {0};
    uint8_t feasible = cw_wire_get_u8(&reader), exact = cw_wire_get_u8(&reader);
    answer.feasible = (enum cw_verdict)feasible;
    answer.possible_exact = exact == 1;
    if (feasible == CW_VERDICT_YES) {
        answer.values = cw_arena_array(arena, (size_t)model->var_count + 1, sizeof *answer.values);
        for (uint32_t v = 0; v < model->var_count; v++)
            answer.values[v] = cw_wire_get_u32(&reader);
    }
    if (question->domains)
        answer.possible = get_mask(&reader, model, arena);
    if (!cw_wire_done(&reader) || feasible > CW_VERDICT_UNKNOWN || exact > 1 ||
        !answer_fits(model, question, &answer))
        return protocol(err, "a damaged answer");
    *ret = answer;
    return CW_OK;
}
