/* The compiler's own state and its two keyword tables. */
#pragma once

#include "jsonschema/internal.h"

struct compiler {
    struct cw_arena *arena;
    struct index index;
    struct cw_error *err;
    const char *pointer; /* of the schema at hand, for errors */
    const char *document;
    bool formats; /* are assertions */
    unsigned depth;
};

/* The node of a schema, compiled once however often it is referred to. */
enum cw_status cw_schema_compile_node(struct compiler *compiler, const json_t *json,
                                      const struct node **ret_node) CW_MUST_USE;

/* Keywords that apply subschemas; unknown ones are CW_OK. */
enum cw_status cw_schema_compile_applicator(struct compiler *compiler, struct node *node,
                                            const char *keyword, const json_t *value) CW_MUST_USE;

/* Keywords of the validation vocabulary; unknown ones are CW_OK. */
enum cw_status cw_schema_compile_assertion(struct compiler *compiler, struct node *node,
                                           const char *keyword, const json_t *value) CW_MUST_USE;

/* format; an unknown one, or one nobody asked to assert, is CW_OK. */
enum cw_status cw_schema_compile_format(struct compiler *compiler, struct node *node,
                                        const json_t *value) CW_MUST_USE;

/* "schema.invalid": '<keyword>' must be <wanted>. */
enum cw_status cw_schema_compile_refuse(struct compiler *compiler, const char *keyword,
                                        const char *wanted) CW_MUST_USE;

/* The member by which the branches differ, found once they are compiled. */
struct discriminator cw_schema_compile_discriminator(struct cw_arena *arena,
                                                     const struct node_list *branches);
