/*
 * Responsible for: constraint models as bytes: written, digested, and read back from another
 * process with every number checked. Does not: trust a byte of it. Server and rules worker.
 *
 *   u32 magic, u32 version
 *   u32 variables; u32 value count each
 *   u8 has multiplicities; if so u64 per value, those of a variable below 2^64 together
 *   u32 constraints; each: u8 kind, u32 origin, u32 scope count, u32 variable each, and
 *     clause  its sets as u64 words
 *     table   u8 allowed, u32 rows, the rows as u64 words
 *     linear  i64 min, i64 max, i64 weight per value
 *
 * Equal models have equal bytes, and only bytes that a model writes are read.
 */
#include <string.h>

#include "base/digest.h"
#include "base/wire.h"
#include "configure/rules/model.h"
#include "cordwain/limits.h"

#define MODEL_MAGIC   0x6c646f6du /* "modl" */
#define MODEL_VERSION 1u

/* ---- writing --------------------------------------------------------------------------------- */

static void put_words(struct cw_buf *buf, const uint64_t *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        cw_wire_put_u64(buf, words[i]);
}

static bool any_multiplicity(const struct cw_model *model) {
    for (uint32_t i = 0; i < model->value_count; i++)
        if (model->multiplicities[i] != 1)
            return true;
    return false;
}

static void put_weights(struct cw_buf *buf, const struct cw_model *model,
                        const struct cw_model_constraint *linear) {
    const int64_t *weights = linear->weights;
    cw_wire_put_u64(buf, (uint64_t)linear->min);
    cw_wire_put_u64(buf, (uint64_t)linear->max);
    for (uint32_t i = 0; i < linear->scope_count; i++)
        for (uint32_t x = 0; x < model->value_counts[linear->scope[i]]; x++)
            cw_wire_put_u64(buf, (uint64_t)*weights++);
}

static void put_constraint(struct cw_buf *buf, const struct cw_model *model,
                           const struct cw_model_constraint *constraint) {
    cw_wire_put_u8(buf, (uint8_t)constraint->kind);
    cw_wire_put_u32(buf, constraint->origin);
    cw_wire_put_u32(buf, constraint->scope_count);
    for (uint32_t i = 0; i < constraint->scope_count; i++)
        cw_wire_put_u32(buf, constraint->scope[i]);
    switch (constraint->kind) {
    case CW_MODEL_CLAUSE:
        put_words(buf, constraint->sets, constraint->line_words);
        break;
    case CW_MODEL_TABLE:
        cw_wire_put_u8(buf, constraint->allowed);
        cw_wire_put_u32(buf, constraint->row_count);
        put_words(buf, constraint->sets, (size_t)constraint->row_count * constraint->line_words);
        break;
    case CW_MODEL_LINEAR:
        put_weights(buf, model, constraint);
        break;
    }
}

void cw_model_encode(const struct cw_model *model, struct cw_buf *buf) {
    bool multiplied = any_multiplicity(model);
    cw_wire_put_u32(buf, MODEL_MAGIC);
    cw_wire_put_u32(buf, MODEL_VERSION);
    cw_wire_put_u32(buf, model->var_count);
    for (uint32_t var = 0; var < model->var_count; var++)
        cw_wire_put_u32(buf, model->value_counts[var]);
    cw_wire_put_u8(buf, multiplied);
    if (multiplied)
        put_words(buf, model->multiplicities, model->value_count);
    cw_wire_put_u32(buf, model->constraint_count);
    for (uint32_t i = 0; i < model->constraint_count; i++)
        put_constraint(buf, model, &model->constraints[i]);
}

void cw_model_digest(const struct cw_model *model, uint8_t ret_digest[32]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_model_encode(model, &buf);
    cw_sha256(buf.data, buf.length, ret_digest);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A reader says `false` as soon as a number is out of range; nothing is allocated for a count that
 * the bytes left cannot hold. */
static bool fits(const struct cw_wire_reader *in, uint64_t count, size_t each) {
    return !in->failed && count <= (size_t)(in->end - in->at) / each;
}

static bool get_vars(struct cw_wire_reader *in, struct cw_model *model) {
    uint32_t count = cw_wire_get_u32(in);
    if (!fits(in, count, sizeof(uint32_t)) || count > CW_MODEL_VARS)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t values = cw_wire_get_u32(in);
        if (values < 1 || values > CW_MODEL_VALUES ||
            values > CW_MODEL_ALL_VALUES - model->value_count)
            return false;
        cw_model_add_var(model, values);
    }
    return true;
}

static bool get_multiplicities(struct cw_wire_reader *in, struct cw_model *model) {
    uint8_t multiplied = cw_wire_get_u8(in);
    if (multiplied == 0)
        return !in->failed;
    if (multiplied != 1 || !fits(in, model->value_count, sizeof(uint64_t)))
        return false;
    for (uint32_t var = 0; var < model->var_count; var++) {
        uint64_t sum = 0;
        for (uint32_t x = 0; x < model->value_counts[var]; x++) {
            uint64_t count = cw_wire_get_u64(in);
            if (count < 1 || __builtin_add_overflow(sum, count, &sum))
                return false;
            cw_model_set_multiplicity(model, var, x, count);
        }
    }
    return any_multiplicity(model); /* else the flag had been 0 */
}

struct scope {
    uint32_t *vars;
    uint32_t count;
    uint32_t line_words;
    uint64_t value_count;
};

static bool get_scope(struct cw_wire_reader *in, const struct cw_model *model,
                      struct cw_arena *scratch, struct scope *ret) {
    *ret = (struct scope){.count = cw_wire_get_u32(in)};
    if (!fits(in, ret->count, sizeof(uint32_t)) || ret->count > model->var_count)
        return false;
    ret->vars = cw_arena_array(scratch, ret->count, sizeof *ret->vars);
    for (uint32_t i = 0; i < ret->count; i++) {
        uint32_t var = ret->vars[i] = cw_wire_get_u32(in);
        if (var >= model->var_count || (i > 0 && var <= ret->vars[i - 1]))
            return false;
        ret->line_words += cw_set_words(model->value_counts[var]);
        ret->value_count += model->value_counts[var];
    }
    return true;
}

/* The words of one set, without a bit that is no value. */
static bool get_set(struct cw_wire_reader *in, uint32_t value_count, uint64_t *words) {
    uint32_t count = cw_set_words(value_count), last = value_count % 64;
    for (uint32_t w = 0; w < count; w++)
        words[w] = cw_wire_get_u64(in);
    return last == 0 || words[count - 1] >> last == 0;
}

static uint64_t *get_lines(struct cw_wire_reader *in, const struct cw_model *model,
                           struct cw_arena *scratch, const struct scope *scope, uint32_t rows) {
    if (!fits(in, (uint64_t)rows * scope->line_words, sizeof(uint64_t)))
        return NULL;
    uint64_t *words = cw_arena_array(scratch, (size_t)rows * scope->line_words, sizeof *words);
    uint64_t *at = words;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t i = 0; i < scope->count; i++) {
            uint32_t values = model->value_counts[scope->vars[i]];
            if (!get_set(in, values, at))
                return NULL;
            at += cw_set_words(values);
        }
    return words;
}

static bool get_table(struct cw_wire_reader *in, struct cw_model *model, struct cw_arena *scratch,
                      const struct scope *scope, uint32_t origin) {
    uint8_t allowed = cw_wire_get_u8(in);
    uint32_t rows = cw_wire_get_u32(in);
    /* The second bound: a row of an empty scope has no bytes. */
    if (allowed > 1 || rows > CW_RULES_TABLE_ROWS)
        return false;
    uint64_t *lines = get_lines(in, model, scratch, scope, rows);
    if (!lines)
        return false;
    struct cw_model_table table = {scope->vars, scope->count, lines, rows, allowed == 1};
    cw_model_add_table(model, origin, &table);
    return true;
}

static bool get_linear(struct cw_wire_reader *in, struct cw_model *model, struct cw_arena *scratch,
                       const struct scope *scope, uint32_t origin) {
    int64_t min = (int64_t)cw_wire_get_u64(in), max = (int64_t)cw_wire_get_u64(in);
    if (!fits(in, scope->value_count, sizeof(int64_t)))
        return false;
    int64_t *weights = cw_arena_array(scratch, scope->value_count, sizeof *weights);
    for (uint64_t i = 0; i < scope->value_count; i++)
        weights[i] = (int64_t)cw_wire_get_u64(in);
    struct cw_model_linear linear = {scope->vars, scope->count, weights, min, max};
    cw_model_add_linear(model, origin, &linear);
    return true;
}

static bool get_constraint(struct cw_wire_reader *in, struct cw_model *model,
                           struct cw_arena *scratch) {
    uint8_t kind = cw_wire_get_u8(in);
    uint32_t origin = cw_wire_get_u32(in);
    struct scope scope;
    if (origin >= CW_MODEL_ORIGINS || !get_scope(in, model, scratch, &scope))
        return false;
    switch (kind) {
    case CW_MODEL_CLAUSE: {
        uint64_t *line = get_lines(in, model, scratch, &scope, 1);
        if (!line)
            return false;
        cw_model_add_clause(model, origin, scope.vars, scope.count, line);
        return true;
    }
    case CW_MODEL_TABLE:
        return get_table(in, model, scratch, &scope, origin);
    case CW_MODEL_LINEAR:
        return get_linear(in, model, scratch, &scope, origin);
    default:
        return false;
    }
}

static bool get_model(struct cw_wire_reader *in, struct cw_model *model, struct cw_arena *scratch) {
    if (cw_wire_get_u32(in) != MODEL_MAGIC || cw_wire_get_u32(in) != MODEL_VERSION ||
        !get_vars(in, model) || !get_multiplicities(in, model))
        return false;
    uint32_t count = cw_wire_get_u32(in);
    for (uint32_t i = 0; i < count; i++)
        if (in->failed || !get_constraint(in, model, scratch))
            return false;
    return cw_wire_done(in);
}

enum cw_status cw_model_decode(const void *data, size_t length, struct cw_arena *arena,
                               struct cw_model **ret_model, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        return cw_fail(err, CW_E_NOMEM, "memory", "no memory to read a model");
    struct cw_model *model = cw_model_new(arena);
    struct cw_wire_reader in;
    cw_wire_reader_init(&in, data, length);
    if (!get_model(&in, model, scratch))
        return cw_fail(err, CW_E_INPUT, "rules.model_damaged", "the model is damaged at byte %zu",
                       (size_t)(in.at - (const uint8_t *)data));
    *ret_model = model;
    return CW_OK;
}
