/*
 * Runs a fuzz target without a fuzzing engine: replays every file given, folders with all they
 * hold, so that the corpus and old crashes are ordinary tests. With --mutate=N each file is also
 * tried with N random changes (fixed seed, so a failure repeats). With --accepted=N at least N of
 * the files must be taken for good by the target. Does not measure coverage: that is libFuzzer's
 * work (-Dfuzz=enabled).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MAX_INPUT_BYTES (1 << 20)

static unsigned long mutations, replayed, accepted, wanted;

/* xorshift64 (Marsaglia 2003) */
static uint64_t random_next(void) {
    static uint64_t x = UINT64_C(0x9e3779b97f4a7c15);
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

/* An exact-size copy, so that a sanitizer sees a read one byte beyond. */
static void run(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/* One to four changes: flip a bit, set a byte, remove a range, repeat a range. */
static size_t mutate(uint8_t *data, size_t size) {
    for (uint64_t n = 1 + random_next() % 4; n > 0 && size > 0; n--) {
        size_t at = random_next() % size, length = 1 + random_next() % 8;
        length = length < size - at ? length : size - at;
        switch (random_next() % 4) {
        case 0:
            data[at] = (uint8_t)(data[at] ^ 1u << random_next() % 8);
            break;
        case 1:
            data[at] = (uint8_t) "\r\n\0 :;,%/0aF\xff"[random_next() % 13];
            break;
        case 2:
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
            break;
        default:
            memmove(data + at + length, data + at, size - at);
            size += length;
        }
    }
    return size;
}

static void replay_bytes(const uint8_t *data, size_t size) {
    unsigned long before = fuzz_accepted;
    run(data, size);
    accepted += fuzz_accepted - before;
    uint8_t *changed = malloc(size + 64);
    if (changed == NULL)
        abort();
    for (unsigned long i = 0; i < mutations; i++) {
        memcpy(changed, data, size);
        run(changed, mutate(changed, size));
    }
    free(changed);
}

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_INPUT_BYTES);
    if (file == NULL || data == NULL) {
        fprintf(stderr, "cannot read '%s'\n", path);
        if (file != NULL)
            (void)fclose(file);
        free(data);
        return 1;
    }
    size_t size = fread(data, 1, MAX_INPUT_BYTES, file);
    (void)fclose(file);
    replay_bytes(data, size);
    free(data);
    replayed++;
    return 0;
}

static int replay(const char *path);

static int replay_folder(const char *path) {
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort), failed = count < 0;
    for (int i = 0; i < count; i++) {
        char name[4096];
        (void)snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            failed |= replay(name);
        free(entries[i]);
    }
    free(entries);
    return failed;
}

static int replay(const char *path) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return replay_folder(path);
    return replay_file(path);
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--mutate=", 9) == 0)
            mutations = strtoul(argv[i] + 9, NULL, 10);
        else if (strncmp(argv[i], "--accepted=", 11) == 0)
            wanted = strtoul(argv[i] + 11, NULL, 10);
        else
            failed |= replay(argv[i]);
    }
    printf("%lu inputs, %lu changes each, %lu accepted of %lu wanted\n", replayed, mutations,
           accepted, wanted);
    return failed != 0 || replayed == 0 || accepted < wanted;
}
