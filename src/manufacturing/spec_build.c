/*
 * Responsible for: putting a build spec together from the resolved configuration, then canonical
 * form, digest, signature. Does not: judge it (spec_check.c). Store writer thread and tests; pure.
 */
#include "manufacturing/spec_build.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define SCHEMA "urn:cordwain:schema:build-spec:1"

/* ---- small helpers shared by the sections ---------------------------------------------------- */

bool cw_spec_applies(const struct cw_index_list *list, uint32_t index) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == index) {
            return true;
        }
    }
    return false;
}

uint32_t cw_spec_item(const struct cw_mfg_list *list, const char *id) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].id, id) == 0) {
            return i;
        }
    }
    return CW_NONE;
}

void cw_spec_append_sides(json_t *array, const char *id, const char *const *sides, size_t count) {
    if (count == 0) {
        json_array_append_new(array, json_string(id));
    }
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_sprintf("%s.%s", id, sides[i]));
    }
}

const char *cw_spec_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

void cw_spec_copy(json_t *to, const json_t *from, const char *const *names) {
    for (; *names; names++) {
        json_t *value = json_object_get(from, *names);
        if (value) {
            json_object_set(to, *names, value);
        }
    }
}

const struct cw_pick *cw_spec_pick(const struct spec_build *b, uint32_t option) {
    for (size_t i = 0; i < b->resolved->selection.count; i++) {
        if (b->resolved->selection.picks[i].option == option) {
            return &b->resolved->selection.picks[i];
        }
    }
    return NULL;
}

uint32_t cw_spec_option(const struct spec_build *b, const char *id) {
    for (uint32_t i = 0; i < b->product->option_count; i++) {
        if (strcmp(b->product->options[i].id, id) == 0) {
            return i;
        }
    }
    return CW_NONE;
}

json_t *cw_spec_pick_value(const struct spec_build *b, const struct cw_pick *pick) {
    const struct cw_option *option = &b->product->options[pick->option];
    switch (option->kind) {
    case CW_OPTION_CHOICE: {
        const struct cw_choice *choice = &option->choices[pick->value.choice];
        return json_string(*choice->value ? choice->value : choice->id);
    }
    case CW_OPTION_FLAG:
        return json_boolean(pick->value.choice);
    case CW_OPTION_NUMBER:
        return json_integer(pick->value.number);
    case CW_OPTION_TEXT:
        return json_string(pick->value.text);
    case CW_OPTION_MULTI: {
        json_t *list = json_array();
        for (size_t i = 0; i < option->choice_count; i++) {
            if (pick->value.multi >> i & 1) {
                json_array_append_new(list, json_string(option->choices[i].id));
            }
        }
        return list;
    }
    }
    return json_null();
}

/* ---- head ------------------------------------------------------------------------------------ */

static void put_head(struct spec_build *b) {
    const struct cw_spec_input *in = b->input;
    json_t *doc = b->document;
    json_object_set_new(doc, "$schema", json_string(SCHEMA));
    json_object_set_new(doc, "specVersion", json_string("1.0"));
    json_object_set_new(doc, "specId", json_string(in->spec_id));
    json_object_set_new(doc, "revision", json_integer(in->revision));
    json_object_set_new(doc, "state", json_string("released"));
    json_object_set_new(doc, "issuedAt", cw_json_time(in->issued_ms));
    json_object_set_new(
        doc, "issuer",
        json_pack("{s:s,s:s}", "name", b->product->issuer_name, "gln", b->product->issuer_gln));
    json_object_set_new(doc, "order",
                        json_pack("{s:s,s:i,s:s,s:{s:i,s:s},s:i,s:i,s:o,s:s}", "orderId",
                                  in->order_id, "line", in->line, "orderNumber", in->order_number,
                                  "quantity", "value", in->quantity, "unit", b->mfg->unit,
                                  "overrunAllowed", 0, "priority", in->priority, "shipBy",
                                  cw_json_time(in->ship_by_ms), "substitution", "none"));
    json_object_set_new(
        doc, "factory",
        json_pack("{s:s,s:s}", "gln", b->mfg->facility_gln, "facilityId", b->mfg->facility_id));
}

/* A short number for GS1 AI 242 that follows from the configuration alone. */
static void variant_number(const struct cw_resolved *resolved, char ret_text[8]) {
    uint32_t value = 0;
    for (const char *p = resolved->digest + 8; *p; p++) {
        value = value * 31 + (unsigned char)*p;
    }
    snprintf(ret_text, 8, "%06u", value % 1000000);
}

static char *digital_link(const struct spec_build *b, const char *variant) {
    return cw_arena_printf(b->arena, "%s/01/%s/21/%s?242=%s", b->input->base_url, b->mfg->gtin,
                           b->input->serial, variant);
}

static void put_size(struct spec_build *b, json_t *product) {
    uint32_t option = b->mfg->size_option;
    const struct cw_pick *pick = option == CW_NONE ? NULL : cw_spec_pick(b, option);
    if (pick) {
        json_t *size = json_object();
        json_object_set_new(size, "system", json_string(b->mfg->size_system));
        json_object_set_new(size, "value", cw_spec_pick_value(b, pick));
        json_object_set_new(product, "size", size);
    }
}

static void put_product(struct spec_build *b) {
    char variant[8];
    variant_number(b->resolved, variant);
    const char *link = digital_link(b, variant);
    json_t *product =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s}}", "name",
                  cw_l10n_get(&b->product->title, "en"), "styleId", b->product->id, "styleVersion",
                  b->product->version, "schemaDigest", b->product->digest, "gtin", b->mfg->gtin,
                  "mtoVariant", variant, "serial", b->input->serial, "digitalLink", link, "art",
                  "id", b->product->art, "digest", b->product->art_digest);
    put_size(b, product);
    json_object_set_new(b->document, "product", product);
    json_object_set_new(
        b->document, "passport",
        json_pack("{s:s,s:s}", "uri",
                  cw_arena_printf(b->arena, "%s/01/%s/21/%s?linkType=gs1:sustainabilityInfo",
                                  b->input->base_url, b->mfg->gtin, b->input->serial),
                  "granularity", "item"));
}

/* ---- tail ------------------------------------------------------------------------------------ */

static void put_previews(struct spec_build *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->input->preview_count; i++) {
        const struct cw_spec_preview *p = &b->input->previews[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "view", p->view, "URL",
                                              p->url, "MimeType", p->mime, "digest", p->digest,
                                              "width", p->width_px, "height", p->height_px));
    }
    json_object_set_new(b->document, "previews", list);
}

static void put_policy(struct spec_build *b) {
    json_object_set_new(b->document, "packaging",
                        json_loads(b->mfg->packaging_json, JSON_ALLOW_NUL, NULL));
    json_object_set_new(b->document, "changePolicy",
                        json_pack("{s:s,s:s,s:s}", "amendUntil", "accepted", "cancelUntil",
                                  "in_production", "questions",
                                  cw_arena_printf(b->arena, "%s/v1/specs/%s/history",
                                                  b->input->base_url, b->input->spec_id)));
}

static char *work_centres(struct cw_arena *arena, const json_t *document) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    size_t i;
    json_t *operation;
    cw_buf_putc(&buf, ',');
    json_array_foreach(json_object_get(document, "operations"), i, operation) {
        const char *name =
            cw_spec_text(json_object_get(operation, "workCentre"), "EquipmentClassID");
        CW_AUTO_BUF struct cw_buf mark = {0};
        cw_buf_printf(&mark, ",%s,", name);
        if (*name && !strstr(buf.data, mark.data)) {
            cw_buf_printf(&buf, "%s,", name);
        }
    }
    return cw_arena_strndup(arena, buf.data, buf.length);
}

static enum cw_status sign(struct spec_build *b, const struct cw_signing_key *key,
                           struct cw_spec_built *ret, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf content = {0};
    struct cw_spec_built built = {0};
    cw_json_canonical(b->document, &content);
    cw_digest_text(content.data, content.length, built.digest);
    struct cw_bytes payload = {(const uint8_t *)content.data, content.length};
    const char *jws = cw_jws_sign(b->arena, key, payload);
    json_object_set_new(b->document, "integrity",
                        json_pack("{s:s,s:s,s:[{s:s,s:s}]}", "canonicalization", "RFC8785",
                                  "contentDigest", built.digest, "signatures", "format",
                                  "JWS-detached-RFC7797", "value", jws));
    struct cw_faults faults = {.arena = b->arena};
    if (cw_spec_check(b->document, &faults) != CW_OK) {
        return cw_fail_at(err, CW_E_INPUT, "spec.incomplete", faults.items[0].pointer,
                          "%s at %.60s", faults.items[0].message, faults.items[0].pointer);
    }
    const char *text = cw_json_canonical_dup(b->arena, b->document);
    built.document = (struct cw_bytes){(const uint8_t *)text, strlen(text)};
    built.work_centres = work_centres(b->arena, b->document);
    *ret = built;
    return CW_OK;
}

/* ---- all ------------------------------------------------------------------------------------- */

static json_t **parse_items(struct cw_arena *arena, const struct cw_mfg_list *list) {
    json_t **items = cw_arena_array(arena, list->count, sizeof *items);
    for (size_t i = 0; i < list->count; i++) {
        items[i] = json_loads(list->items[i].json, JSON_ALLOW_NUL, NULL);
        cw_arena_defer(arena, cw_json_release, items[i]);
    }
    return items;
}

enum cw_status cw_spec_build(const struct cw_spec_input *input, const struct cw_signing_key *key,
                             struct cw_arena *arena, struct cw_spec_built *ret,
                             struct cw_error *err) {
    const struct cw_product *product = input->resolved->product;
    struct spec_build b = {.input = input,
                           .resolved = input->resolved,
                           .product = product,
                           .mfg = &product->manufacturing,
                           .arena = arena,
                           .document = json_object()};
    if (!b.document) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    cw_arena_defer(arena, cw_json_release, b.document);
    b.bom = parse_items(arena, &b.mfg->bom);
    b.operations = parse_items(arena, &b.mfg->operations);
    b.checks = parse_items(arena, &b.mfg->checks);
    b.labels = parse_items(arena, &b.mfg->labels);
    put_head(&b);
    put_product(&b);
    cw_spec_put_configuration(&b);
    cw_spec_put_parts(&b);
    cw_spec_put_materials(&b);
    cw_spec_put_colours(&b);
    cw_spec_put_artworks(&b);
    cw_spec_put_placements(&b);
    cw_spec_put_operations(&b);
    cw_spec_put_checks(&b);
    cw_spec_put_labels(&b);
    put_previews(&b);
    put_policy(&b);
    return sign(&b, key, ret, err);
}
