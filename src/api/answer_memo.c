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

#define SLOTS  16384 /* direct-mapped: a clash costs one answer made again */
#define BODIES SLOTS /* a clash costs one body read again */

struct slot {
    uint8_t key[API_ANSWER_KEY]; /* a whole BLAKE2b: no request can be made to meet another's */
    struct cw_blob *answer;      /* NULL: empty */
};

/* Two keys of one question: as it was sent and as it was meant. */
struct body {
    uint8_t sent[API_ANSWER_KEY], meant[API_ANSWER_KEY];
};

struct api_answer_memo {
    uint8_t salt[16];     /* of this process's names; constant */
    pthread_mutex_t lock; /* guards the rest */
    size_t bytes, bytes_max;
    size_t hand; /* the next slot to be emptied when bytes run out */
    struct slot slots[SLOTS];
    struct body bodies[BODIES]; /* zero: none */
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

/* A pick's members whatever its kind: those it does not use are the same for all. */
static void put_pick(struct cw_buf *buf, const struct cw_pick *pick) {
    const char *text = pick->value.text ? pick->value.text : "";
    cw_buf_add(buf, &pick->option, sizeof pick->option);
    cw_buf_add(buf, &pick->value.choice, sizeof pick->value.choice);
    cw_buf_add(buf, &pick->value.multi, sizeof pick->value.multi);
    cw_buf_add(buf, &pick->value.number, sizeof pick->value.number);
    cw_buf_add(buf, text, strlen(text) + 1);
}

void api_answer_key_meant(const struct api_answer_meant *meant, uint8_t ret_key[API_ANSWER_KEY]) {
    const struct api_answer_asked *asked = meant->asked;
    const int64_t when[] = {asked->day, asked->renderer, asked->stock, meant->quantity};
    CW_AUTO_BUF struct cw_buf picks = {0};
    for (size_t i = 0; i < meant->selection->count; i++) {
        put_pick(&picks, &meant->selection->picks[i]);
    }
    const struct cw_bytes pieces[] = {of_text("meant"),
                                      of_text(asked->product_digest),
                                      of_text(asked->art_digest),
                                      of_text(meant->locale),
                                      of_text(meant->market),
                                      {(const uint8_t *)when, sizeof when},
                                      {(const uint8_t *)picks.data, picks.length}};
    cw_blake2_pieces(pieces, sizeof pieces / sizeof *pieces, ret_key);
}

void api_answer_key_turn(uint8_t key[API_ANSWER_KEY]) {
    key[0] ^= 1; /* another slot; to meet by accident is as hard as for any two keys */
}

void api_answer_name(const struct api_answer_memo *memo, const uint8_t meant[API_ANSWER_KEY],
                     char ret_name[API_ANSWER_NAME + 1]) {
    const struct cw_bytes pieces[] = {{memo->salt, sizeof memo->salt}, {meant, API_ANSWER_KEY}};
    uint8_t hash[32];
    cw_blake2_pieces(pieces, sizeof pieces / sizeof *pieces, hash);
    cw_hex(hash, API_ANSWER_NAME / 2, ret_name);
}

void api_answer_key_named(const char *product_digest, const char *name,
                          uint8_t ret_key[API_ANSWER_KEY]) {
    const struct cw_bytes pieces[] = {of_text("marks"), of_text(product_digest), of_text(name)};
    cw_blake2_pieces(pieces, sizeof pieces / sizeof *pieces, ret_key);
}

struct api_answer_memo *api_answer_memo_new(size_t bytes_max) {
    struct api_answer_memo *memo = calloc(1, sizeof *memo);
    if (memo) {
        memo->bytes_max = bytes_max;
        cw_random(memo->salt, sizeof memo->salt);
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

static struct body *body_of(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY]) {
    return &memo->bodies[(size_t)(key[2] | key[3] << 8) % BODIES];
}

void api_answer_memo_same(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY],
                          const uint8_t meant[API_ANSWER_KEY]) {
    struct body *body = body_of(memo, key);
    (void)pthread_mutex_lock(&memo->lock);
    memcpy(body->sent, key, API_ANSWER_KEY);
    memcpy(body->meant, meant, API_ANSWER_KEY);
    (void)pthread_mutex_unlock(&memo->lock);
}

void api_answer_memo_meaning(struct api_answer_memo *memo, uint8_t key[API_ANSWER_KEY]) {
    const struct body *body = body_of(memo, key);
    (void)pthread_mutex_lock(&memo->lock);
    if (memcmp(body->sent, key, API_ANSWER_KEY) == 0) {
        memcpy(key, body->meant, API_ANSWER_KEY);
    }
    (void)pthread_mutex_unlock(&memo->lock);
}
