/* An export under way: what its files share. Inside src/exchange only. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "cordwain/product.h"
#include "exchange/names.h"

#define CW_UVL_LEVELS 64 /* options that are active by each other; features are twice as deep */

struct cw_uvl_writer {
    const struct cw_product *product;
    struct cw_arena *arena;
    struct cw_buf constraints; /* lines */
    struct cw_buf extras;      /* features that only count, each a line below the root */
    struct cw_buf *notes;      /* lines */
    struct cw_names names;     /* taken by features */
    const char *root;          /* names as they are written: with quotes where they need them */
    uint32_t root_option;      /* the flag that is the root; CW_NONE: the root is none of them */
    bool *said;                /* per rule: the tree says it */
    struct cw_uvl_place {
        const char *name;               /* of the option's feature; a choice option may have none */
        const char **choices;           /* CHOICE, MULTI */
        uint32_t parent, parent_choice; /* it stands below this flag or choice; CW_NONE: root */
        bool always;                    /* without a condition */
        bool mandatory;                 /* FLAG: a rule says so */
        bool written_out;               /* its activeIf is a constraint */
    } * places;
    uint32_t *first_child, *next_child; /* options below an option; the root's at option_count */
    uint32_t extra_count;
};

/* Fill in places (but for names), said and root_option. */
void cw_uvl_place_options(struct cw_uvl_writer *writer);

/* A name as a feature, free in the model. */
const char *cw_uvl_writer_name(struct cw_uvl_writer *writer, const char *title, const char *id);

/* A word as the language wants it: in quotes where it needs them. */
const char *cw_uvl_writer_word(struct cw_uvl_writer *writer, const char *name);

/* Append what is there exactly while the option is active: a feature or an expression. */
void cw_uvl_put_active(struct cw_uvl_writer *writer, uint32_t option, struct cw_buf *buf);

/* Append a condition as an expression in parentheses. */
void cw_uvl_put_cond(struct cw_uvl_writer *writer, const struct cw_cond *cond, struct cw_buf *buf);
/* "Some of these choices (flag: bits) of the option." */
void cw_uvl_put_mask(struct cw_uvl_writer *writer, uint32_t option,
                     const struct cw_choice_mask *mask, struct cw_buf *buf);

/* Append the lines of what options and rules demand beyond the tree. */
void cw_uvl_put_constraints(struct cw_uvl_writer *writer);

/* Something the model does not say. */
void cw_uvl_note(struct cw_uvl_writer *writer, const char *pointer, const char *what);
