/*
 * Responsible for: counting the requests of each caller in a table of fixed size.
 * Does not: decide who a caller is nor answer. Server process, any thread.
 */
#include "api/rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "cordwain/limits.h"

#define WAYS 4
#define SETS (CW_RATE_CALLERS / WAYS)

struct bucket {
    uint64_t caller; /* 0: free */
    int64_t at_ms;   /* when `milli` was true */
    int64_t milli;   /* thousandths of tokens: a rate per second is one per ms of these */
};

struct cw_rate {
    pthread_mutex_t lock; /* all below `seed` */
    int64_t per_second, burst;
    uint8_t seed[32]; /* nobody outside may choose who shares a place with whom */
    struct bucket buckets[SETS][WAYS];
};

struct cw_rate *cw_rate_new(uint32_t per_second, uint32_t burst) {
    struct cw_rate *rate = calloc(1, sizeof *rate);
    if (!rate) {
        return NULL;
    }
    rate->per_second = per_second;
    rate->burst = burst;
    cw_random(rate->seed, sizeof rate->seed);
    (void)pthread_mutex_init(&rate->lock, NULL);
    return rate;
}

void cw_rate_free(struct cw_rate *rate) {
    if (rate) {
        (void)pthread_mutex_destroy(&rate->lock);
        free(rate);
    }
}

static uint64_t hash(const struct cw_rate *rate, struct cw_bytes caller) {
    const struct cw_bytes pieces[] = {{rate->seed, sizeof rate->seed}, caller};
    uint8_t digest[32];
    uint64_t value;
    cw_sha256_pieces(pieces, 2, digest);
    memcpy(&value, digest, sizeof value);
    return value | 1; /* 0 is a free bucket */
}

/* The caller's bucket, or the one that goes: a free one, else the one untouched longest. */
static struct bucket *find(struct cw_rate *rate, uint64_t caller, int64_t now_ms) {
    struct bucket *set = rate->buckets[(caller >> 1) % SETS], *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].caller == caller) {
            return &set[i];
        }
        if (!set[i].caller || (oldest->caller && set[i].at_ms < oldest->at_ms)) {
            oldest = &set[i];
        }
    }
    *oldest = (struct bucket){caller, now_ms, rate->burst * 1000};
    return oldest;
}

static uint32_t seconds(int64_t milli, int64_t per_second) {
    int64_t s = (milli + per_second * 1000 - 1) / (per_second * 1000);
    return (uint32_t)(s > 0 ? s : 0);
}

void cw_rate_take(struct cw_rate *rate, struct cw_bytes caller, int64_t now_ms,
                  struct cw_rate_answer *ret) {
    uint64_t name = hash(rate, caller);
    int64_t full = rate->burst * 1000;
    (void)pthread_mutex_lock(&rate->lock);
    struct bucket *bucket = find(rate, name, now_ms);
    int64_t passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
    bool refilled = passed >= full / rate->per_second + 1; /* also: no overflow below */
    int64_t milli = refilled ? full : bucket->milli + passed * rate->per_second;
    milli = milli < full ? milli : full;
    bool granted = milli >= 1000;
    milli -= granted ? 1000 : 0;
    bucket->milli = milli;
    bucket->at_ms += passed;
    (void)pthread_mutex_unlock(&rate->lock);
    uint32_t next = seconds(1000 - milli, rate->per_second);
    *ret = (struct cw_rate_answer){.granted = granted,
                                   .remaining = (uint32_t)(milli / 1000),
                                   .next_s = next > 0 ? next : 1,
                                   .full_s = seconds(full - milli, rate->per_second)};
}
