/*
 * judge_cnf MODEL.dimacs [CHECKS] < answers: is what the subject said of an imported DIMACS model
 * true? CaDiCaL reads the model itself, every claim is one question or seen in a witness of
 * another. At most CHECKS claims about states per selection (0: all), drawn evenly. Prints the
 * numbers of selections, comparisons and mismatches; exit code 1 when there is a mismatch.
 *
 * Shares nothing with the engine: neither the import nor the lowering.
 */
#include <ccadical.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICKS 64

struct judge {
    CCaDiCaL *solver;
    int vars;
    long checks; /* per selection; 0: all */
    uint64_t random;
    int picks[PICKS], pick_count; /* literals */
    bool *witnessed;              /* literal l at 2 * |l| + (l < 0): seen with all picks */
    long selections, comparisons, mismatches;
};

static int read_model(struct judge *j, const char *file) {
    FILE *in = fopen(file, "r");
    char line[65536];
    if (!in)
        return 0;
    while (fgets(line, sizeof line, in)) {
        if (line[0] == 'c')
            continue;
        if (line[0] == 'p') {
            sscanf(line, "p cnf %d", &j->vars);
            continue;
        }
        char *at = line, *end;
        for (long literal = strtol(at, &end, 10); end != at; literal = strtol(at, &end, 10)) {
            ccadical_add(j->solver, (int)literal);
            at = end;
        }
    }
    fclose(in);
    j->witnessed = calloc(2 * (size_t)j->vars + 4, 1);
    return j->vars;
}

/* Is there a model with the picks, without pick `without` (-1: all), and with `literal` (0: none)?
 */
static bool ask(struct judge *j, int without, int literal) {
    for (int i = 0; i < j->pick_count; i++) {
        if (i != without)
            ccadical_assume(j->solver, j->picks[i]);
    }
    if (literal)
        ccadical_assume(j->solver, literal);
    bool found = ccadical_solve(j->solver) == 10;
    for (int v = 1; found && without < 0 && v <= j->vars; v++)
        j->witnessed[2 * v + (ccadical_val(j->solver, v) < 0)] = true;
    return found;
}

static void compare(struct judge *j, bool fine, const char *what, int literal) {
    j->comparisons++;
    if (fine)
        return;
    j->mismatches++;
    printf("mismatch: %s %d with", what, literal);
    for (int i = 0; i < j->pick_count; i++)
        printf(" %d", j->picks[i]);
    putchar('\n');
}

/* "P 3=1 7=0": options from 0 are variables from 1. */
static void read_picks(struct judge *j, char *line) {
    j->pick_count = 0;
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
        int option = atoi(word), value = strchr(word, '=') ? strchr(word, '=')[1] - '0' : -1;
        if (value >= 0 && j->pick_count < PICKS)
            j->picks[j->pick_count++] = value ? option + 1 : -(option + 1);
    }
    memset(j->witnessed, 0, 2 * (size_t)j->vars + 4);
    j->selections++;
}

static int pick_of(const struct judge *j, int var) {
    for (int i = 0; i < j->pick_count; i++) {
        if (abs(j->picks[i]) == var)
            return i;
    }
    return -1;
}

/* Is there a model with these literals? */
static bool ask_only(struct judge *j, const int *literals, int count) {
    for (int i = 0; i < count; i++)
        ccadical_assume(j->solver, literals[i]);
    return ccadical_solve(j->solver) == 10;
}

/* "K 3 7": these picks conflict, and none of them can be left out. */
static void judge_conflict(struct judge *j, char *line, bool consistent) {
    int all[PICKS], some[PICKS], count = 0;
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
        int pick = pick_of(j, atoi(word) + 1);
        if (pick >= 0 && count < PICKS)
            all[count++] = j->picks[pick];
        else
            compare(j, false, "conflict names what is not picked:", atoi(word));
    }
    if (consistent) {
        compare(j, count == 0, "conflict where there is none", 0);
        return;
    }
    compare(j, !ask_only(j, all, count), "conflict that is none, of picks:", count);
    for (int left_out = 0; left_out < count; left_out++) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (i != left_out)
                some[kept++] = all[i];
        }
        compare(j, ask_only(j, some, kept), "conflict that is not minimal without", all[left_out]);
    }
}

/* Can `drop` of the picks from `first` on be left out so that the others, in kept, go together? */
static bool some_fit(struct judge *j, int first, int drop, int *kept, int count) {
    if (drop == 0) {
        for (int i = first; i < j->pick_count; i++)
            kept[count + i - first] = j->picks[i];
        return ask_only(j, kept, count + j->pick_count - first);
    }
    if (j->pick_count - first < drop)
        return false;
    if (some_fit(j, first + 1, drop - 1, kept, count))
        return true;
    kept[count] = j->picks[first];
    return some_fit(j, first + 1, drop, kept, count + 1);
}

/* "R 1 3=0 7=0": consistent, so many picks changed; the first one: with fewer it does not go. */
static void judge_repair(struct judge *j, char *line, bool first) {
    int after[PICKS], kept[PICKS], count = 0, same = 0;
    char *word = strtok(line, " \n");
    int changes = word ? atoi(word) : 0;
    while ((word = strtok(NULL, " \n")) && count < PICKS) {
        int var = atoi(word) + 1, pick = pick_of(j, var);
        after[count] = strchr(word, '=')[1] == '1' ? var : -var;
        same += pick >= 0 && j->picks[pick] == after[count];
        count++;
    }
    compare(j, ask_only(j, after, count), "repair that does not work, changes:", changes);
    compare(j, j->pick_count - same == changes, "repair that counts its changes wrongly:", changes);
    if (first && changes > 0)
        compare(j, !some_fit(j, 0, changes - 1, kept, 0),
                "repair with more changes than needed:", changes);
}

static bool drawn(struct judge *j, double part) {
    j->random = j->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(j->random >> 11) / (double)(UINT64_C(1) << 53) < part;
}

static void judge_domains(struct judge *j, const char *digits) {
    double part = j->checks ? (double)j->checks / (2.0 * j->vars) : 1;
    if (strspn(digits, "01") != 2 * (size_t)j->vars) {
        compare(j, false, "length of states", 0);
        return;
    }
    for (int v = 1; v <= j->vars; v++) {
        for (int value = 0; value < 2; value++) {
            bool claimed = digits[2 * (v - 1) + value] == '1';
            int literal = value ? v : -v, pick = pick_of(j, v);
            bool seen = pick < 0 && j->witnessed[2 * v + (literal < 0)];
            if (!seen && pick < 0 && !drawn(j, part))
                continue;
            bool possible = seen || ask(j, pick, literal);
            compare(j, possible == claimed, "state of", literal);
        }
    }
}

/* The engine's states against the diagram's, which were judged before it. */
static void judge_states(struct judge *j, const char *engine, const char *diagram) {
    for (size_t i = 0; engine[i] && engine[i] != '\n'; i++) {
        if (engine[i] != '?')
            compare(j, diagram && engine[i] == diagram[i], "state by cw_configure of",
                    (int)i / 2 + 1);
    }
}

int main(int argc, char **argv) {
    struct judge j = {.random = 1};
    char *line = NULL;
    size_t capacity = 0;
    if (argc < 2)
        return 2;
    j.solver = ccadical_init();
    j.checks = argc > 2 ? atol(argv[2]) : 0;
    if (!read_model(&j, argv[1]))
        return 2;
    bool consistent = false, repaired = false;
    char *states = NULL;
    while (getline(&line, &capacity, stdin) > 0) {
        if (line[0] == 'P') {
            read_picks(&j, line + 1);
            consistent = ask(&j, -1, 0);
            repaired = false;
        } else if (line[0] == 'C') {
            compare(&j, (line[2] == '1') == consistent, "consistent", 0);
        } else if (line[0] == 'D') {
            judge_domains(&j, line + 2);
            free(states);
            states = strdup(line + 2);
        } else if (line[0] == 'E') {
            judge_states(&j, line + 2, states);
        } else if (line[0] == 'K') {
            judge_conflict(&j, line + 1, consistent);
        } else if (line[0] == 'R') {
            judge_repair(&j, line + 1, !repaired);
            repaired = true;
        } else if (line[0] == '.') {
            compare(&j, consistent || repaired, "no repair", 0);
        } else if (line[0] == 'N') {
            compare(&j, (line[2] != '0') == consistent, "count is not 0", 0);
        }
    }
    printf("selections %ld comparisons %ld mismatches %ld\n", j.selections, j.comparisons,
           j.mismatches);
    ccadical_release(j.solver);
    free(j.witnessed);
    free(line);
    free(states);
    return j.mismatches > 0 || j.selections == 0;
}
