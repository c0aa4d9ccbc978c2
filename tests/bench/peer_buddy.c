/*
 * peer_buddy MODEL.dimacs SECONDS: the same model as a BDD with BuDDy, bottom up, for comparison
 * only. Variables in FORCE order (Aloul, Markov, Sakallah 2003), clauses by their lowest variable.
 * Prints {"outcome","compileMilliseconds","nodes","bytes","configurations","p50","p99"}: valid
 * domains in microseconds over random sessions, one bdd_restrict per value.
 */
#include <bdd.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CLICKS   400
#define ROUNDS   60
#define MAX_NODE 40000000

static int vars, clause_count, *literals, *starts, *level_of, *var_at;
static double began;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int read_model(const char *file) {
    FILE *in = fopen(file, "r");
    static char line[65536];
    int used = 0, clauses = 0;
    while (in && fgets(line, sizeof line, in)) {
        if (line[0] == 'c')
            continue;
        if (line[0] == 'p') {
            sscanf(line, "p cnf %d %d", &vars, &clauses);
            starts = calloc((size_t)clauses + 2, sizeof(int));
            literals = malloc(sizeof(int) * 4000000);
            continue;
        }
        char *at = line, *end;
        for (long l = strtol(at, &end, 10); end != at; l = strtol(at, &end, 10)) {
            at = end;
            if (l)
                literals[used++] = (int)l;
            else
                starts[++clause_count] = used;
        }
    }
    if (in)
        fclose(in);
    return vars;
}

struct placed {
    double place;
    int item;
};

static int by_place(const void *a, const void *b) {
    const struct placed *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place ? 1 : x->item - y->item;
}

/* Each variable goes to the mean of its clauses' centres, again and again. */
static void force_order(void) {
    struct placed *places = calloc((size_t)vars + 1, sizeof *places);
    double *sums = calloc((size_t)vars + 1, sizeof *sums);
    int *counts = calloc((size_t)vars + 1, sizeof *counts);
    level_of = calloc((size_t)vars + 1, sizeof(int));
    var_at = calloc((size_t)vars + 1, sizeof(int));
    for (int v = 1; v <= vars; v++)
        level_of[v] = v - 1;
    for (int round = 0; round < ROUNDS; round++) {
        memset(sums, 0, ((size_t)vars + 1) * sizeof *sums);
        memset(counts, 0, ((size_t)vars + 1) * sizeof *counts);
        for (int c = 0; c < clause_count; c++) {
            double centre = 0;
            for (int i = starts[c]; i < starts[c + 1]; i++)
                centre += level_of[abs(literals[i])];
            centre /= starts[c + 1] - starts[c] ? starts[c + 1] - starts[c] : 1;
            for (int i = starts[c]; i < starts[c + 1]; i++) {
                sums[abs(literals[i])] += centre;
                counts[abs(literals[i])]++;
            }
        }
        for (int v = 1; v <= vars; v++)
            places[v - 1] = (struct placed){counts[v] ? sums[v] / counts[v] : level_of[v], v};
        qsort(places, (size_t)vars, sizeof *places, by_place);
        for (int i = 0; i < vars; i++)
            level_of[places[i].item] = i;
    }
    for (int v = 1; v <= vars; v++)
        var_at[level_of[v]] = v;
    free(places);
    free(sums);
    free(counts);
}

static void give_up(const char *why) {
    printf("{\"outcome\":\"%s\",\"compileMilliseconds\":%.1f}\n", why, now_ms() - began);
    fflush(stdout);
    _exit(0);
}

static void on_error(int code) {
    (void)code;
    give_up("out_of_nodes");
}

static void quiet(int pre, bddGbcStat *stat) {
    (void)pre;
    (void)stat;
}

static BDD clause_bdd(int c) {
    BDD clause = bddfalse;
    for (int i = starts[c]; i < starts[c + 1]; i++) {
        int level = level_of[abs(literals[i])];
        BDD next =
            bdd_addref(bdd_or(clause, literals[i] > 0 ? bdd_ithvar(level) : bdd_nithvar(level)));
        bdd_delref(clause);
        clause = next;
    }
    return clause;
}

static BDD compile(double limit_ms) {
    struct placed *order = calloc((size_t)clause_count + 1, sizeof *order);
    for (int c = 0; c < clause_count; c++) {
        double lowest = vars;
        for (int i = starts[c]; i < starts[c + 1]; i++)
            lowest = fmin(lowest, level_of[abs(literals[i])]);
        order[c] = (struct placed){-lowest, c};
    }
    qsort(order, (size_t)clause_count, sizeof *order, by_place);
    BDD all = bddtrue;
    for (int c = 0; c < clause_count; c++) {
        BDD clause = clause_bdd(order[c].item), next = bdd_addref(bdd_and(all, clause));
        bdd_delref(all);
        bdd_delref(clause);
        all = next;
        if (now_ms() - began > limit_ms)
            give_up("out_of_time");
    }
    free(order);
    return all;
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Which values are possible: a restriction each. */
static int domains(BDD all, char *possible) {
    int open = 0;
    for (int l = 0; l < vars; l++) {
        BDD high = bdd_ithvar(l), low = bdd_nithvar(l);
        possible[2 * l] = bdd_restrict(all, low) != bddfalse;
        possible[2 * l + 1] = bdd_restrict(all, high) != bddfalse;
        open += possible[2 * l] && possible[2 * l + 1];
    }
    return open;
}

static void sessions(BDD all, double limit_ms, double *p50, double *p99) {
    double times[CLICKS], until = now_ms() + limit_ms;
    char *possible = malloc(2 * (size_t)vars + 2);
    int clicks = 0;
    srand(1);
    while (clicks < CLICKS && now_ms() < until) {
        BDD now = bdd_addref(all);
        for (int open = 1; open > 0 && clicks < CLICKS && now_ms() < until;) {
            double start = now_ms();
            open = domains(now, possible);
            times[clicks++] = (now_ms() - start) * 1e3;
            int wanted = open ? rand() % open : 0, l = 0;
            for (; open && l < vars; l++) {
                if (possible[2 * l] && possible[2 * l + 1] && wanted-- == 0)
                    break;
            }
            if (open == 0)
                break;
            BDD next = bdd_addref(bdd_restrict(now, rand() % 2 ? bdd_ithvar(l) : bdd_nithvar(l)));
            /* restriction forgets the variable: put it back as decided */
            bdd_delref(now);
            now = bdd_addref(bdd_and(next, rand() % 2 ? bdd_ithvar(l) : bdd_nithvar(l)));
            bdd_delref(next);
        }
        bdd_delref(now);
    }
    qsort(times, (size_t)clicks, sizeof *times, by_number);
    *p50 = times[clicks / 2];
    *p99 = times[clicks * 99 / 100];
    free(possible);
}

int main(int argc, char **argv) {
    double p50, p99, limit_ms = argc > 2 ? atof(argv[2]) * 1e3 : 30e3;
    if (argc < 2 || !read_model(argv[1]))
        return 2;
    began = now_ms();
    bdd_init(1000000, 100000);
    bdd_setmaxnodenum(MAX_NODE);
    bdd_setcacheratio(8);
    bdd_error_hook(on_error);
    bdd_gbc_hook(quiet);
    bdd_setvarnum(vars);
    force_order();
    BDD all = compile(limit_ms);
    double took = now_ms() - began;
    int nodes = bdd_nodecount(all);
    sessions(all, limit_ms, &p50, &p99);
    printf("{\"outcome\":\"compiled\",\"compileMilliseconds\":%.1f,\"nodes\":%d,\"bytes\":%d,"
           "\"configurations\":%.15g,\"p50\":%.1f,\"p99\":%.1f}\n",
           took, nodes, nodes * 20, bdd_satcount(all), p50, p99);
    return 0;
}
