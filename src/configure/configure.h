/*
 * The configure step: what a selection means for one product version. Everything here is pure
 * computation on immutable values: no I/O, no clock, no locale, any thread.
 *
 * Semantics (docs: rules are declarative; order of rules and of picks never matters):
 * - a selection is consistent when it extends to a complete configuration that breaks no rule;
 * - an option whose activeIf is false has no value: every condition on it is false except "active";
 *   picking such an option is a conflict (an empty text is no pick);
 * - a table rule: in `allowed` an inactive option fits every cell, in `forbidden` only "*";
 * - a default is a preference: completion departs from as few as possible, then takes the cheapest,
 *   then the first in product order. It never overrules a rule or a pick;
 * - a text option only counts as present or absent; the empty text prefers "absent" and fixes
 * nothing. A text the rules demand and nobody has typed is priced in answers, and left out of
 * selections;
 * - market and date only take single choices away; a missing market or clock takes nothing away;
 * - rules with severity "warning" are told, never enforced.
 */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "cordwain/answer.h"
#include "cordwain/product.h"
#include "cordwain/resolved.h"
#include "cordwain/selection.h"

struct cw_engine;
struct cw_found;

/*
 * The completion of one selection, kept between questions about it: zero-initialised by the caller,
 * in contexts that differ in locale, quantity and fits only, and whose arenas last as long.
 */
struct cw_completion_memo {
    const struct cw_engine *engine; /* of which selection by which engine; NULL: nothing yet */
    struct cw_selection selection;
    const struct cw_found *found;
    const uint64_t *available; /* what the circumstances leave, whatever is picked */
};

/* One shopper's circumstances. Zero-initialise; every member may be left at zero. */
struct cw_configure_context {
    const char *market;             /* market id; NULL or "": no market takes anything away */
    const char *locale;             /* language of messages and titles; NULL: English */
    int64_t now_ms;                 /* [ms since 1970 UTC] for availability and dates; 0: none */
    uint32_t quantity;              /* 0 counts as 1 */
    const struct cw_text_fit *fits; /* what the renderer measured; NULL: texts are not judged */
    size_t fit_count;
    uint64_t step_budget; /* steps an explanation, or a SAT-tier answer without `solved`, may take;
                             0: CW_CONFIGURE_STEPS */
    const char *const *overlays; /* ids of the product's overlays that apply; unknown ones remove
                                    nothing */
    size_t overlay_count;
    const char *const
        *sold_out; /* stock items that are out: every choice with one is unavailable */
    size_t sold_out_count;
    const struct cw_artwork_fact
        *artworks; /* the pictures that the selection names and there are */
    size_t artwork_count;
    struct cw_completion_memo *memo;      /* NULL: every question completes for itself */
    const struct cw_rules_answer *solved; /* SAT tier: what the solver said to cw_engine_question;
                                             NULL: propagation and bounded search, not exact */
};

/* One choice of one option (a flag: 0 or 1). */
struct cw_choice_ref {
    uint32_t option, choice;
};

/* One `option=value` of a preview address or a command line. */
struct cw_selection_text {
    const char *option;
    const char *value; /* choice id, true/false, integer, text, ids joined by commas */
};

/**
 * Compile a product's options and rules for asking, in this process and within CW_RULES_COMPILE_MS;
 * a product that does not fit becomes a SAT-tier engine. For tools and tests: who serves uses
 * cw_rules_compile and cw_engine_open.
 * @param product    borrowed; must outlive the engine
 * @param ret_engine written on success only
 * @units   none
 * @owner   the caller frees ret_engine with cw_engine_free
 * @errors  CW_E_LIMIT "configure.too_large" above CW_MAX_OPTIONS or CW_MAX_RULES; CW_E_NOMEM
 * @cost    the budget at most, milliseconds for a shop's product; immutable afterwards, any thread
 * may ask
 * @source  docs/reference/product-document.md "Conditions", "Rules"
 */
enum cw_status cw_engine_new(const struct cw_product *product, struct cw_engine **ret_engine,
                             struct cw_error *err) CW_MUST_USE;

enum cw_tier {
    CW_TIER_COMPILED, /* every answer exact, from the diagram */
    CW_TIER_SAT       /* did not fit its budget: validity and domains by SAT, no counts */
};

/* How an engine came about, for reports. */
struct cw_engine_facts {
    enum cw_tier tier;
    uint64_t compile_ms;
    size_t artefact_bytes;
    uint32_t node_count;
    size_t entangled_count;
    const uint32_t *entangled; /* options that are mutually entangled, hardest bag; product order */
};

/**
 * An engine from rules that were compiled before, as stored with the version.
 * @param artefact borrowed, 8-byte aligned, outlives the engine (a mapped file); NULL: SAT tier
 * @errors  CW_E_INPUT "rules.artefact_damaged", "rules.artefact_version"; CW_E_CONFLICT
 *          "rules.artefact_foreign": made from another model (compile again); those of
 * cw_engine_new
 * @cost    O(document + artefact)
 */
enum cw_status cw_engine_open(const struct cw_product *product, struct cw_bytes artefact,
                              struct cw_engine **ret_engine, struct cw_error *err) CW_MUST_USE;

struct cw_engine_facts cw_engine_about(const struct cw_engine *engine);

/* The model (for the worker) and the artefact; borrowed. Empty bytes on the SAT tier. */
struct cw_model;
const struct cw_model *cw_engine_model(const struct cw_engine *engine);
struct cw_bytes cw_engine_artefact(const struct cw_engine *engine);

/*
 * SAT tier: the question whose answer belongs into context->solved, in the arena. Asking it is the
 * caller's business (configure/rules/worker.h), because it blocks.
 */
struct cw_diagram_scope;
void cw_engine_question(const struct cw_engine *engine, const struct cw_selection *selection,
                        const struct cw_configure_context *context, struct cw_arena *arena,
                        struct cw_diagram_scope *ret);

/* Free; NULL is fine. No question may be running. */
void cw_engine_free(struct cw_engine *engine);

/* The product it was made from; borrowed. */
const struct cw_product *cw_engine_product(const struct cw_engine *engine);

/**
 * Read a selections object, check every value against its option; all faults are collected.
 * @param selections   the JSON object, borrowed; anything else is the fault "selection.type"
 * @param pointer_base JSON Pointer of that object, e.g. "/selections"
 * @param ret          in the arena, ordered by option; written when there was no fault
 * @units   none
 * @owner   arena
 * @errors  CW_E_INPUT when faults were added: "selection.unknown_option",
 * "selection.unknown_choice", "selection.type", "selection.number_range", "selection.number_step",
 * "selection.multi_count", "selection.duplicate_choice", "text.*" of cw_text_normalise,
 * "text.too_long", "text.script", "text.pattern", "artwork.placement"
 * @cost    O(bytes × choices); pure
 * @source  docs/reference/api.md, Products/configure
 */
enum cw_status cw_selection_decode(const struct cw_product *product, const json_t *selections,
                                   const char *pointer_base, struct cw_arena *arena,
                                   struct cw_selection *ret, struct cw_faults *faults) CW_MUST_USE;

/* The same from a document's own picks, of a preset or a test. */
enum cw_status cw_selection_decode_picks(const struct cw_product *product,
                                         const struct cw_preset_pick *picks, size_t pick_count,
                                         struct cw_arena *arena, struct cw_selection *ret,
                                         struct cw_faults *faults) CW_MUST_USE;

/* The same from texts; pointers are "/<option>". Also "selection.duplicate_option". */
enum cw_status cw_selection_decode_pairs(const struct cw_product *product,
                                         const struct cw_selection_text *pairs, size_t pair_count,
                                         struct cw_arena *arena, struct cw_selection *ret,
                                         struct cw_faults *faults) CW_MUST_USE;

/* Append one value as in a selection, canonically; also of a derived option. */
void cw_value_encode(const struct cw_option *option, const struct cw_value *value,
                     struct cw_buf *buf);

/* Append the canonical (RFC 8785) object of a selection, without what is derived. Decoding it gives
 * the same picks. */
void cw_selection_encode(const struct cw_product *product, const struct cw_selection *selection,
                         struct cw_buf *buf);

/**
 * Answer a click: consistency, every choice's state with its reason, price, date, completion.
 * A choice of an option that is picked already is judged with that pick taken back. `delta_minor`
 * is the exact difference between the total of the preferred completion with that choice in place
 * of the option's value and the total now; 0 for impossible and unavailable choices and while
 * inconsistent. For a multi option a choice means "this one is among them"; delta adds it to the
 * current ones. On the SAT tier no differences are told (0).
 * @param selection as decoded against the engine's product
 * @param ret       in the arena
 * @units   money minor units of the product's currency
 * @owner   arena
 * @errors  CW_E_INPUT "configure.quantity" above CW_ORDER_QUANTITY; CW_E_BUG
 *          "configure.disagreement": the raw rules contradict the diagram about a complete
 *          selection (logged by the caller; nothing is answered)
 * @cost    a few linear passes over the diagram, tens of microseconds for a shop's product; on the
 * SAT tier `exact` is false unless context->solved is exact. Pure
 * @source  Hadzic, Jensen, Andersen 2007; Darwiche 2001
 */
enum cw_status cw_configure(const struct cw_engine *engine, const struct cw_selection *selection,
                            const struct cw_configure_context *context, struct cw_arena *arena,
                            struct cw_answer *ret, struct cw_error *err) CW_MUST_USE;

/**
 * The preferred completion of a selection: fewest departures from defaults, then cheapest, then
 * first in product order. Active options only; empty texts, and required texts nobody has typed,
 * are left out.
 * @errors  CW_E_CONFLICT "configure.inconsistent" when there is none; CW_E_LIMIT "configure.budget"
 *          when the steps ran out before any was found (SAT tier); CW_E_BUG
 *          "configure.disagreement", as cw_configure
 * @owner   arena
 * @cost    one pass over the diagram; on the SAT tier step_budget at most, and the completion need
 *          not be the preferred one. Pure
 */
enum cw_status cw_complete(const struct cw_engine *engine, const struct cw_selection *selection,
                           const struct cw_configure_context *context, struct cw_arena *arena,
                           struct cw_selection *ret, struct cw_error *err) CW_MUST_USE;

/* Picks plus plain defaults, without any rule: what a preview of an inconsistent selection shows.
 */
void cw_defaults_fill(const struct cw_product *product, const struct cw_selection *selection,
                      struct cw_arena *arena, struct cw_selection *ret);

enum cw_resolve_mode {
    CW_RESOLVE_STRICT,  /* designs and orders: complete, consistent, texts measured and fitting */
    CW_RESOLVE_LENIENT, /* previews: the completion or else plain defaults; nothing is refused */
    CW_RESOLVE_SHOWN    /* the same, but only what is drawn and told */
};

/**
 * Make the one value that price, picture and build spec are made from.
 * Strict re-checks every rule on the result with code that shares nothing with the compiled rules.
 * @param selection may be partial; the preferred completion fills it
 * @param ret       in the arena; ret->product is borrowed. The digest does not depend on the order
 * of picks, on picking a default explicitly, on the language, or on measurements
 * @units   lengths µm, rotations mdeg, money minor units
 * @owner   arena
 * @errors  CW_E_CONFLICT with faults "selection.rule", "selection.only_if", "selection.inactive",
 *          "selection.conflict", "option.required", "choice.unavailable", "text.glyph_missing",
 *          "text.too_wide", "text.unmeasured", "artwork.unknown", "artwork.outside",
 * "artwork.resolution"; CW_E_LIMIT with "configure.budget"; lenient: none of these. Either:
 * CW_E_BUG with "configure.disagreement", as cw_configure
 * @cost    as cw_complete
 * @source  include/cordwain/resolved.h
 */
enum cw_status cw_resolve(const struct cw_engine *engine, const struct cw_selection *selection,
                          const struct cw_configure_context *context, enum cw_resolve_mode mode,
                          struct cw_arena *arena, struct cw_resolved *ret,
                          struct cw_faults *faults) CW_MUST_USE;

/**
 * Price lines of a complete selection: base, every option that adds something, price rules that
 * hold, and the quantity break; unit_minor is after the break.
 * @units   minor units
 * @owner   arena
 * @errors  none; the unit price is never below 0 (a line of kind "rule" with id "" evens it out)
 * @cost    O(options + price rules)
 */
void cw_price(const struct cw_product *product, const struct cw_selection *selection,
              const struct cw_configure_context *context, struct cw_arena *arena,
              struct cw_price *ret);

/**
 * Working days of a complete selection, and the date: that many working days after today (UTC),
 * never on a holiday. 0 days is today or the next working day.
 * @errors  none; ship_by is "" without a clock or when the product has no working day
 * @owner   nothing allocated
 */
void cw_lead(const struct cw_product *product, const struct cw_selection *selection, int64_t now_ms,
             struct cw_lead *ret);

/*
 * Why a choice is impossible or unavailable, as a sentence: the message of the rule or of the
 * onlyIf that is to blame, else one of our own. `option` and `choice` index answer->options. In the
 * arena or static.
 */
const char *cw_choice_reason_text(const struct cw_product *product, const struct cw_answer *answer,
                                  const struct cw_choice_ref *choice, const char *locale,
                                  struct cw_arena *arena);

/* A sentence that describes the configuration, from titles; in the arena. For alt texts and
 * tickets. */
char *cw_alt_text(const struct cw_product *product, const struct cw_resolved *resolved,
                  const char *locale, struct cw_arena *arena);
