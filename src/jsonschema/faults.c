/*
 * Responsible for: saying what is wrong so that the author can mend it: pointers, sentences, hints,
 * and which branch of an anyOf or oneOf was meant. Does not: decide validity. Runs in: every
 * process.
 *
 * Codes: schema.type .enum .const .required .additional .pattern .minimum .maximum .multipleOf
 * .minLength .maxLength .minItems .maxItems .uniqueItems .contains .minProperties .maxProperties
 *   .format .dependentRequired .anyOf .oneOf .not .false .budget
 */
#include "jsonschema/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/nearest.h"

#define LISTED 12 /* allowed values or names shown in a hint */

/* ---- pointer and bookkeeping ----------------------------------------------------------------- */

static void put_pointer(struct cw_buf *buf, const struct path *path) {
    if (!path)
        return;
    put_pointer(buf, path->parent);
    cw_buf_putc(buf, '/');
    if (!path->name) {
        cw_buf_printf(buf, "%zu", path->index);
        return;
    }
    for (const char *at = path->name; *at; at++) {
        if (*at == '~' || *at == '/')
            cw_buf_puts(buf, *at == '~' ? "~0" : "~1");
        else
            cw_buf_putc(buf, *at);
    }
}

/* Two keywords (a base schema and a branch) often say the same: once is enough. */
static bool already_told(const struct cw_faults *faults, const char *code, const char *pointer,
                         const char *message) {
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        if (strcmp(fault->code, code) == 0 && strcmp(fault->pointer, pointer) == 0 &&
            strcmp(fault->message, message) == 0)
            return true;
    }
    return false;
}

/* The keyword's name is the code's, but for a few. */
static const char *keyword_of(const struct visit *visit, const char *code) {
    if (visit->run->keyword)
        return visit->run->keyword;
    if (strcmp(code, "schema.additional") == 0)
        return visit->node->additional && visit->node->additional->never ? "additionalProperties"
                                                                         : "unevaluatedProperties";
    return visit->node->never ? "" : code + strlen("schema.");
}

static void tell_schema(const struct visit *visit, struct cw_fault *fault) {
    const struct node *node = visit->node;
    fault->keyword = keyword_of(visit, fault->code);
    fault->schema_pointer = cw_arena_printf(visit->run->faults->arena, "%s%s%s%s%s", node->document,
                                            *node->document ? "#" : "", node->pointer,
                                            *fault->keyword ? "/" : "", fault->keyword);
}

/* visit NULL: no schema is at fault. */
static void tell(struct run *run, const struct visit *visit, const struct path *path,
                 const struct cw_fault *fault) {
    CW_AUTO_BUF struct cw_buf pointer = {0};
    put_pointer(&pointer, path);
    const char *text = pointer.data ? pointer.data : "";
    if (already_told(run->faults, fault->code, text, fault->message))
        return;
    size_t before = run->faults->count;
    cw_fault_add_hint(run->faults, fault->code, text, fault->hint, fault->message);
    if (visit && run->faults->count > before)
        tell_schema(visit, &run->faults->items[before]);
}

bool cw_schema_fault_tell(const struct visit *visit, const struct path *path, const char *code,
                          const char *hint, const char *format, ...) {
    struct run *run = visit->run;
    run->count++;
    if (!run->faults || run->exhausted) {
        run->keyword = NULL;
        return false;
    }
    char message[240];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    tell(run, visit, path, &(struct cw_fault){.code = code, .message = message, .hint = hint});
    run->keyword = NULL;
    return false;
}

void cw_schema_fault_budget(struct run *run, const struct path *path) {
    if (run->faults)
        tell(run, NULL, path,
             &(struct cw_fault){.code = "schema.budget",
                                .hint = "make it smaller or less deeply nested",
                                .message = "the document needs too much work to check"});
}

/* ---- type ------------------------------------------------------------------------------------ */

static void put_types(struct cw_buf *buf, unsigned types) {
    static const struct {
        unsigned bit;
        const char *name;
    } table[] = {{TYPE_OBJECT, "an object"}, {TYPE_ARRAY, "an array"},
                 {TYPE_STRING, "a string"},  {TYPE_INTEGER, "an integer"},
                 {TYPE_NUMBER, "a number"},  {TYPE_BOOLEAN, "true or false"},
                 {TYPE_NULL, "null"}};
    if (types & TYPE_NUMBER)
        types &= ~(unsigned)TYPE_INTEGER; /* said once */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (types & table[i].bit)
            cw_buf_printf(buf, "%s%s", buf->length ? " or " : "", table[i].name);
    }
}

static bool fault_types(const struct visit *visit, unsigned wanted) {
    CW_AUTO_BUF struct cw_buf want = {0};
    CW_AUTO_BUF struct cw_buf have = {0};
    if (!visit->run->faults)
        return cw_schema_fault_tell(visit, visit->path, "schema.type", "", "type");
    put_types(&want, wanted);
    unsigned is = cw_schema_value_types(visit->instance);
    put_types(&have, is & TYPE_INTEGER ? is & ~(unsigned)TYPE_NUMBER : is);
    return cw_schema_fault_tell(visit, visit->path, "schema.type", "", "must be %s, is %s",
                                want.data, have.data);
}

bool cw_schema_fault_type(const struct visit *visit) {
    return fault_types(visit, visit->node->types);
}

/* ---- values and names ------------------------------------------------------------------------ */

/* "did you mean 'x'? " and the list, as far as it is short enough to help. */
static void put_choices(struct cw_buf *hint, const char *text, const char *const *names,
                        size_t count, const char *label) {
    const char *near = text ? cw_nearest(text, names, count) : NULL;
    if (near)
        cw_buf_printf(hint, "did you mean '%s'?", near);
    if (count == 0 || (near && count > LISTED))
        return;
    cw_buf_printf(hint, "%s%s: ", near ? " " : "", label);
    for (size_t i = 0; i < count && i < LISTED; i++)
        cw_buf_printf(hint, "%s%s", i ? ", " : "", names[i]);
    if (count > LISTED)
        cw_buf_printf(hint, " and %zu more", count - LISTED);
}

static const char *shown(struct cw_arena *arena, const json_t *value) {
    return json_is_string(value) ? json_string_value(value) : cw_json_canonical_dup(arena, value);
}

bool cw_schema_fault_values(const struct visit *visit) {
    const struct node *node = visit->node;
    if (!visit->run->faults)
        return cw_schema_fault_tell(visit, visit->path, "schema.enum", "", "value");
    struct cw_arena *arena = visit->run->faults->arena;
    const char *given = shown(arena, visit->instance);
    if (!node->values)
        return cw_schema_fault_tell(visit, visit->path, "schema.const", "",
                                    "must be '%.80s', is '%.60s'", shown(arena, node->constant),
                                    given);
    size_t count = json_array_size(node->values);
    const char **names = cw_arena_array(arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = shown(arena, json_array_get(node->values, i));
    CW_AUTO_BUF struct cw_buf hint = {0};
    put_choices(&hint, json_string_value(visit->instance), names, count, "allowed");
    return cw_schema_fault_tell(visit, visit->path, "schema.enum", hint.data ? hint.data : "",
                                "'%.60s' is not one of the allowed values", given);
}

bool cw_schema_fault_unknown_member(const struct visit *visit, const struct path *path,
                                    const char *name) {
    if (!visit->run->faults)
        return cw_schema_fault_tell(visit, path, "schema.additional", "", "member");
    const struct named_list *known = &visit->node->properties;
    const char **names = cw_arena_array(visit->run->faults->arena, known->count + 1, sizeof *names);
    for (size_t i = 0; i < known->count; i++)
        names[i] = known->items[i].name;
    CW_AUTO_BUF struct cw_buf hint = {0};
    put_choices(&hint, name, names, known->count, "known");
    return cw_schema_fault_tell(visit, path, "schema.additional", hint.data ? hint.data : "",
                                "unknown member '%.60s'", name);
}

/* ---- branches -------------------------------------------------------------------------------- */

static unsigned types_of(const struct node *node) {
    unsigned types = 0;
    for (size_t hops = 0; node && !types && hops < 8; hops++, node = node->ref) {
        types = node->types;
        const json_t *value = node->constant ? node->constant : json_array_get(node->values, 0);
        if (!types && value)
            types = cw_schema_value_types(value);
        if (node->never)
            return 0;
    }
    return types ? types : ~0u;
}

static bool run_branch(const struct visit *visit, const struct node *branch) {
    return cw_schema_validate_node(visit->run, branch, visit->instance, visit->path, visit->scope,
                                   NULL);
}

static size_t count_faults(const struct visit *visit, const struct node *branch) {
    struct run *run = visit->run;
    struct cw_faults *faults = run->faults;
    size_t before = run->count;
    run->faults = NULL;
    run->counting = true;
    (void)!run_branch(visit, branch);
    size_t found = run->count - before;
    run->faults = faults;
    run->counting = false;
    run->count = before;
    return found;
}

static bool fault_unpinned(const struct visit *visit, const struct discriminator *by,
                           const char *given, size_t count) {
    CW_AUTO_BUF struct cw_buf hint = {0};
    put_choices(&hint, given, by->values, count, "allowed");
    struct path path = {visit->path, by->member, 0};
    visit->run->keyword = by == &visit->node->one_by ? "oneOf" : "anyOf";
    if (!given)
        return cw_schema_fault_tell(visit, visit->path, "schema.required", hint.data,
                                    "member '%s' is missing", by->member);
    return cw_schema_fault_tell(visit, &path, "schema.enum", hint.data,
                                "'%.60s' is not one of the allowed values", given);
}

static bool fault_by_member(const struct visit *visit, const struct node_list *branches,
                            const struct discriminator *by) {
    const json_t *value = json_object_get(visit->instance, by->member);
    const char *given = json_string_value(value);
    for (size_t i = 0; given && i < branches->count; i++) {
        if (strcmp(by->values[i], given) == 0)
            return run_branch(visit, branches->items[i]) && false;
    }
    if (value && !given)
        return run_branch(visit, branches->items[0]) && false;
    return fault_unpinned(visit, by, given, branches->count);
}

/* The only branch of the right type, or the one with clearly the fewest faults; NULL when it cannot
 * be told. */
static const struct node *meant(const struct visit *visit, const struct node_list *branches,
                                unsigned *ret_types) {
    unsigned is = cw_schema_value_types(visit->instance);
    const struct node *best = NULL;
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < branches->count; i++) {
        unsigned types = types_of(branches->items[i]);
        *ret_types |= types;
        if (!(types & is))
            continue;
        size_t faults = count_faults(visit, branches->items[i]);
        if (faults == fewest)
            best = NULL;
        if (faults < fewest) {
            fewest = faults;
            best = branches->items[i];
        }
    }
    return best;
}

bool cw_schema_fault_branches(const struct visit *visit, const struct node_list *branches,
                              const struct discriminator *by, const char *code) {
    if (!visit->run->faults)
        return cw_schema_fault_tell(visit, visit->path, code, "", "branches");
    if (by->member && json_is_object(visit->instance))
        return fault_by_member(visit, branches, by);
    unsigned types = 0;
    const struct node *branch = meant(visit, branches, &types);
    if (branch && !visit->run->exhausted)
        return run_branch(visit, branch) && false;
    if (!(types & cw_schema_value_types(visit->instance))) {
        visit->run->keyword = code + strlen("schema.");
        return fault_types(visit, types);
    }
    return cw_schema_fault_tell(visit, visit->path, code, "", "fits none of the %zu allowed forms",
                                branches->count);
}
