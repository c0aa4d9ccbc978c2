/*
 * Models of other tools as product documents, and back: DIMACS CNF in, UVL in and out; a product's
 * complete selections as a JSON Schema. Pure text work: no file, no clock. What is imported is a
 * document of options and rules only (schemas/product.schema.json, "rulesOnly"); it is read by the
 * catalog like any other.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cordwain/product.h"

struct cw_exchange_source {
    const char *name; /* file name as shown; names the product when the model has no name */
    const char *text; /* borrowed; may hold anything */
    size_t length;
};

/**
 * Read a DIMACS CNF: a flag option v1 … vN per variable, a formula rule c1 … cM per clause. Names
 * from comments "c N name" become titles.
 * @param source       the file
 * @param ret_document appended to: the product document, a line per option and rule, members in
 *                     canonical order; equal files give equal bytes
 * @param faults       everything that is wrong; messages begin "line L, column C: "
 * @units   lines and columns (bytes) from 1
 * @owner   the caller's buffer
 * @errors  CW_E_INPUT "exchange.invalid" with faults "exchange.encoding", "exchange.empty",
 *          "dimacs.header", "dimacs.counts", "dimacs.variable", "dimacs.clause_open",
 *          "dimacs.token"; CW_E_LIMIT "exchange.too_large" above CW_MAX_OPTIONS, CW_MAX_RULES
 * @cost    O(file); pure, any process
 * @source  DIMACS challenge 1993, "Satisfiability: suggested format"; tests/unit/exchange
 */
enum cw_status cw_dimacs_import(const struct cw_exchange_source *source,
                                struct cw_buf *ret_document, struct cw_faults *faults,
                                struct cw_error *err) CW_MUST_USE;

/**
 * Read a UVL model (levels Boolean with group cardinality, Arithmetic as far as it is linear, Type
 * as far as it is a bounded Integer). Every feature becomes one flag option, or one choice where
 * its group is `alternative`; it is active when its parent is there. So configurations, features
 * that are always and never there are exactly those of the model.
 * @param source       the file
 * @param ret_document as cw_dimacs_import
 * @param faults       as cw_dimacs_import
 * @units   lines and columns (bytes) from 1
 * @owner   the caller's buffer
 * @errors  CW_E_INPUT "exchange.invalid" with faults "exchange.encoding", "exchange.empty",
 *          "uvl.*"; CW_E_LIMIT "exchange.too_large"
 * @cost    O(file) and what constraints expand to (CW_UVL_CONDITIONS); pure, any process
 * @source  UVL 0.5 grammar, Universal-Variability-Language/uvl-parser; Benavides, Sundermann,
 *          Feichtinger, Galindo, Rabiser, Thüm 2025; docs/how-to/import-models.md
 */
enum cw_status cw_uvl_import(const struct cw_exchange_source *source, struct cw_buf *ret_document,
                             struct cw_faults *faults, struct cw_error *err) CW_MUST_USE;

/**
 * Write a product as a UVL model with exactly as many configurations: import it and they are equal.
 * @param product   borrowed
 * @param ret_model appended to; equal products give equal bytes
 * @param ret_notes appended to: what the model does not say, a line each, "/place: what"; also as
 *                  comments at its head
 * @units   none
 * @owner   the caller's buffer
 * @errors  CW_E_LIMIT "exchange.too_large": options that depend on each other too deeply
 * @cost    O(document), with pairs for `atMostOne`; pure, any process
 * @source  UVL 0.5 grammar; docs/how-to/import-models.md
 */
enum cw_status cw_uvl_export(const struct cw_product *product, struct cw_buf *ret_model,
                             struct cw_buf *ret_notes, struct cw_error *err) CW_MUST_USE;

/**
 * Write the JSON Schema 2020-12 of a product's complete selections: objects that name the value of
 * every option that is active and not derived, and no other; a text may be absent or "". It never
 * refuses a selection that the rules leave, whatever the market, day, overlays and stock. It says
 * options with kind, choices, bounds, steps; activeIf, required, requiredIf, onlyIf, derive; rules
 * of all kinds, where `sum`, `compare` and `cardinality` need at most CW_SELECTION_SCHEMA_STATES
 * partial sums; of a text the form that can be told by a pattern. What it does not say stands in
 * its $comment.
 * @param product    borrowed
 * @param locale     of titles
 * @param ret_schema appended to; equal products give equal bytes
 * @units   none
 * @owner   the caller's buffer
 * @errors  none
 * @cost    O(document); at most CW_SELECTION_SCHEMA_BYTES a rule; pure, any process
 * @source  JSON Schema 2020-12; docs/reference/rule-language.md; partial sums as states after
 *          Eén, Sörensson 2006 (BDD encoding of pseudo-Boolean constraints);
 *          tests/schema/selections.py
 */
void cw_selection_schema(const struct cw_product *product, const char *locale,
                         struct cw_buf *ret_schema);
