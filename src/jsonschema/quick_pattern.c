/*
 * Responsible for: tables of simple patterns (quick_pattern.h). Does not: know other patterns;
 * those stay with PCRE2. Runs in: every process, at start-up.
 *
 * The positions of Glushkov 1961 ("The abstract theory of automata"): every character or class of
 * the pattern is a bit; a state is the set of positions that read the last byte, so sets are made
 * into states as they are reached (Rabin, Scott 1959).
 */
#include "jsonschema/quick_pattern.h"

#include <string.h>

#define POSITIONS 63 /* bit 0 is the start */
#define NESTING   16
#define WORK      1000 /* characters, classes and groups read, repeated ones again */

struct class {
    uint64_t bits[2]; /* of ASCII */
};

struct part { /* of a pattern */
    bool nullable;
    uint64_t first, last;
};

struct reader {
    const char *at;
    bool failed;
    unsigned depth, work;
    unsigned count; /* positions, the start included */
    struct class classes[POSITIONS + 1];
    uint64_t follow[POSITIONS + 1];
};

static struct part read_choice(struct reader *reader);

static struct part fail(struct reader *reader) {
    reader->failed = true;
    return (struct part){true, 0, 0};
}

/* ---- classes --------------------------------------------------------------------------------- */

static void add_range(struct class *class, unsigned char first, unsigned char last) {
    for (unsigned c = first; c <= last; c++)
        class->bits[c / 64] |= UINT64_C(1) << (c % 64);
}

static void invert(struct class *class) {
    class->bits[0] = ~class->bits[0];
    class->bits[1] = ~class->bits[1];
}

/* \d, \w, \D, \W, or a mark that stands for itself: its code; 0 for the classes. */
static unsigned char read_escape(struct reader *reader, struct class *class) {
    char c = *reader->at;
    reader->at += c != '\0';
    if (c == 'd' || c == 'D' || c == 'w' || c == 'W') {
        struct class named = {{0, 0}};
        add_range(&named, '0', '9');
        if (c == 'w' || c == 'W') {
            add_range(&named, 'a', 'z');
            add_range(&named, 'A', 'Z');
            add_range(&named, '_', '_');
        }
        if (c == 'D' || c == 'W')
            invert(&named);
        class->bits[0] |= named.bits[0];
        class->bits[1] |= named.bits[1];
        return 0;
    }
    if (!c || !strchr("^$\\.*+?()[]{}|/-", c))
        reader->failed = true;
    return (unsigned char)c;
}

/* A member of a class; 0: it was a class itself. */
static unsigned char read_member(struct reader *reader, struct class *class) {
    unsigned char c = (unsigned char)*reader->at;
    if (!c || c >= 128) {
        reader->failed = true;
        return 0;
    }
    reader->at++;
    return c == '\\' ? read_escape(reader, class) : c;
}

static struct class read_class(struct reader *reader) {
    struct class class = {{0, 0}};
    bool negated = *reader->at == '^';
    reader->at += negated;
    while (!reader->failed && *reader->at != ']') {
        unsigned char first = read_member(reader, &class), last = first;
        if (reader->at[0] == '-' && reader->at[1] != ']') {
            reader->at++;
            last = read_member(reader, &class);
            if (!first || !last || last < first)
                reader->failed = true; /* a range of classes: leave it to others */
        }
        if (first && !reader->failed)
            add_range(&class, first, last);
    }
    reader->at += !reader->failed;
    if (negated)
        invert(&class);
    return class;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static struct part position(struct reader *reader, struct class class) {
    if (reader->count > POSITIONS)
        return fail(reader);
    uint64_t bit = UINT64_C(1) << reader->count;
    reader->classes[reader->count++] = class;
    return (struct part){false, bit, bit};
}

static void link_all(struct reader *reader, uint64_t from, uint64_t to) {
    for (; from; from &= from - 1)
        reader->follow[__builtin_ctzll(from)] |= to;
}

static struct part join(struct reader *reader, struct part a, struct part b) {
    link_all(reader, a.last, b.first);
    return (struct part){a.nullable && b.nullable, a.first | (a.nullable ? b.first : 0),
                         b.last | (b.nullable ? a.last : 0)};
}

static struct part read_group(struct reader *reader) {
    if (reader->at[0] == '?' && reader->at[1] == ':')
        reader->at += 2;
    else if (reader->at[0] == '?')
        return fail(reader);
    if (++reader->depth > NESTING)
        return fail(reader);
    struct part part = read_choice(reader);
    reader->depth--;
    if (*reader->at != ')')
        return fail(reader);
    reader->at++;
    return part;
}

static struct part read_atom(struct reader *reader) {
    struct class class = {{0, 0}};
    unsigned char c = (unsigned char)*reader->at++;
    if (++reader->work > WORK)
        return fail(reader);
    if (c == '(')
        return read_group(reader);
    if (c == '[')
        return position(reader, read_class(reader));
    if (c == '.') { /* not the line ends; those beyond ASCII are asked of PCRE2 */
        add_range(&class, '\n', '\n');
        add_range(&class, '\r', '\r');
        invert(&class);
    } else if (c == '\\') {
        unsigned char mark = read_escape(reader, &class);
        if (mark && !reader->failed)
            add_range(&class, mark, mark);
    } else if (c >= 128 || strchr("^$*+?{}]", c)) {
        return fail(reader);
    } else {
        add_range(&class, c, c);
    }
    return position(reader, class);
}

/* {2}, {2,}, {2,3}: false when it is none. `most` UINT32_MAX: without end. */
static bool read_bounds(struct reader *reader, uint32_t *least, uint32_t *most) {
    uint32_t *at = least;
    bool digits = reader->at[1] >= '0' && reader->at[1] <= '9'; /* {,2} is four characters */
    *least = *most = 0;
    for (reader->at++; *reader->at != '}'; reader->at++) {
        if (*reader->at == ',' && at == least)
            at = most;
        else if (*reader->at >= '0' && *reader->at <= '9' && *at < 1000)
            *at = *at * 10 + (uint32_t)(*reader->at - '0');
        else
            return false;
    }
    if (reader->at[-1] == '{' || reader->at[-1] == ',')
        *most = UINT32_MAX;
    else if (at == least)
        *most = *least;
    bool told = digits && *most >= *least;
    reader->at++;
    return told;
}

/* The atom again, read from where it stands. */
static struct part again(struct reader *reader, const char *atom) {
    const char *end = reader->at;
    reader->at = atom;
    struct part part = read_atom(reader);
    reader->at = end;
    return part;
}

static struct part repeat(struct reader *reader, const char *atom, struct part part, uint32_t least,
                          uint32_t most) {
    struct part whole = part, last = part;
    if (most == 0)
        return fail(reader);
    for (uint32_t i = 1; i < (most == UINT32_MAX ? least : most) && !reader->failed; i++) {
        last = again(reader, atom);
        last.nullable |= i >= least;
        whole = join(reader, whole, last);
    }
    if (most == UINT32_MAX)
        link_all(reader, last.last, last.first);
    whole.nullable |= least == 0;
    return whole;
}

static struct part read_repeated(struct reader *reader) {
    const char *atom = reader->at;
    struct part part = read_atom(reader);
    uint32_t least = 1, most = 1;
    if (reader->failed)
        return part;
    switch (*reader->at) {
    case '*':
    case '+':
    case '?':
        least = *reader->at == '+';
        most = *reader->at == '?' ? 1 : UINT32_MAX;
        reader->at++;
        break;
    case '{':
        if (!read_bounds(reader, &least, &most))
            return fail(reader);
        break;
    default:
        return part;
    }
    if (*reader->at && strchr("*+?{", *reader->at))
        return fail(reader); /* lazy */
    return repeat(reader, atom, part, least, most);
}

static struct part read_sequence(struct reader *reader) {
    struct part whole = {true, 0, 0};
    while (!reader->failed && *reader->at && *reader->at != '|' && *reader->at != ')' &&
           *reader->at != '$')
        whole = join(reader, whole, read_repeated(reader));
    return whole;
}

static struct part read_choice(struct reader *reader) {
    struct part whole = read_sequence(reader);
    while (!reader->failed && *reader->at == '|') {
        reader->at++;
        struct part other = read_sequence(reader);
        whole = (struct part){whole.nullable || other.nullable, whole.first | other.first,
                              whole.last | other.last};
    }
    return whole;
}

/* ---- the table ------------------------------------------------------------------------------- */

static uint64_t step(const struct reader *reader, uint64_t set, unsigned byte) {
    uint64_t reached = 0, kept = 0;
    for (; set; set &= set - 1)
        reached |= reader->follow[__builtin_ctzll(set)];
    for (uint64_t rest = reached; rest; rest &= rest - 1) {
        unsigned p = (unsigned)__builtin_ctzll(rest);
        if (reader->classes[p].bits[byte / 64] >> (byte % 64) & 1)
            kept |= UINT64_C(1) << p;
    }
    return kept;
}

/* Its number, a new one for a new set; QUICK_PATTERN_STATES when there are too many. */
static unsigned number_of(struct quick_pattern *pattern, uint64_t *sets, uint64_t set) {
    for (unsigned s = 0; s < pattern->states; s++) {
        if (sets[s] == set)
            return s;
    }
    if (pattern->states == QUICK_PATTERN_STATES)
        return QUICK_PATTERN_STATES;
    sets[pattern->states] = set;
    return pattern->states++;
}

static bool fill(const struct reader *reader, uint64_t ends, struct quick_pattern *pattern) {
    uint64_t sets[QUICK_PATTERN_STATES] = {0, 1};
    pattern->states = 2;
    for (unsigned s = 0; s < pattern->states; s++) {
        pattern->accepts[s] = (sets[s] & ends) != 0;
        for (unsigned byte = 0; byte < 128; byte++) {
            unsigned next = number_of(pattern, sets, step(reader, sets[s], byte));
            if (next == QUICK_PATTERN_STATES)
                return false;
            pattern->next[s][byte] = (uint8_t)next;
        }
    }
    return true;
}

const struct quick_pattern *cw_schema_quick_pattern(struct cw_arena *arena, const char *text) {
    struct reader reader = {.at = text + 1, .count = 1};
    struct quick_pattern pattern = {0};
    if (text[0] != '^')
        return NULL;
    struct part whole = read_sequence(&reader); /* ^a|b$ is anchored on one side only */
    if (reader.failed || strcmp(reader.at, "$") != 0)
        return NULL;
    reader.follow[0] = whole.first;
    if (!fill(&reader, whole.last | whole.nullable, &pattern))
        return NULL;
    struct quick_pattern *kept = cw_arena_alloc(arena, sizeof *kept);
    *kept = pattern;
    return kept;
}
