/*
 * Responsible for: choosing the content coding of an answer, and compressing.
 * Does not: decide which answers may be compressed (reply.c). Server process; pure but for the
 * working memory.
 */
#include "http/coding.h"

#include <brotli/encode.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BROTLI_QUALITY 9 /* 10 and 11 take ten times as long for a twentieth less: starts wait */
#define BROTLI_WINDOW  18

const char *cw_coding_name(enum cw_coding coding) {
    static const char *const names[] = {NULL, "gzip", "br"};
    return names[coding];
}

/* ---- choosing -------------------------------------------------------------------------------- */

#define WEIGHT_NONE (-1) /* not told */

/* OWS ";" OWS "q=" qvalue, or nothing: thousandths, WEIGHT_NONE when malformed. */
static int read_weight(const char *text, size_t length) {
    const char *end = text + length;
    while (text < end && (*text == ' ' || *text == '\t')) {
        text++;
    }
    if (text == end) {
        return 1000;
    }
    if (*text++ != ';') {
        return WEIGHT_NONE;
    }
    while (text < end && (*text == ' ' || *text == '\t')) {
        text++;
    }
    while (end > text && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    size_t left = (size_t)(end - text);
    if (left < 3 || left > 7 || strncasecmp(text, "q=", 2) != 0 || (text[2] | 1) != '1' ||
        (left > 3 && text[3] != '.')) {
        return WEIGHT_NONE;
    }
    int value = text[2] == '1' ? 1000 : 0, digit = 100;
    for (size_t i = 4; i < left; i++, digit /= 10) {
        if (text[i] < '0' || text[i] > '9') {
            return WEIGHT_NONE;
        }
        value += (text[i] - '0') * digit;
    }
    return value <= 1000 ? value : WEIGHT_NONE;
}

static bool is_token(const char *text, size_t length, const char *token) {
    return strlen(token) == length && strncasecmp(text, token, length) == 0;
}

/* Index into the weights; CW_CODINGS is "*", above: not ours. */
static unsigned which(const char *text, size_t length) {
    if (is_token(text, length, "gzip") || is_token(text, length, "x-gzip")) {
        return CW_CODING_GZIP;
    }
    if (is_token(text, length, "br")) {
        return CW_CODING_BR;
    }
    if (is_token(text, length, "identity")) {
        return CW_CODING_IDENTITY;
    }
    return is_token(text, length, "*") ? CW_CODINGS : CW_CODINGS + 1;
}

static void read_weights(const char *accept, int weights[CW_CODINGS + 1]) {
    while (*accept != '\0') {
        accept += strspn(accept, " \t,");
        size_t item = strcspn(accept, ","), name = strcspn(accept, ",; \t");
        unsigned coding = which(accept, name);
        if (coding <= CW_CODINGS) {
            weights[coding] = read_weight(accept + name, item - name);
        }
        accept += item;
    }
}

enum cw_coding cw_coding_accepted(const char *accept, unsigned offered) {
    int weights[CW_CODINGS + 1] = {WEIGHT_NONE, WEIGHT_NONE, WEIGHT_NONE, WEIGHT_NONE};
    if (accept == NULL) {
        return CW_CODING_IDENTITY;
    }
    read_weights(accept, weights);
    int best_weight = weights[CW_CODING_IDENTITY] == WEIGHT_NONE ? 0 : weights[CW_CODING_IDENTITY];
    enum cw_coding best = CW_CODING_IDENTITY;
    for (enum cw_coding i = CW_CODING_GZIP; i < CW_CODINGS; i++) {
        int weight = weights[i] == WEIGHT_NONE ? weights[CW_CODINGS] : weights[i];
        if ((offered >> i & 1) != 0 && weight > 0 && weight >= best_weight) {
            best = i;
            best_weight = weight;
        }
    }
    return best;
}

/* ---- compressing ----------------------------------------------------------------------------- */

struct cw_coder {
    struct isal_zstream stream;
    uint8_t level[ISAL_DEF_LVL1_DEFAULT];
};

struct cw_coder *cw_coder_new(void) {
    return malloc(sizeof(struct cw_coder));
}

void cw_coder_free(struct cw_coder *coder) {
    free(coder);
}

static void release(void *data, size_t length) {
    (void)length;
    free(data);
}

/* What came out of a buffer as large as the text, cut to its length. */
static struct cw_blob *blob_of(void *take_data, size_t length) {
    void *cut = realloc(take_data, length);
    return cw_blob_take(cut != NULL ? cut : take_data, length, release);
}

struct cw_blob *cw_coder_gzip(struct cw_coder *coder, struct cw_bytes text) {
    uint8_t *out = text.length > 0 && text.length <= UINT32_MAX ? malloc(text.length) : NULL;
    if (out == NULL) {
        return NULL;
    }
    struct isal_zstream *stream = &coder->stream;
    isal_deflate_stateless_init(stream);
    stream->next_in = (uint8_t *)(uintptr_t)text.data; /* the library only reads it */
    stream->avail_in = (uint32_t)text.length;
    stream->next_out = out;
    stream->avail_out = (uint32_t)text.length;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->gzip_flag = IGZIP_GZIP;
    stream->level = 1;
    stream->level_buf = coder->level;
    stream->level_buf_size = sizeof coder->level;
    if (isal_deflate_stateless(stream) != COMP_OK || stream->total_out >= text.length) {
        free(out);
        return NULL;
    }
    return blob_of(out, stream->total_out);
}

struct cw_blob *cw_coding_brotli(struct cw_bytes text) {
    size_t length = text.length;
    uint8_t *out = length > 0 ? malloc(length) : NULL;
    if (out == NULL) {
        return NULL;
    }
    if (!BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_WINDOW, BROTLI_MODE_TEXT, text.length,
                               text.data, &length, out) ||
        length >= text.length) {
        free(out);
        return NULL;
    }
    return blob_of(out, length);
}
