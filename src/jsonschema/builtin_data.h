/* The tables embed.py writes. */
#pragma once

#include <stddef.h>

struct builtin_text {
    const char *name;
    size_t length;
    const char *text;
};

extern const struct builtin_text cw_schema_builtin_texts[];
extern const size_t cw_schema_builtin_text_count;

/* The draft's meta-schema in our own words (metaschema.json), vocabularies embedded. */
extern const struct builtin_text cw_schema_meta_texts[];
extern const size_t cw_schema_meta_text_count;
