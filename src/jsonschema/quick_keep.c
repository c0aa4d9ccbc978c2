/*
 * Responsible for: who asks for which members of an object that was looked at already (struct
 * quick_frame). Does not: keep or ask (quick.c). Runs in: every process, at start-up.
 */
#include "jsonschema/quick.h"

/* Where home keeps that member; 0 when it has none of that name, or keeps enough. */
static uint8_t kept_at(struct quick_object *home, const struct quick_key *name) {
    struct quick_entry *entry = (struct quick_entry *)quick_find(&home->members, name);
    if (!entry)
        return 0;
    if (entry->kept == 0 && home->kept < QUICK_KEPT)
        entry->kept = (uint8_t)++home->kept;
    return entry->kept;
}

static void ask_object(struct quick_object *home, struct quick_object *inner) {
    size_t asked = 0;
    if (inner->home)
        return;
    inner->home = home;
    for (struct quick_entry *entry = (struct quick_entry *)inner->first; entry;
         entry = (struct quick_entry *)entry->next) {
        entry->asked = kept_at(home, &entry->key);
        asked += entry->asked != 0;
    }
    inner->asking = asked == inner->members.count;
}

/* What has an object and a place of its own keeps for its place itself. References are left out:
 * others may come through them. */
static void ask(struct quick_object *home, const struct quick *quick) {
    if (quick && quick->object)
        ask_object(home, (struct quick_object *)quick->object);
    else if (quick && quick->place)
        cw_schema_quick_keep(home, quick->place);
}

static void ask_branches(struct quick_object *home, struct quick_branches *branches) {
    if (branches->member.text && !branches->home) {
        branches->home = home;
        branches->asked = kept_at(home, &branches->member);
    }
    for (size_t i = 0; i < branches->count; i++)
        ask(home, branches->items[i]);
}

/* All of it is memory of the schema that is being compiled, which nobody else has yet. */
void cw_schema_quick_keep(struct quick_object *home, const struct quick_place *place) {
    struct quick_place *own = (struct quick_place *)place;
    ask_branches(home, &own->all);
    ask_branches(home, &own->any);
    ask_branches(home, &own->one);
    ask(home, own->negated);
    ask(home, own->condition);
    ask(home, own->then);
    ask(home, own->otherwise);
}
