/*
 * Responsible for: running a compiled schema over a value: the walk, its budget, keywords that
 * apply schemas in place. Does not: word the faults (faults.c), look anything up by name or URI.
 * Runs in: every process; any number of threads on one schema.
 */
#include "jsonschema/internal.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "jsonschema/quick.h"

bool cw_schema_run_step(struct run *run, size_t steps) {
    if (run->steps < steps)
        run->exhausted = true;
    else
        run->steps -= steps;
    return !run->exhausted;
}

/* ---- seen ------------------------------------------------------------------------------------ */

void cw_schema_seen_init(struct seen *seen, const json_t *instance) {
    *seen = (struct seen){.bits = seen->small};
    seen->count = json_is_object(instance) ? json_object_size(instance) : json_array_size(instance);
    if (seen->count > 64 * sizeof seen->small / sizeof *seen->small) {
        seen->bits = calloc((seen->count + 63) / 64, sizeof *seen->bits);
        if (!seen->bits)
            abort(); /* as arenas do */
    }
}

void cw_schema_seen_deinit(struct seen *seen) {
    if (seen->bits != seen->small)
        free(seen->bits);
    seen->bits = seen->small;
}

void cw_schema_seen_mark(struct seen *seen, size_t i) {
    if (seen)
        seen->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

bool cw_schema_seen_has(const struct seen *seen, size_t i) {
    return seen->all || (seen->bits[i / 64] >> (i % 64) & 1);
}

void cw_schema_seen_merge(struct seen *to, const struct seen *from) {
    to->all = to->all || from->all;
    for (size_t i = 0; i < (to->count + 63) / 64; i++)
        to->bits[i] |= from->bits[i];
}

/* ---- in place: the same instance, other schemas ---------------------------------------------- */

bool cw_schema_validate_quiet(const struct visit *visit, const struct node *node,
                              struct seen *seen) {
    struct run *run = visit->run;
    struct cw_faults *faults = run->faults;
    bool counting = run->counting;
    run->faults = NULL;
    run->counting = false;
    bool valid =
        cw_schema_validate_node(run, node, visit->instance, visit->path, visit->scope, seen);
    run->faults = faults;
    run->counting = counting;
    return valid && !run->exhausted;
}

/* Quiet, and what the branch has seen counts only when it passes (Core §7.7.1: annotations of
 * failures are dropped). */
static bool try_branch(struct visit *visit, const struct node *node) {
    if (!visit->seen)
        return cw_schema_validate_quiet(visit, node, NULL);
    struct seen seen;
    cw_schema_seen_init(&seen, visit->instance);
    bool valid = cw_schema_validate_quiet(visit, node, &seen);
    if (valid)
        cw_schema_seen_merge(visit->seen, &seen);
    cw_schema_seen_deinit(&seen);
    return valid;
}

static bool apply(struct visit *visit, const struct node *node) {
    return cw_schema_validate_node(visit->run, node, visit->instance, visit->path, visit->scope,
                                   visit->seen);
}

static const struct node *dynamic_target(const struct visit *visit) {
    const struct node *target = visit->node->dynamic_ref;
    if (!visit->node->dynamic_name)
        return target;
    for (const struct scope *scope = visit->scope; scope; scope = scope->parent) {
        const struct named_list *names = &scope->resource->dynamic;
        for (size_t i = 0; i < names->count; i++) {
            if (strcmp(names->items[i].name, visit->node->dynamic_name) == 0)
                target = names->items[i].node; /* the outermost one stays */
        }
    }
    return target;
}

static bool validate_any(struct visit *visit) {
    bool valid = false;
    for (size_t i = 0; i < visit->node->any_of.count; i++) {
        valid = try_branch(visit, visit->node->any_of.items[i]) || valid;
        if (valid && !visit->seen)
            return true;
    }
    return valid || cw_schema_fault_branches(visit, &visit->node->any_of, &visit->node->any_by,
                                             "schema.anyOf");
}

static bool validate_one(struct visit *visit) {
    size_t matches = 0;
    for (size_t i = 0; i < visit->node->one_of.count; i++)
        matches += try_branch(visit, visit->node->one_of.items[i]);
    if (matches == 0)
        return cw_schema_fault_branches(visit, &visit->node->one_of, &visit->node->one_by,
                                        "schema.oneOf");
    if (matches > 1)
        return cw_schema_fault_tell(visit, visit->path, "schema.oneOf", "",
                                    "fits %zu of the allowed forms; it must fit exactly one",
                                    matches);
    return true;
}

static bool validate_negated(struct visit *visit) {
    if (!visit->node->negated || !cw_schema_validate_quiet(visit, visit->node->negated, NULL))
        return true;
    return cw_schema_fault_tell(visit, visit->path, "schema.not", "",
                                "this value is not allowed here");
}

static bool validate_condition(struct visit *visit) {
    if (!visit->node->condition)
        return true;
    const struct node *next =
        try_branch(visit, visit->node->condition) ? visit->node->then : visit->node->otherwise;
    return !next || apply(visit, next);
}

bool cw_schema_validate_in_place(struct visit *visit) {
    const struct node *node = visit->node;
    bool valid = !node->ref || apply(visit, node->ref);
    if (node->dynamic_ref && (valid || !run_stops(visit->run)))
        valid = apply(visit, dynamic_target(visit)) && valid;
    for (size_t i = 0; i < node->all_of.count && (valid || !run_stops(visit->run)); i++)
        valid = apply(visit, node->all_of.items[i]) && valid;
    if (node->any_of.count && (valid || !run_stops(visit->run)))
        valid = validate_any(visit) && valid;
    if (node->one_of.count && (valid || !run_stops(visit->run)))
        valid = validate_one(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = validate_negated(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = validate_condition(visit) && valid;
    return valid;
}

/* ---- one node -------------------------------------------------------------------------------- */

static bool validate_keywords(struct visit *visit) {
    const struct node *node = visit->node;
    if (node->types && !(node->types & cw_schema_value_types(visit->instance)))
        return cw_schema_fault_type(visit); /* what else is wrong would only confuse */
    bool valid = cw_schema_validate_scalar(visit);
    if (json_is_object(visit->instance) && (valid || !run_stops(visit->run)))
        valid = cw_schema_validate_object(visit) && valid;
    if (json_is_array(visit->instance) && (valid || !run_stops(visit->run)))
        valid = cw_schema_validate_array(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = cw_schema_validate_in_place(visit) && valid;
    return valid && cw_schema_validate_unevaluated(
                        visit); /* after a failure everything would be left over */
}

static bool validate_visit(struct visit *visit) {
    const struct node *node = visit->node;
    struct seen *outer = visit->seen;
    if (!node->unevaluated_items && !node->unevaluated_members)
        return validate_keywords(visit);
    struct seen local; /* what cousins have seen does not count here */
    cw_schema_seen_init(&local, visit->instance);
    visit->seen = &local;
    bool valid = validate_keywords(visit);
    if (valid && outer)
        cw_schema_seen_merge(outer, &local);
    cw_schema_seen_deinit(&local);
    return valid;
}

bool cw_schema_validate_node(struct run *run, const struct node *node, const json_t *instance,
                             const struct path *path, const struct scope *scope,
                             struct seen *seen) {
    struct visit visit = {run, node, instance, path, scope, seen};
    if (node->never)
        return cw_schema_fault_tell(&visit, path, "schema.false", "", "nothing is allowed here");
    if (!node->resource)
        return true;
    if (!cw_schema_run_step(run, 1) || run->depth >= CW_SCHEMA_DEPTH) {
        run->exhausted = true;
        return false;
    }
    struct scope entered = {scope, node->resource};
    if (!scope || scope->resource != node->resource)
        visit.scope = &entered;
    run->depth++;
    bool valid = validate_visit(&visit);
    run->depth--;
    return valid && !run->exhausted;
}

/* Leaves the run as it was. */
static enum quick_verdict quick_verdict(const struct run *run, const json_t *instance) {
    struct run quick = {.schema = run->schema, .steps = run->steps, .peeks = run->schema->peeks};
    enum quick_verdict verdict = cw_schema_quick_run(&quick, instance);
    pcre2_match_data_free(quick.match_data);
    return verdict;
}

enum cw_status cw_schema_validate(const struct cw_schema *schema, const json_t *instance,
                                  const struct cw_schema_options *options,
                                  struct cw_faults *faults) {
    size_t steps = options && options->max_steps ? options->max_steps : CW_SCHEMA_STEPS;
    struct run run = {.schema = schema, .faults = faults, .steps = steps};
    bool has_quick = schema->has_quick && !(options && options->by_nodes);
    enum quick_verdict quick = has_quick ? quick_verdict(&run, instance) : QUICK_UNKNOWN;
    if (quick == QUICK_YES)
        return CW_OK;
    if (quick == QUICK_NO && !faults)
        return CW_E_INPUT;
    run.match_data = pcre2_match_data_create(1, NULL);
    if (!run.match_data)
        abort(); /* as arenas do */
    bool valid = cw_schema_validate_node(&run, schema->root, instance, NULL, NULL, NULL);
    pcre2_match_data_free(run.match_data);
    if (run.exhausted) {
        cw_schema_fault_budget(&run, NULL);
        return CW_E_LIMIT;
    }
    return valid ? CW_OK : CW_E_INPUT;
}
