/*
 * Answers to clicks that were given before: shoppers start from the same defaults and presets and
 * pick popular colours first. An answer is a pure function of what its key names, so the bytes are
 * sent again by reference, without reading or deciding anything.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "cordwain/selection.h"

#define API_ANSWER_KEY 32

struct api_answer_memo;

/* What the answer depends on: hashed whole. */
struct api_answer_asked {
    const char *product_digest, *art_digest; /* the version that answers */
    int64_t day;                             /* UTC, for dates and ship-by */
    uint32_t renderer, stock;                /* generations: measured texts, sold-out items */
    const char *type, *languages;            /* Content-Type, Accept-Language; or "" */
    struct cw_bytes body;
};
void api_answer_key(const struct api_answer_asked *asked, uint8_t ret_key[API_ANSWER_KEY]);

/*
 * The key of the question itself: two bodies that ask the same, in another order or with other
 * blanks, have one. Of a selection as it was decoded, in the language that answers; for clicks
 * without overlays and further questions.
 */
struct api_answer_meant {
    const struct api_answer_asked *asked; /* its body, type and languages do not count */
    const char *locale, *market;
    uint32_t quantity;
    const struct cw_selection *selection;
};
void api_answer_key_meant(const struct api_answer_meant *meant, uint8_t ret_key[API_ANSWER_KEY]);

/* The key of the same answer compressed: made from the plain form's, and back again. */
void api_answer_key_turn(uint8_t key[API_ANSWER_KEY]);

/*
 * The name of an answer that a client may ask since: of the question by what it means, in this
 * process only, for each counts its generations anew. Its marks (answer.h) are remembered under a
 * key made from the product's version and the name.
 */
#define API_ANSWER_NAME 32 /* hexadecimal digits */
void api_answer_name(const struct api_answer_memo *memo, const uint8_t meant[API_ANSWER_KEY],
                     char ret_name[API_ANSWER_NAME + 1]);
void api_answer_key_named(const char *product_digest, const char *name,
                          uint8_t ret_key[API_ANSWER_KEY]);

/* `bytes_max`: of all answers together. NULL when memory is out. Shared by the loops: what one has
 * answered no other works out again, and the bound is the process's. Any thread, but for _free. */
struct api_answer_memo *api_answer_memo_new(size_t bytes_max);
void api_answer_memo_free(struct api_answer_memo *memo); /* NULL is fine */

/* A reference for the caller, or NULL. O(1) under a mutex held for one comparison. */
struct cw_blob *api_answer_memo_find(struct api_answer_memo *memo,
                                     const uint8_t key[API_ANSWER_KEY]);

/* The first key asks what the second one does: found under the first, it is looked for under the
 * second. Forgotten as answers are. */
void api_answer_memo_same(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY],
                          const uint8_t meant[API_ANSWER_KEY]);
/* Turns a key that is known to ask what another does into that one; others stay. */
void api_answer_memo_meaning(struct api_answer_memo *memo, uint8_t key[API_ANSWER_KEY]);

/* Takes a reference of its own; older answers may be forgotten. One larger than a sixteenth of
 * bytes_max is not kept. */
void api_answer_memo_put(struct api_answer_memo *memo, const uint8_t key[API_ANSWER_KEY],
                         struct cw_blob *answer);
