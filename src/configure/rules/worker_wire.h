/*
 * What the rules worker and its callers say to each other over one stream socket: frames of a head
 * (magic u32, version u32, kind u32, body length u64) and a body.
 *
 *   to the worker       COMPILE  budget u64 × 4, model         answered by COMPILED or FAILED
 *                       LOAD     model                         answered by READY or FAILED
 *                       ASK      deadline u32, domains u8, allowed, relaxed: u64 per word
 *                                                              answered by ANSWER or FAILED
 *   from the worker     COMPILED outcome u32, compile_ms u64, nodes u32, branches u64, orders u32,
 *                                width u64 (a double's bits), entangled count u32 and u32 each,
 *                                artefact length u64 and bytes
 *                       READY    nothing
 *                       ANSWER   feasible u8, exact u8; YES: a u32 per variable; domains asked for:
 *                                possible, u64 per word
 *                       FAILED   code and message, strings
 */
#pragma once

#include "configure/rules/worker.h"

#define CW_RULES_MAGIC        0x4a525743u /* "CWRJ" */
#define CW_RULES_WIRE_VERSION 1u
#define CW_RULES_HEAD_BYTES   20

enum cw_rules_kind {
    CW_RULES_COMPILE = 1,
    CW_RULES_LOAD,
    CW_RULES_ASK,
    CW_RULES_COMPILED = 101,
    CW_RULES_READY,
    CW_RULES_ANSWER,
    CW_RULES_FAILED
};

/* Begin a frame: the length is put in by the end. */
void cw_rules_frame_begin(struct cw_buf *buf, enum cw_rules_kind kind);
void cw_rules_frame_end(struct cw_buf *buf);

/* Read a head. CW_E_IO "rules.worker": no head of ours, or a longer body than `most`. */
enum cw_status cw_rules_head_decode(const uint8_t head[CW_RULES_HEAD_BYTES], uint64_t most,
                                    enum cw_rules_kind *ret_kind, uint64_t *ret_length,
                                    struct cw_error *err) CW_MUST_USE;

/* Bodies. Decoders fail with CW_E_IO "rules.worker" and trust nothing; results in the arena. */
void cw_rules_budget_encode(const struct cw_compile_budget *budget, struct cw_buf *buf);
void cw_rules_result_encode(const struct cw_compile_result *result, struct cw_buf *buf);
enum cw_status cw_rules_result_decode(struct cw_bytes body, const struct cw_model *model,
                                      struct cw_arena *arena, struct cw_compile_result *ret,
                                      struct cw_error *err) CW_MUST_USE;
void cw_rules_question_encode(const struct cw_model *model,
                              const struct cw_rules_question *question, struct cw_buf *buf);
enum cw_status cw_rules_question_decode(struct cw_bytes body, const struct cw_model *model,
                                        struct cw_arena *arena, struct cw_rules_question *ret,
                                        struct cw_error *err) CW_MUST_USE;
void cw_rules_answer_encode(const struct cw_model *model, const struct cw_rules_answer *answer,
                            struct cw_buf *buf);
/* Also checks that values and masks are within the question. */
enum cw_status cw_rules_answer_decode(struct cw_bytes body, const struct cw_model *model,
                                      const struct cw_rules_question *question,
                                      struct cw_arena *arena, struct cw_rules_answer *ret,
                                      struct cw_error *err) CW_MUST_USE;
