/*
 * model_facts [-o ARTEFACT] FILE…: what the compiled rules of product documents say as a whole, a
 * JSON line each: configurations, choices in every one and in none (a flag counts as its `true`),
 * compile time, size. For tests and measurements; `cordwain product check --json` says the same to
 * people. With -o the compiled rules are written too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "catalog/load.h"
#include "configure/lower.h"
#include "configure/rules/compile.h"
#include "configure/rules/diagram.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

struct tally {
    const struct cw_lowered *lowered;
    const uint64_t *possible;
    unsigned forced, dead;
};

/* Without the value, is the variable's whole set of the others empty? Then it is forced; an option
 * that may be inactive has that as a value too. */
static void add_choice(struct tally *tally, uint32_t option, uint32_t choice) {
    struct cw_lowered_value at = cw_lowered_choice(tally->lowered, option, choice);
    const struct cw_model *model = tally->lowered->model;
    const uint64_t *domain = tally->possible + model->word_bases[at.var];
    bool has = cw_set_has(domain, at.value), others = false;
    for (uint32_t x = 0; x < model->value_counts[at.var]; x++)
        others = others || (x != at.value && cw_set_has(domain, x));
    tally->dead += !has;
    tally->forced += has && !others;
}

static void count_choices(struct tally *tally) {
    const struct cw_product *product = tally->lowered->product;
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        if (option->kind == CW_OPTION_FLAG)
            add_choice(tally, o, 1);
        for (uint32_t c = 0; c < option->choice_count; c++)
            add_choice(tally, o, c);
    }
}

static int fail(const char *file, const struct cw_error *err, const struct cw_faults *faults) {
    const struct cw_fault *fault = &faults->items[0];
    fprintf(stderr, "%s: %s [%s]\n", file, faults->count ? fault->message : err->message,
            faults->count ? fault->code : err->code);
    return 1;
}

static const char *artefact_file; /* -o */

static int write_artefact(const struct cw_compile_result *result) {
    struct cw_error err = {0};
    if (!artefact_file || cw_file_write_atomic(artefact_file, result->artefact.data,
                                               result->artefact.length, 0644, &err) == CW_OK)
        return 0;
    return fail(artefact_file, &err, &(struct cw_faults){0});
}

static int print_compiled(const char *file, const struct cw_lowered *lowered,
                          const struct cw_compile_result *result, struct cw_arena *arena) {
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    if (cw_diagram_open(result->artefact.data, result->artefact.length, &diagram, &err) != CW_OK)
        return fail(file, &err, &(struct cw_faults){0});
    uint64_t *all = cw_model_full_mask(lowered->model, arena);
    uint64_t *possible = cw_arena_array(arena, lowered->model->word_count + 1, sizeof *possible);
    struct tally tally = {.lowered = lowered, .possible = possible};
    cw_diagram_domains(diagram, &(struct cw_diagram_scope){all, all}, arena, possible);
    count_choices(&tally);
    printf("{\"outcome\":\"compiled\",\"configurations\":\"%s\",\"forced\":%u,\"dead\":%u,"
           "\"compileMilliseconds\":%llu,\"artefactBytes\":%zu,\"nodes\":%u}\n",
           cw_natural_decimal(cw_diagram_count(diagram, all, arena), arena), tally.forced,
           tally.dead, (unsigned long long)result->compile_ms, result->artefact.length,
           result->node_count);
    cw_diagram_free(diagram);
    return write_artefact(result);
}

static int print_facts(const char *file, uint64_t budget_ms) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    struct cw_lowered *lowered = NULL;
    struct cw_compile_result result = {0};
    char *text = "";
    size_t length = 0;
    struct cw_compile_budget budget = {.wall_ms = budget_ms,
                                       .branches = CW_RULES_RETRY_BRANCHES,
                                       .bytes = CW_RULES_RETRY_BYTES,
                                       .memory_bytes = CW_RULES_MEMORY_BYTES};
    if (cw_file_read(arena, file, CW_PRODUCT_BYTES, &text, &length, &err) != CW_OK)
        return fail(file, &err, &faults);
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    if (cw_product_load(&source, &faults, &snapshot, &err) != CW_OK ||
        cw_lower(cw_snapshot_product(snapshot), arena, &lowered, &err) != CW_OK ||
        cw_model_compile(lowered->model, &budget, arena, &result, &err) != CW_OK)
        return fail(file, &err, &faults);
    if (result.outcome == CW_COMPILED)
        return print_compiled(file, lowered, &result, arena);
    printf("{\"outcome\":\"over_budget\",\"compileMilliseconds\":%llu}\n",
           (unsigned long long)result.compile_ms);
    return 0;
}

int main(int argc, char **argv) {
    const char *budget = getenv("CORDWAIN_BUDGET_MS");
    int worst = 0, first = 1;
    if (argc > 2 && strcmp(argv[1], "-o") == 0) {
        artefact_file = argv[2];
        first = 3;
    }
    for (int i = first; i < argc; i++)
        worst |= print_facts(argv[i], budget ? strtoull(budget, NULL, 10) : CW_RULES_RETRY_MS);
    return worst;
}
