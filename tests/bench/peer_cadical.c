/*
 * peer_cadical MODEL.dimacs SECONDS: valid domains of the same model by incremental SAT, for
 * comparison only: one question per value that no witness has shown yet, over random sessions.
 * Prints {"loadMilliseconds","p50","p99","clicks"}, microseconds.
 */
#include <ccadical.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLICKS 400

static int vars;
static CCaDiCaL *solver;
static int picks[CLICKS], pick_count;
static bool *possible; /* literal l at 2 * |l| + (l < 0) */

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int read_model(const char *file) {
    FILE *in = fopen(file, "r");
    static char line[65536];
    while (in && fgets(line, sizeof line, in)) {
        if (line[0] == 'c')
            continue;
        if (sscanf(line, "p cnf %d", &vars) == 1)
            continue;
        char *at = line, *end;
        for (long l = strtol(at, &end, 10); end != at; l = strtol(at, &end, 10)) {
            ccadical_add(solver, (int)l);
            at = end;
        }
    }
    if (in)
        fclose(in);
    return vars;
}

static bool ask(int literal) {
    for (int i = 0; i < pick_count; i++)
        ccadical_assume(solver, picks[i]);
    ccadical_assume(solver, literal);
    if (ccadical_solve(solver) != 10)
        return false;
    for (int v = 1; v <= vars; v++)
        possible[2 * v + (ccadical_val(solver, v) < 0)] = true;
    return true;
}

/* Every value; how many variables are still open. */
static int domains(void) {
    int open = 0;
    memset(possible, 0, 2 * (size_t)vars + 4);
    for (int v = 1; v <= vars; v++) {
        bool yes = possible[2 * v] || ask(v), no = possible[2 * v + 1] || ask(-v);
        open += yes && no;
    }
    return open;
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void pick(int wanted) {
    for (int v = 1; v <= vars; v++) {
        if (possible[2 * v] && possible[2 * v + 1] && wanted-- == 0)
            picks[pick_count++] = rand() % 2 ? v : -v;
    }
}

int main(int argc, char **argv) {
    double times[CLICKS], start = now_ms(), limit_ms = argc > 2 ? atof(argv[2]) * 1e3 : 10e3;
    int clicks = 0;
    solver = ccadical_init();
    if (argc < 2 || !read_model(argv[1]))
        return 2;
    possible = calloc(2 * (size_t)vars + 4, 1);
    double load = now_ms() - start, until = now_ms() + limit_ms;
    srand(1);
    while (clicks < CLICKS && now_ms() < until) {
        pick_count = 0;
        for (int open = 1; open > 0 && clicks < CLICKS && now_ms() < until;) {
            double began = now_ms();
            open = domains();
            times[clicks++] = (now_ms() - began) * 1e3;
            if (open)
                pick(rand() % open);
        }
    }
    qsort(times, (size_t)clicks, sizeof *times, by_number);
    printf("{\"loadMilliseconds\":%.2f,\"p50\":%.1f,\"p99\":%.1f,\"clicks\":%d}\n", load,
           times[clicks / 2], times[clicks * 99 / 100], clicks);
    ccadical_release(solver);
    return 0;
}
