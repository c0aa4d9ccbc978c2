/*
 * Responsible for: options that depend on themselves over activeIf and derive.
 * Does not: look at rules, which have no direction. Runs in: server and command line.
 *
 * Tarjan 1972 (depth-first search and linear graph algorithms): options in one strongly connected
 * component depend on each other. With a stack of its own, because a chain may be as long as the
 * document has options.
 */
#include "catalog/load_internal.h"

struct edges {
    size_t count, capacity;
    uint32_t *to; /* in the scratch arena */
};

struct visit {
    uint32_t option;
    size_t next; /* edge to follow */
};

struct tarjan {
    struct loader *loader;
    struct cw_arena *arena;
    struct edges *edges;    /* per option */
    uint32_t *number, *low; /* 0: not met yet */
    bool *open;             /* on the stack */
    uint32_t *stack;
    struct visit *path;
    size_t stack_count, path_count;
    uint32_t met;
};

struct adding {
    struct tarjan *tarjan;
    struct edges *edges;
};

static void add_edge(void *arg, uint32_t option) {
    struct adding *adding = arg;
    struct edges *edges = adding->edges;
    edges->to = cw_arena_grow(adding->tarjan->arena, edges->to, edges->count, &edges->capacity,
                              sizeof *edges->to);
    edges->to[edges->count++] = option;
}

static void collect_edges(struct tarjan *tarjan) {
    for (size_t o = 0; o < tarjan->loader->product->option_count; o++) {
        const struct cw_option *option = &tarjan->loader->options[o];
        struct adding adding = {tarjan, &tarjan->edges[o]};
        if (option->active_if)
            cw_load_each_option(option->active_if, add_edge, &adding);
        for (size_t i = 0; option->derive && i < option->derive->from_count; i++) {
            if (option->derive->from[i] != CW_NONE)
                add_edge(&adding, option->derive->from[i]);
        }
    }
}

static bool names_itself(const struct edges *edges, uint32_t option) {
    for (size_t i = 0; i < edges->count; i++) {
        if (edges->to[i] == option)
            return true;
    }
    return false;
}

static void tell(struct tarjan *tarjan, uint32_t o) {
    struct loader *loader = tarjan->loader;
    const struct cw_option *option = &loader->options[o];
    const char *pointer = cw_load_at_index(loader, "/options", o);
    if (option->derive)
        cw_load_fault(loader, "cycle.derive", cw_load_at(loader, pointer, "derive"),
                      "break the circle of \"derive\" and \"activeIf\"",
                      "the choice of option '%s' depends on itself", option->id);
    else
        cw_load_fault(loader, "cycle.active", cw_load_at(loader, pointer, "activeIf"),
                      "break the circle of activeIf conditions",
                      "whether option '%s' is active depends on itself", option->id);
}

static void enter(struct tarjan *tarjan, uint32_t option) {
    tarjan->number[option] = tarjan->low[option] = ++tarjan->met;
    tarjan->open[option] = true;
    tarjan->stack[tarjan->stack_count++] = option;
    tarjan->path[tarjan->path_count++] = (struct visit){option, 0};
}

/* Every edge of `option` is followed: its component is whole when nothing leads further down. */
static void leave(struct tarjan *tarjan, uint32_t option, bool *ret_circular) {
    tarjan->path_count--;
    if (tarjan->path_count > 0) {
        uint32_t above = tarjan->path[tarjan->path_count - 1].option;
        if (tarjan->low[option] < tarjan->low[above])
            tarjan->low[above] = tarjan->low[option];
    }
    if (tarjan->low[option] != tarjan->number[option])
        return;
    bool circular = tarjan->stack[tarjan->stack_count - 1] != option ||
                    names_itself(&tarjan->edges[option], option);
    uint32_t member;
    do {
        member = tarjan->stack[--tarjan->stack_count];
        tarjan->open[member] = false;
        ret_circular[member] = circular;
    } while (member != option);
}

static void walk(struct tarjan *tarjan, uint32_t start, bool *ret_circular) {
    enter(tarjan, start);
    while (tarjan->path_count > 0) {
        struct visit *visit = &tarjan->path[tarjan->path_count - 1];
        const struct edges *edges = &tarjan->edges[visit->option];
        if (visit->next == edges->count) {
            leave(tarjan, visit->option, ret_circular);
            continue;
        }
        uint32_t to = edges->to[visit->next++];
        if (!tarjan->number[to])
            enter(tarjan, to);
        else if (tarjan->open[to] && tarjan->number[to] < tarjan->low[visit->option])
            tarjan->low[visit->option] = tarjan->number[to];
    }
}

void cw_load_check_cycles(struct loader *loader) {
    size_t count = loader->product->option_count;
    struct tarjan tarjan = {.loader = loader, .arena = loader->faults->arena};
    tarjan.edges = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.edges);
    tarjan.number = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.number);
    tarjan.low = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.low);
    tarjan.open = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.open);
    tarjan.stack = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.stack);
    tarjan.path = cw_arena_array(tarjan.arena, count + 1, sizeof *tarjan.path);
    bool *circular = cw_arena_array(tarjan.arena, count + 1, sizeof *circular);
    collect_edges(&tarjan);
    for (uint32_t o = 0; o < count; o++) {
        if (!tarjan.number[o])
            walk(&tarjan, o, circular);
    }
    for (uint32_t o = 0; o < count; o++) {
        if (circular[o])
            tell(&tarjan, o);
    }
}
