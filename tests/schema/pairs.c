/*
 * Responsible for: verdicts of our validator in bulk, for comparing it with others. Reads JSON
 * lines: {"refs": {URI: schema…}} sets the documents that may be referred to, {"schema": …,
 * "instances": […]} is answered by one line, a character per instance: 1 valid, 0 invalid, ! out
 * of steps; or "refused CODE". With --time SCHEMA INSTANCE: nanoseconds of CPU time of one
 * validation and of one parsing, medians of several rounds, as JSON. Does not: judge (verdicts.py
 * does).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"
#include "jsonschema/schema.h"

#define REFS          512
#define ROUNDS        9
#define ROUND_NS      100000000.0
#define MAX_FILE      (8 << 20)
#define READING_FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL)

static json_t *refs; /* owned; what `resources` borrows */
static struct cw_schema_resource resources[REFS];
static size_t resource_count;

static void keep_refs(json_t *given) {
    const char *uri;
    json_t *schema;
    json_decref(refs);
    refs = json_incref(given);
    resource_count = 0;
    json_object_foreach(refs, uri, schema) {
        if (resource_count < REFS)
            resources[resource_count++] = (struct cw_schema_resource){uri, schema};
    }
}

/* The quick form and the nodes must say the same; the nodes may run out of steps earlier. */
static char verdict(const struct cw_schema *schema, const json_t *instance) {
    struct cw_schema_options slowly = {.by_nodes = true};
    enum cw_status status = cw_schema_validate(schema, instance, NULL, NULL);
    enum cw_status slow = cw_schema_validate(schema, instance, &slowly, NULL);
    if (status != slow && slow != CW_E_LIMIT)
        abort();
    switch (status) {
    case CW_OK:
        return '1';
    case CW_E_INPUT:
        return '0';
    default:
        return '!';
    }
}

static void answer(const json_t *pair) {
    struct cw_schema_source source = {.schema = json_object_get(pair, "schema"),
                                      .resource_count = resource_count,
                                      .resources = resources};
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    struct cw_error err = {0};
    size_t i;
    json_t *instance;
    if (cw_schema_compile(&source, &schema, &err) != CW_OK) {
        printf("refused %s\n", err.code);
        return;
    }
    json_array_foreach(json_object_get(pair, "instances"), i, instance) {
        putchar(verdict(schema, instance));
    }
    putchar('\n');
}

static int answer_all(void) {
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int code = 0;
    while (code == 0 && (length = getline(&line, &size, stdin)) > 0) {
        json_error_t error;
        json_t *pair = json_loadb(line, (size_t)length, READING_FLAGS, &error);
        json_t *given = json_object_get(pair, "refs");
        if (!pair) {
            fprintf(stderr, "pairs: %s\n", error.text);
            code = 2;
        } else if (given) {
            keep_refs(given);
        } else {
            answer(pair);
        }
        json_decref(pair);
    }
    free(line);
    json_decref(refs);
    return code;
}

/* ---- --time ---------------------------------------------------------------------------------- */

struct timed {
    const struct cw_schema *schema;
    const json_t *instance;
    const char *text;
    size_t length;
};

static void validate_once(const struct timed *timed) {
    if (cw_schema_validate(timed->schema, timed->instance, NULL, NULL) != CW_OK)
        abort(); /* what is timed is the whole way through a valid document */
}

static void parse_once(const struct timed *timed) {
    json_t *value;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (cw_json_read(arena, timed->text, timed->length, MAX_FILE, &value, NULL) != CW_OK)
        abort();
}

/* Of this process: what else runs on the machine is not counted. */
static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double batch_ns(void (*once)(const struct timed *), const struct timed *timed, long count) {
    double began = now_ns();
    for (long i = 0; i < count; i++)
        once(timed);
    return now_ns() - began;
}

/* As peers.mjs does it. Batches grow until one is a round: that warms up, and the clock is no part
 * of what is measured. */
static double median_ns(void (*once)(const struct timed *), const struct timed *timed) {
    double each[ROUNDS];
    long count = 1;
    while (batch_ns(once, timed, count) < ROUND_NS)
        count *= 2;
    for (int round = 0; round < ROUNDS; round++)
        each[round] = batch_ns(once, timed, count) / (double)count;
    qsort(each, ROUNDS, sizeof *each, by_value);
    return each[ROUNDS / 2];
}

static int time_files(const char *schema_file, const char *instance_file) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    struct cw_error err = {0};
    char *text[2];
    size_t length[2];
    json_t *value[2];
    const char *files[2] = {schema_file, instance_file};
    for (int i = 0; i < 2; i++) {
        if (cw_file_read(arena, files[i], MAX_FILE, &text[i], &length[i], &err) != CW_OK ||
            cw_json_read(arena, text[i], length[i], MAX_FILE, &value[i], &err) != CW_OK) {
            fprintf(stderr, "pairs: %s: %s\n", files[i], err.message);
            return 2;
        }
    }
    struct cw_schema_source source = {.schema = value[0]};
    if (cw_schema_compile(&source, &schema, &err) != CW_OK) {
        fprintf(stderr, "pairs: %s: %s\n", schema_file, err.message);
        return 2;
    }
    struct timed timed = {schema, value[1], text[1], length[1]};
    printf("{\"validateNs\":%.1f,\"parseNs\":%.1f}\n", median_ns(validate_once, &timed),
           median_ns(parse_once, &timed));
    return 0;
}

int main(int argc, char **argv) {
    json_object_seed(1); /* members in one order in every run */
    if (argc == 4 && strcmp(argv[1], "--time") == 0)
        return time_files(argv[2], argv[3]);
    return answer_all();
}
