/*
 * Responsible for: how long questions to one diagram file take, over random sessions: every click
 * takes a random value that is still possible, and after every click everything is asked again.
 * Does not: compare with anything or judge; bench.py does. Run by hand: diagram_bench FILE
 * [SESSIONS].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/random_product.h" /* cw_random_below */
#include "base/file.h"
#include "configure/rules/diagram.h"

#define MAX_CLICKS 100000

enum question { FEASIBLE, DOMAINS, RELAXED, LEAST, CHEAPEST, COUNT, SAMPLE, QUESTIONS };
static const char *const NAMES[QUESTIONS] = {"feasible", "domains", "relaxed", "least",
                                             "cheapest", "count",   "sample"};

struct bench {
    const struct cw_diagram *diagram;
    const uint32_t *value_counts;
    uint32_t *word_bases;
    uint64_t *full, *allowed, *possible;
    int64_t *costs, *least;
    uint32_t *values;
    struct cw_random random;
    double *times[QUESTIONS]; /* [µs] */
    size_t clicks;
};

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void ask(struct bench *bench, enum question question, struct cw_arena *arena) {
    const struct cw_diagram_scope plain = {bench->allowed, bench->allowed};
    const struct cw_diagram_scope relaxed = {bench->allowed, bench->full};
    const struct cw_diagram_draw draw = {bench->allowed, bench->clicks, 1};
    switch (question) {
    case FEASIBLE:
        (void)cw_diagram_feasible(bench->diagram, bench->allowed, arena);
        break;
    case RELAXED:
        (void)cw_diagram_domains(bench->diagram, &relaxed, arena, bench->possible);
        break;
    case LEAST:
        (void)cw_diagram_least(bench->diagram, &relaxed, bench->costs, arena, bench->least);
        break;
    case CHEAPEST:
        (void)cw_diagram_cheapest(bench->diagram, bench->allowed, bench->costs, arena,
                                  bench->values);
        break;
    case COUNT:
        (void)cw_diagram_count(bench->diagram, bench->allowed, arena);
        break;
    case SAMPLE:
        (void)cw_diagram_sample(bench->diagram, &draw, arena, bench->values);
        break;
    default: /* last: leaves what the next click picks from */
        (void)cw_diagram_domains(bench->diagram, &plain, arena, bench->possible);
    }
}

static void time_all(struct bench *bench) {
    for (int i = QUESTIONS - 1; i >= 0; i--) {
        enum question question = i == 0 ? DOMAINS : i == 1 ? FEASIBLE : (enum question)i;
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        double start = now_us();
        ask(bench, question, arena);
        bench->times[question][bench->clicks] = now_us() - start;
    }
    bench->clicks++;
}

static uint32_t possible_count(const struct bench *bench, uint32_t var) {
    uint32_t count = 0;
    for (uint32_t w = bench->word_bases[var]; w < bench->word_bases[var + 1]; w++)
        count += (uint32_t)__builtin_popcountll(bench->possible[w]);
    return count;
}

/* Fix the variable to a random one of its possible values. */
static void pick(struct bench *bench, uint32_t var) {
    uint32_t left = cw_random_below(&bench->random, possible_count(bench, var)), value = 0;
    uint64_t *mask = bench->allowed + bench->word_bases[var];
    while (!cw_set_has(bench->possible + bench->word_bases[var], value) || left-- > 0)
        value++;
    memset(mask, 0, (bench->word_bases[var + 1] - bench->word_bases[var]) * sizeof *mask);
    cw_set_add(mask, value);
}

static void session(struct bench *bench, uint32_t vars, uint32_t words) {
    uint32_t *open = calloc(vars, sizeof *open), count = 0;
    memcpy(bench->allowed, bench->full, words * sizeof *bench->allowed);
    do {
        if (bench->clicks == MAX_CLICKS)
            break;
        time_all(bench);
        count = 0;
        for (uint32_t var = 0; var < vars; var++)
            if (possible_count(bench, var) > 1)
                open[count++] = var;
        if (count > 0)
            pick(bench, open[cw_random_below(&bench->random, count)]);
    } while (count > 0);
    free(open);
}

static int order_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(struct bench *bench) {
    printf("%zu clicks; us:  avg      p50      p99      max\n", bench->clicks);
    for (int i = 0; i < QUESTIONS; i++) {
        double sum = 0;
        for (size_t k = 0; k < bench->clicks; k++)
            sum += bench->times[i][k];
        qsort(bench->times[i], bench->clicks, sizeof(double), order_times);
        printf("%-12s %8.2f %8.2f %8.2f %8.2f\n", NAMES[i], sum / (double)bench->clicks,
               bench->times[i][bench->clicks / 2], bench->times[i][bench->clicks * 99 / 100],
               bench->times[i][bench->clicks - 1]);
    }
}

/* Masks and costs; laid out by the file's variables. */
static void prepare(struct bench *bench, struct cw_arena *arena) {
    const struct cw_diagram_header *head = cw_diagram_head(bench->diagram);
    uint32_t vars = (uint32_t)head->vars.count, values = cw_diagram_value_count(bench->diagram);
    uint32_t words = cw_diagram_word_count(bench->diagram);
    bench->value_counts = (const void *)((const char *)head + head->vars.offset);
    bench->word_bases = cw_arena_array(arena, (size_t)vars + 1, sizeof(uint32_t));
    bench->full = cw_arena_array(arena, words, sizeof(uint64_t));
    bench->allowed = cw_arena_array(arena, words, sizeof(uint64_t));
    bench->possible = cw_arena_array(arena, words, sizeof(uint64_t));
    bench->costs = cw_arena_array(arena, values, sizeof(int64_t));
    bench->least = cw_arena_array(arena, values, sizeof(int64_t));
    bench->values = cw_arena_array(arena, vars, sizeof(uint32_t));
    for (uint32_t var = 0; var < vars; var++) {
        bench->word_bases[var + 1] =
            bench->word_bases[var] + cw_set_words(bench->value_counts[var]);
        for (uint32_t value = 0; value < bench->value_counts[var]; value++)
            cw_set_add(bench->full + bench->word_bases[var], value);
    }
    for (uint32_t i = 0; i < values; i++)
        bench->costs[i] = (int64_t)cw_random_below(&bench->random, 1000);
    for (int i = 0; i < QUESTIONS; i++)
        bench->times[i] = cw_arena_array(arena, MAX_CLICKS, sizeof(double));
}

int main(int argc, char **argv) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *file = NULL;
    size_t length = 0;
    struct bench bench = {.random = {1}};
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    uint32_t sessions = argc > 2 ? (uint32_t)atoi(argv[2]) : 20;
    if (argc < 2 || cw_file_read(arena, argv[1], 512u << 20, &file, &length, &err) != CW_OK) {
        fprintf(stderr, "diagram_bench FILE [SESSIONS]: %s\n", err.message);
        return 2;
    }
    double start = now_us();
    if (cw_diagram_open(file, length, &diagram, &err) != CW_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const struct cw_diagram_header *head = cw_diagram_head(diagram);
    printf("%zu bytes, %u variables, %u nodes, %u branches, %u leaves; opened in %.0f us\n", length,
           cw_diagram_var_count(diagram), (unsigned)head->nodes.count,
           (unsigned)head->branches.count, (unsigned)head->leaves.count, now_us() - start);
    bench.diagram = diagram;
    prepare(&bench, arena);
    for (uint32_t i = 0; i < sessions; i++)
        session(&bench, cw_diagram_var_count(diagram), cw_diagram_word_count(diagram));
    report(&bench);
    cw_diagram_free(diagram);
    return 0;
}
