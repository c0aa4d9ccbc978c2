/*
 * Responsible for: remembering answers to clicks by everything they depend on.
 * Does not: answer. Server process, any thread.
 */
#include "api/answer_memo.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define SLOTS 4096 /* direct-mapped: a clash costs one answer made again */

struct slot {
    uint8_t key[API_ANSWER_KEY]; /* a whole BLAKE2b: no request can be made to meet another's */
    struct cw_blob *answer;      /* NULL: empty */
};

struct api_answer_memo {
    pthread_mutex_t lock; /* guards the rest */
    size_t bytes, bytes_max;
    size_t hand; /* the next slot to be emptied when bytes run out */
    struct slot slots[SLOTS];
};

/* With its NUL: no two lists share one text. */
static struct cw_bytes of_text(const char *text) {
    return (struct cw_bytes){(const uint8_t *)text, strlen(text) + 1};
}

void api_answer_key(const struct api_answer_asked *asked, uint8_t ret_key[API_ANSWER_KEY]) {
    const int64_t when[] = {asked->day, asked->renderer, asked->stock};
    const struct cw_bytes pieces[] = {
        of_text(asked->product_digest), of_text(asked->art_digest),           of_text(asked->type),
        of_text(asked->languages),      {(const uint8_t *)when, sizeof when}, asked->body};
    cw_blake2_pieces(pieces, sizeof pieces / sizeof *pieces, ret_key);
}

void api_answer_key_turn(uint8_t key[API_ANSWER_KEY]) {
    key[0] ^= 1; /* another slot; to meet by accident is as hard as for any two keys */
}

struct api_answer_memo *api_answer_memo_new(size_t bytes_max) {
    struct api_answer_memo *memo = calloc(1, sizeof *memo);
    if (memo) {
        memo->bytes_max = bytes_max;
        (void)pthread_mutex_init(&memo->lock, NULL);
    }
    return memo;
}

static void empty(struct api_answer_memo *memo, struct slot *slot) {
    if (slot->answer) {
        memo->bytes -= cw_blob_length(slot->answer);
        cw_blob_unref(slot->answer);
        slot->answer = NULL;
    }
}

void api_answer_memo_free(struct api_answer_memo *memo) {
    if (!memo) {
        return;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        empty(memo, &memo->slots[i]);
    }
    (void)pthread_mutex_destroy(&memo->lock);
    free(memo);
}

static size_t index_of(const uint8_t key[API_ANSWER_KEY]) {
    return (size_t)(key[0] | key[1] << 8) % SLOTS;
}

struct cw_blob *api_answer_memo_find(struct api_answer_memo *memo,
                                     const uint8_t key[API_ANSWER_KEY]) {
    const struct slot *slot = &memo->slots[index_of(key)];
    (void)pthread_mutex_lock(&memo->lock);
    bool found = slot->answer && memcmp(slot->key, key, API_ANSWER_KEY) == 0;
    struct cw_blob *answer = found ? cw_blob_ref(slot->answer) : NULL;
    (void)pthread_mutex_unlock(&memo->lock);
    return answer;
}

static void put_locked(struct api_answer_memo *memo, struct slot *slot,
                       const uint8_t key[API_ANSWER_KEY], struct cw_blob *answer) {
    size_t length = cw_blob_length(answer);
    empty(memo, slot);
    while (memo->bytes + length > memo->bytes_max) {
        empty(memo, &memo->slots[memo->hand]);
        memo->hand = (memo->hand + 1) % SLOTS;
    }
    memcpy(slot->key, key, API_ANSWER_KEY);
    slot->answer = cw_blob_ref(answer);
    memo->bytes += length;
}

void api_answer_memo_put(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY],
                         struct cw_blob *answer) {
    if (cw_blob_length(answer) > memo->bytes_max / 16) {
        return;
    }
    (void)pthread_mutex_lock(&memo->lock);
    put_locked(memo, &memo->slots[index_of(key)], key, answer);
    (void)pthread_mutex_unlock(&memo->lock);
}
