/*
 * subject FILE SEED COUNT [PICKS]: random partial selections of a product document, and what our
 * engine says to them, for judges that share nothing with it. Lines of a selection:
 *
 *   P 12=1 40=0      picks: option = choice (flag: 0 or 1; number: its value), product order
 *   C 1              is there a configuration with them
 *   D 1101…          a digit per choice of every choice option and flag (false, true), in order:
 *                    possible when this option's pick is taken back
 *   N 1234           how many configurations contain the picks
 *   L 995            the least unit price of one, in minor units; - for none
 *   E 1?01…          the digits of D as cw_configure answers them; ? where it says "selected"
 *   M 995 2000       the price range; - for none
 *   K 12 40          options of a minimal conflict; nothing when there is none
 *   R 1 12=0 40=0    a repair: how many picks change, and the picks after it; up to three lines
 *   .                the end of the selection
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "catalog/load.h"
#include "configure/ask.h"
#include "configure/lower.h"
#include "configure/rules/compile.h"
#include "configure/rules/diagram.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

#include "../support/random_product.h"

#define PICKS 12

struct subject {
    const struct cw_product *product;
    const struct cw_lowered *lowered;
    const struct cw_diagram *diagram;
    struct cw_engine *engine;
    const uint64_t *everything;
    const int64_t *prices;
    struct cw_random random;
    uint32_t *pickable; /* options with choices to pick */
    uint32_t pickable_count;
};

static uint32_t values_of(const struct cw_option *option) {
    return option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
}

static struct cw_lowered_value value_at(const struct subject *s, uint32_t option, uint32_t choice) {
    return s->product->options[option].kind == CW_OPTION_FLAG
               ? (struct cw_lowered_value){s->lowered->options[option].var, choice}
               : cw_lowered_choice(s->lowered, option, choice);
}

static bool is_in(const struct subject *s, const uint64_t *mask, uint32_t option, uint32_t choice) {
    struct cw_lowered_value at = value_at(s, option, choice);
    return cw_set_has(mask + s->lowered->model->word_bases[at.var], at.value);
}

/* ---- selections ------------------------------------------------------------------------------ */

struct picks {
    uint32_t count;
    struct cw_pick picks[PICKS];
};

static bool is_picked(const struct picks *picks, uint32_t option) {
    for (uint32_t i = 0; i < picks->count; i++) {
        if (picks->picks[i].option == option)
            return true;
    }
    return false;
}

static uint64_t *mask_of(const struct subject *s, const struct picks *picks,
                         struct cw_arena *arena) {
    uint32_t words = s->lowered->model->word_count;
    uint64_t *mask = cw_arena_array(arena, words + 1, sizeof *mask);
    for (uint32_t w = 0; w < words; w++)
        mask[w] = s->everything[w];
    for (uint32_t i = 0; i < picks->count; i++)
        cw_lowered_pick(s->lowered, &picks->picks[i], mask);
    return mask;
}

/* One more pick: any value, or one that is possible so far. */
static void add_pick(struct subject *s, struct picks *picks, bool possible) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint32_t option = s->pickable[cw_random_below(&s->random, s->pickable_count)];
    uint32_t count = values_of(&s->product->options[option]), start, c = 0;
    if (is_picked(picks, option))
        return;
    start = cw_random_below(&s->random, count);
    if (possible) {
        uint64_t *mask = mask_of(s, picks, arena);
        uint64_t *left = cw_arena_array(arena, s->lowered->model->word_count + 1, sizeof *left);
        cw_diagram_domains(s->diagram, &(struct cw_diagram_scope){mask, mask}, arena, left);
        while (c < count && !is_in(s, left, option, (start + c) % count))
            c++;
        if (c == count)
            return;
    }
    picks->picks[picks->count++] =
        (struct cw_pick){.option = option, .value = {.choice = (start + c) % count}};
}

static int by_option(const void *left, const void *right) {
    const struct cw_pick *a = left, *b = right;
    return a->option < b->option ? -1 : a->option > b->option;
}

/* A third can be completed, a third has one or two wild picks among them, a third is wild. */
static void make_picks(struct subject *s, struct picks *picks, uint32_t most) {
    uint32_t wanted = cw_random_below(&s->random, most + 1), kind = cw_random_below(&s->random, 3);
    uint32_t wild = kind == 0 ? 0 : kind == 1 ? 1 + cw_random_below(&s->random, 2) : wanted;
    picks->count = 0;
    for (uint32_t i = 0; i < wanted && s->pickable_count > 0; i++)
        add_pick(s, picks, /* possible: */ i + wild < wanted);
    qsort(picks->picks, picks->count, sizeof picks->picks[0], by_option);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void print_domains(struct subject *s, const uint64_t *mask, struct cw_arena *arena) {
    uint64_t *left = cw_arena_array(arena, s->lowered->model->word_count + 1, sizeof *left);
    struct cw_diagram_scope scope = {mask, s->everything};
    cw_diagram_domains(s->diagram, &scope, arena, left);
    fputs("D ", stdout);
    for (uint32_t i = 0; i < s->pickable_count; i++) {
        uint32_t option = s->pickable[i];
        for (uint32_t c = 0; c < values_of(&s->product->options[option]); c++)
            putchar(is_in(s, left, option, c) ? '1' : '0');
    }
    putchar('\n');
}

static void print_states(struct subject *s, const struct cw_answer *answer) {
    fputs("E ", stdout);
    for (uint32_t i = 0; i < s->pickable_count; i++) {
        const struct cw_option_answer *option = &answer->options[s->pickable[i]];
        for (size_t c = 0; c < option->choice_count; c++) {
            enum cw_choice_state state = option->choices[c].state;
            putchar(state == CW_CHOICE_SELECTED                                       ? '?'
                    : state == CW_CHOICE_IMPOSSIBLE || state == CW_CHOICE_UNAVAILABLE ? '0'
                                                                                      : '1');
        }
    }
    putchar('\n');
}

static void must(enum cw_status status, const struct cw_error *err) {
    if (status == CW_OK)
        return;
    fprintf(stderr, "%s [%s]\n", err->message, err->code);
    exit(1);
}

static void print_repairs(struct subject *s, const struct cw_selection *selection,
                          const struct cw_configure_context *context, struct cw_arena *arena) {
    struct cw_repair *repairs = NULL;
    struct cw_error err = {0};
    size_t count = 0;
    struct cw_repair_request request = {.limit = 3};
    enum cw_status status =
        cw_repairs_find(s->engine, selection, context, &request, arena, &repairs, &count, &err);
    if (status != CW_E_CONFLICT)
        must(status, &err);
    for (size_t i = 0; i < count; i++) {
        printf("R %zu", repairs[i].change_count);
        for (size_t p = 0; p < repairs[i].selection.count; p++)
            printf(" %u=%u", repairs[i].selection.picks[p].option,
                   repairs[i].selection.picks[p].value.choice);
        putchar('\n');
    }
}

/* What the engine itself says, beside its diagram. */
static void answer_by_engine(struct subject *s, const struct picks *picks, struct cw_arena *arena) {
    struct cw_selection selection = {picks->count, picks->picks};
    struct cw_configure_context context = {.locale = "en"};
    struct cw_answer answer = {0};
    struct cw_price_range range;
    struct cw_conflict conflict = {0};
    struct cw_error err = {0};
    must(cw_configure(s->engine, &selection, &context, arena, &answer, &err), &err);
    print_states(s, &answer);
    if (cw_price_range(s->engine, &selection, &context, arena, &range, &err) == CW_OK)
        printf("M %" PRId64 " %" PRId64 "\n", range.min_minor, range.max_minor);
    else
        puts("M -");
    fputs("K", stdout);
    if (!answer.consistent) {
        err = (struct cw_error){0};
        must(cw_conflict_find(s->engine, &selection, &context, arena, &conflict, &err), &err);
        for (size_t i = 0; i < conflict.pick_count; i++)
            printf(" %u", conflict.picks[i]);
    }
    putchar('\n');
    if (!answer.consistent)
        print_repairs(s, &selection, &context, arena);
    puts(".");
}

static void answer(struct subject *s, const struct picks *picks) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint64_t *mask = mask_of(s, picks, arena);
    fputs("P", stdout);
    for (uint32_t i = 0; i < picks->count; i++)
        printf(" %u=%u", picks->picks[i].option, picks->picks[i].value.choice);
    printf("\nC %d\n", cw_diagram_feasible(s->diagram, mask, arena));
    print_domains(s, mask, arena);
    printf("N %s\n", cw_natural_decimal(cw_diagram_count(s->diagram, mask, arena), arena));
    int64_t *least = cw_arena_array(arena, s->lowered->model->value_count + 1, sizeof *least);
    int64_t price = cw_diagram_least(s->diagram, &(struct cw_diagram_scope){mask, mask}, s->prices,
                                     arena, least);
    if (price == CW_DIAGRAM_NEVER)
        puts("L -");
    else
        printf("L %" PRId64 "\n", price);
    answer_by_engine(s, picks, arena);
}

/* ---- start ----------------------------------------------------------------------------------- */

static void find_pickable(struct subject *s, struct cw_arena *arena) {
    s->pickable = cw_arena_array(arena, s->product->option_count + 1, sizeof *s->pickable);
    for (uint32_t o = 0; o < s->product->option_count; o++) {
        enum cw_option_kind kind = s->product->options[o].kind;
        if (kind == CW_OPTION_CHOICE || kind == CW_OPTION_FLAG)
            s->pickable[s->pickable_count++] = o;
    }
}

static enum cw_status open_subject(struct subject *s, const char *file, struct cw_arena *arena,
                                   struct cw_snapshot **snapshot, struct cw_error *err) {
    struct cw_faults faults = {.arena = arena};
    struct cw_lowered *lowered = NULL;
    struct cw_diagram *diagram = NULL;
    struct cw_compile_result result = {0};
    struct cw_compile_budget budget = {.wall_ms = CW_RULES_RETRY_MS};
    struct cw_configure_context context = {.locale = "en"};
    char *text = "";
    size_t length = 0;
    enum cw_status status = cw_file_read(arena, file, CW_PRODUCT_BYTES, &text, &length, err);
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    status = status == CW_OK ? cw_product_load(&source, &faults, snapshot, err) : status;
    if (faults.count)
        fprintf(stderr, "%s at %s\n", faults.items[0].message, faults.items[0].pointer);
    s->product = status == CW_OK ? cw_snapshot_product(*snapshot) : NULL;
    status = status == CW_OK ? cw_lower(s->product, arena, &lowered, err) : status;
    status =
        status == CW_OK ? cw_model_compile(lowered->model, &budget, arena, &result, err) : status;
    if (status == CW_OK && result.outcome != CW_COMPILED)
        status = cw_fail(err, CW_E_LIMIT, "oracle.budget", "the rules do not compile in time");
    status = status == CW_OK
                 ? cw_diagram_open(result.artefact.data, result.artefact.length, &diagram, err)
                 : status;
    if (status != CW_OK)
        return status;
    s->lowered = lowered;
    s->diagram = diagram;
    status = cw_engine_open(s->product, result.artefact, &s->engine, err);
    if (status != CW_OK)
        return status;
    s->everything = cw_lowered_available(lowered, &context, arena);
    s->prices = cw_lowered_prices(lowered, arena);
    return CW_OK;
}

int main(int argc, char **argv) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct subject s = {0};
    struct cw_error err = {0};
    if (argc < 4)
        return 2;
    if (open_subject(&s, argv[1], arena, &snapshot, &err) != CW_OK) {
        fprintf(stderr, "%s: %s\n", argv[1], err.message);
        return 1;
    }
    find_pickable(&s, arena);
    s.random.state = strtoull(argv[2], NULL, 10);
    uint32_t most = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : PICKS;
    for (long n = strtol(argv[3], NULL, 10); n > 0; n--) {
        struct picks picks;
        make_picks(&s, &picks, most < PICKS ? most : PICKS);
        answer(&s, &picks);
    }
    cw_engine_free(s.engine);
    cw_diagram_free((struct cw_diagram *)s.diagram);
    return 0;
}
