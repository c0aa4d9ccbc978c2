/*
 * Fuzz: a rules document, compiled, asked at random. Properties: what is called possible completes;
 * a conflict's picks conflict; every repair works; there is a configuration exactly when the answer
 * says so. The questions follow from the bytes, so every input is one case for ever.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/load.h"
#include "configure/ask.h"
#include "fuzz.h"
#include "jsonschema/builtin.h"

#define OPTIONS 24 /* larger documents take long and say no more */
#define ROUNDS  6

struct asking {
    const struct cw_product *product;
    const struct cw_engine *engine;
    struct cw_arena *arena;
    uint64_t random;
};

static void must(bool holds) {
    if (!holds)
        abort();
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t draw(struct asking *asking, uint32_t below) {
    uint64_t z = asking->random += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ z >> 31) % below);
}

static uint32_t choices_of(const struct cw_option *option) {
    if (option->kind == CW_OPTION_FLAG)
        return 2;
    return option->kind == CW_OPTION_CHOICE && !option->derive ? (uint32_t)option->choice_count : 0;
}

static struct cw_selection draw_selection(struct asking *asking) {
    struct cw_pick *picks =
        cw_arena_array(asking->arena, asking->product->option_count + 1, sizeof *picks);
    struct cw_selection selection = {0, picks};
    for (uint32_t o = 0; o < asking->product->option_count; o++) {
        uint32_t count = choices_of(&asking->product->options[o]);
        if (count > 0 && draw(asking, 2) == 0)
            picks[selection.count++] =
                (struct cw_pick){o, {.choice = draw(asking, count), .text = ""}};
    }
    return selection;
}

static bool completes(const struct asking *asking, const struct cw_selection *selection) {
    const struct cw_configure_context context = {0};
    struct cw_selection whole;
    return cw_complete(asking->engine, selection, &context, asking->arena, &whole, NULL) == CW_OK;
}

/* The selection with one option's pick put in or replaced. */
static struct cw_selection with(const struct asking *asking, const struct cw_selection *selection,
                                uint32_t option, uint32_t choice) {
    struct cw_pick *picks = cw_arena_array(asking->arena, selection->count + 1, sizeof *picks);
    struct cw_selection changed = {0, picks};
    bool put = false;
    for (size_t i = 0; i <= selection->count; i++) {
        uint32_t next = i < selection->count ? selection->picks[i].option : CW_NONE;
        if (!put && next >= option) {
            picks[changed.count++] = (struct cw_pick){option, {.choice = choice, .text = ""}};
            put = true;
        }
        if (next != CW_NONE && next != option)
            picks[changed.count++] = selection->picks[i];
    }
    return changed;
}

static void states_hold(const struct asking *asking, const struct cw_selection *selection,
                        const struct cw_answer *answer) {
    for (uint32_t o = 0; o < answer->option_count; o++)
        for (uint32_t c = 0; c < choices_of(&asking->product->options[o]); c++) {
            enum cw_choice_state state = answer->options[o].choices[c].state;
            struct cw_selection picked = with(asking, selection, o, c);
            if (state == CW_CHOICE_SELECTED)
                continue;
            must(completes(asking, &picked) ==
                 (state == CW_CHOICE_POSSIBLE || state == CW_CHOICE_FORCED));
        }
}

static void conflict_holds(const struct asking *asking, const struct cw_selection *selection) {
    const struct cw_configure_context context = {0};
    struct cw_conflict conflict;
    must(cw_conflict_find(asking->engine, selection, &context, asking->arena, &conflict, NULL) ==
         CW_OK);
    struct cw_pick *picks = cw_arena_array(asking->arena, selection->count + 1, sizeof *picks);
    struct cw_selection some = {0, picks};
    for (size_t i = 0, k = 0; i < selection->count; i++)
        if (k < conflict.pick_count && conflict.picks[k] == selection->picks[i].option) {
            picks[some.count++] = selection->picks[i];
            k++;
        }
    must(some.count == conflict.pick_count && !completes(asking, &some));
}

static void repairs_work(const struct asking *asking, const struct cw_selection *selection) {
    const struct cw_configure_context context = {0};
    const struct cw_repair_request request = {.limit = 3};
    struct cw_repair *repairs;
    size_t count;
    if (cw_repairs_find(asking->engine, selection, &context, &request, asking->arena, &repairs,
                        &count, NULL) != CW_OK)
        return; /* nothing is left at all, or too much to look at */
    must(count > 0);
    for (size_t i = 0; i < count; i++)
        must(repairs[i].change_count > 0 && completes(asking, &repairs[i].selection));
}

static void ask(struct asking *asking) {
    const struct cw_configure_context context = {0};
    struct cw_selection selection = draw_selection(asking);
    struct cw_answer answer;
    const char *count;
    enum cw_status status =
        cw_configure(asking->engine, &selection, &context, asking->arena, &answer, NULL);
    must(status == CW_OK);
    status = cw_count(asking->engine, &selection, &context, asking->arena, &count, NULL);
    must(status == CW_OK && (strcmp(count, "0") != 0) == answer.consistent);
    states_hold(asking, &selection, &answer);
    if (!answer.consistent) {
        conflict_holds(asking, &selection);
        repairs_work(asking, &selection);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    const struct cw_product_source source = {(const char *)data, size, NULL,
                                             cw_schema_check_product};
    struct cw_engine *engine;
    if (cw_product_load(&source, &faults, &snapshot, NULL) != CW_OK ||
        cw_snapshot_product(snapshot)->option_count > OPTIONS ||
        cw_engine_new(cw_snapshot_product(snapshot), &engine, NULL) != CW_OK)
        return 0;
    struct asking asking = {cw_snapshot_product(snapshot), engine, arena, size};
    for (size_t i = 0; i < size; i++)
        asking.random = asking.random * 31 + data[i];
    for (int i = 0; i < ROUNDS && cw_engine_about(engine).tier == CW_TIER_COMPILED; i++)
        ask(&asking);
    cw_engine_free(engine);
    return 0;
}
