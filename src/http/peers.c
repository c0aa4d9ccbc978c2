/*
 * Counts connections per client address in a chained hash table; an entry lives as long as a
 * connection. Does not decide what happens above the limit. Runs in the server.
 */
#include "http/peers.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define BUCKETS   1024
#define KEY_BYTES 8

struct cw_peer {
    struct cw_peer *next;
    uint8_t key[KEY_BYTES];
    size_t open;
};

struct cw_peers {
    uint64_t seed;        /* an attacker must not choose the bucket */
    pthread_mutex_t lock; /* guards the rest, and the peers in it */
    size_t count;
    struct cw_peer *buckets[BUCKETS];
};

struct cw_peers *cw_peers_new(void) {
    struct cw_peers *peers = calloc(1, sizeof *peers);
    if (peers == NULL)
        return NULL;
    cw_random(&peers->seed, sizeof peers->seed);
    (void)pthread_mutex_init(&peers->lock, NULL);
    return peers;
}

void cw_peers_free(struct cw_peers *peers) {
    if (peers == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (peers->buckets[i] != NULL) {
            struct cw_peer *next = peers->buckets[i]->next;
            free(peers->buckets[i]);
            peers->buckets[i] = next;
        }
    (void)pthread_mutex_destroy(&peers->lock);
    free(peers);
}

/* IPv6 clients own at least a /64, so that is what counts; a mapped IPv4 address counts as IPv4. */
static void make_key(const struct sockaddr *address, uint8_t key[KEY_BYTES]) {
    memset(key, 0, KEY_BYTES);
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        memcpy(key + 4, &in.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
            memcpy(key + 4, in.sin6_addr.s6_addr + 12, 4);
        else
            memcpy(key, in.sin6_addr.s6_addr, 8);
    }
}

/* Multiply-xorshift (the finaliser of splitmix64, Steele et al. 2014) of the seeded key. */
static size_t bucket_of(const struct cw_peers *peers, const uint8_t key[KEY_BYTES]) {
    uint64_t x;
    memcpy(&x, key, sizeof x);
    x ^= peers->seed;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((x ^ (x >> 31)) % BUCKETS);
}

static struct cw_peer *enter_locked(struct cw_peers *peers, const uint8_t key[KEY_BYTES],
                                    size_t max) {
    struct cw_peer **bucket = &peers->buckets[bucket_of(peers, key)];
    struct cw_peer *peer = *bucket;
    while (peer != NULL && memcmp(peer->key, key, KEY_BYTES) != 0)
        peer = peer->next;
    if (peer == NULL) {
        peer = calloc(1, sizeof *peer);
        if (peer == NULL)
            return NULL;
        memcpy(peer->key, key, KEY_BYTES);
        peer->next = *bucket;
        *bucket = peer;
        peers->count++;
    }
    if (peer->open >= max)
        return NULL;
    peer->open++;
    return peer;
}

struct cw_peer *cw_peers_enter(struct cw_peers *peers, const struct sockaddr *address, size_t max) {
    uint8_t key[KEY_BYTES];
    make_key(address, key);
    (void)pthread_mutex_lock(&peers->lock);
    struct cw_peer *peer = enter_locked(peers, key, max);
    (void)pthread_mutex_unlock(&peers->lock);
    return peer;
}

static void leave_locked(struct cw_peers *peers, struct cw_peer *peer) {
    if (--peer->open > 0)
        return;
    struct cw_peer **at = &peers->buckets[bucket_of(peers, peer->key)];
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    free(peer);
    peers->count--;
}

void cw_peers_leave(struct cw_peers *peers, struct cw_peer *peer) {
    if (peer == NULL)
        return;
    (void)pthread_mutex_lock(&peers->lock);
    leave_locked(peers, peer);
    (void)pthread_mutex_unlock(&peers->lock);
}

size_t cw_peers_count(struct cw_peers *peers) {
    (void)pthread_mutex_lock(&peers->lock);
    size_t count = peers->count;
    (void)pthread_mutex_unlock(&peers->lock);
    return count;
}
