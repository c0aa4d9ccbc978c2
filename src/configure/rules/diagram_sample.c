/*
 * Responsible for: configurations drawn uniformly at random.
 * Does not: count (diagram_count.c) or judge how different draws are. Any process, any thread.
 *
 * From the root down every branch is chosen in proportion to its exact count (Sharma, Gupta, Roy,
 * Meel 2018); numbers below a bound are drawn by rejection, so nothing is rounded.
 */
#include <string.h>

#include "base/draw.h"
#include "configure/rules/diagram_big.h"

/* xoshiro256** 1.0 (Blackman, Vigna 2018) */
struct random {
    uint64_t state[4];
};

struct sampling {
    struct cw_count_pass *pass;
    struct random random;
    uint32_t *stack; /* nodes to draw from; disjoint, so never more than variables */
    struct cw_big ticket;
};

static void seed_random(struct random *random, uint64_t seed) {
    for (int i = 0; i < 4; i++)
        random->state[i] = cw_draw_next(&seed);
}

static uint64_t rotated(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

static uint64_t next_random(struct random *random) {
    uint64_t *s = random->state, result = rotated(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return result;
}

/* Ones from the highest one of the limb (not 0) down. */
static uint64_t mask_for(uint64_t limb) {
    return ~UINT64_C(0) >> __builtin_clzll(limb);
}

/* 0 … bound-1 */
static uint64_t random_below(struct random *random, uint64_t bound) {
    uint64_t mask = mask_for(bound), drawn;
    if (bound == 1)
        return 0;
    do
        drawn = next_random(random) & mask;
    while (drawn >= bound);
    return drawn;
}

/* The ticket becomes a number below the bound (> 0). */
static void draw_ticket(struct sampling *sampling, const struct cw_big *bound) {
    struct cw_big *ticket = &sampling->ticket;
    do {
        for (uint32_t i = 0; i < bound->count; i++)
            ticket->limbs[i] = next_random(&sampling->random);
        ticket->limbs[bound->count - 1] &= mask_for(bound->limbs[bound->count - 1]);
        ticket->count = bound->count;
        while (ticket->count > 0 && ticket->limbs[ticket->count - 1] == 0)
            ticket->count--;
    } while (cw_big_compare(ticket, bound) >= 0);
}

static uint32_t draw_arm(struct sampling *sampling, uint32_t node) {
    const struct cw_count_pass *pass = sampling->pass;
    uint32_t arm = pass->diagram->first_arms[node];
    while (pass->arms[arm].count == 0)
        arm++;
    if (cw_big_compare(&pass->arms[arm], &pass->nodes[node]) == 0)
        return arm; /* the only one */
    draw_ticket(sampling, &pass->nodes[node]);
    while (cw_big_compare(&sampling->ticket, &pass->arms[arm]) >= 0)
        cw_big_subtract(&sampling->ticket, &pass->arms[arm++]);
    return arm;
}

static void draw_value(struct sampling *sampling, uint32_t number, uint32_t *values) {
    const struct cw_diagram *diagram = sampling->pass->diagram;
    const struct cw_diagram_atom *atom = &diagram->atoms[number];
    if (number == 0)
        return;
    uint64_t ticket = random_below(&sampling->random, sampling->pass->atoms[number]);
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(diagram, atom, sampling->pass->allowed, w);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = 64 * w + (uint32_t)__builtin_ctzll(bits);
            uint64_t ways = diagram->weights ? diagram->weights[atom->value + value] : 1;
            if (ticket < ways) {
                values[atom->var] = value;
                return;
            }
            ticket -= ways;
        }
    }
}

static void draw(struct sampling *sampling, uint32_t *values) {
    const struct cw_diagram *diagram = sampling->pass->diagram;
    uint32_t height = 0;
    sampling->stack[height++] = cw_diagram_root(diagram);
    while (height > 0) {
        uint32_t node = sampling->stack[--height];
        const struct cw_diagram_arm *arm = &diagram->arms[draw_arm(sampling, node)];
        const struct cw_diagram_slice *slice = &diagram->slices[arm->slice];
        draw_value(sampling, arm->atom, values);
        for (uint32_t i = slice->first; i < slice->first + slice->count; i++)
            draw_value(sampling, diagram->leaf_atoms[i], values);
        for (uint32_t i = 0; i < arm->child_count; i++)
            sampling->stack[height++] = diagram->children[arm->first_child + i];
    }
}

bool cw_diagram_sample(const struct cw_diagram *diagram, const struct cw_diagram_draw *request,
                       struct cw_arena *arena, uint32_t *ret_values) {
    struct cw_count_pass pass = {
        .diagram = diagram, .allowed = request->allowed, .arena = arena, .want_arms = true};
    cw_count_up(&pass);
    if (pass.nodes[cw_diagram_root(diagram)].count == 0)
        return false;
    struct sampling sampling = {
        .pass = &pass,
        .stack = cw_arena_array(arena, (size_t)diagram->var_count + 1, sizeof(uint32_t)),
        .ticket = cw_big_room(arena, pass.room),
    };
    seed_random(&sampling.random, request->seed);
    for (uint32_t i = 0; i < request->count; i++)
        draw(&sampling, ret_values + (size_t)i * diagram->var_count);
    return true;
}
