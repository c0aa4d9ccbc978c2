/* See order_maker.h. */
#include "order_maker.h"

static enum cw_status build(void *ctx, const struct cw_order_ids *ids, struct cw_arena *arena,
                            struct cw_order_built *ret_built, struct cw_error *err) {
    struct cw_order_maker *maker = ctx;
    maker->built++;
    if (maker->fail != CW_OK)
        return cw_fail(err, maker->fail, "test.builder", "the builder refuses");
    size_t count = maker->specs == 0 ? 1 : maker->specs;
    struct cw_spec_row *specs = cw_arena_array(arena, count, sizeof *specs);
    for (size_t i = 0; i < count; i++) {
        char *document =
            cw_arena_printf(arena, "{\"order\":\"%s\",\"line\":%zu}", ids->order_number, i + 1);
        size_t length = 0;
        while (document[length] != '\0')
            length++;
        specs[i] = (struct cw_spec_row){
            .id = cw_arena_printf(arena, "%s-%zu", ids->order_id, i + 1),
            .revision = 1,
            .line = (int32_t)i + 1,
            .facility_id = "FAC-1",
            .serial = maker->serial != NULL
                          ? maker->serial
                          : cw_arena_printf(arena, "%s-%zu", ids->order_number, i + 1),
            .digest = "sha-256:00",
            .document = document,
            .document_length = length,
            .work_centres = ",PACK,",
        };
    }
    *ret_built = (struct cw_order_built){
        .order = {.document = "{}", .currency = "EUR", .total_minor = 12900},
        .specs = specs,
        .spec_count = count,
        .response = cw_arena_printf(arena, "{\"id\":\"%s\",\"number\":\"%s\"}", ids->order_id,
                                    ids->order_number),
        .location = cw_arena_printf(arena, "/v1/orders/%s", ids->order_id),
    };
    return CW_OK;
}

struct cw_order_draft cw_order_maker_draft(struct cw_order_maker *maker, struct cw_arena *arena,
                                           const char *key, const char *fingerprint) {
    struct cw_artifact_row *artifact = cw_arena_alloc(arena, sizeof *artifact);
    *artifact = (struct cw_artifact_row){"sha-256:ee", "application/pdf", "%PDF", 4};
    return (struct cw_order_draft){
        .scope = "POST /v1/orders",
        .key = cw_arena_strdup(arena, key),
        .fingerprint = cw_arena_strdup(arena, fingerprint),
        .artifacts = artifact,
        .artifact_count = 1,
        .build = build,
        .build_ctx = maker,
    };
}

enum cw_status cw_order_census_read(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_order_counting *counting = arg;
    struct cw_order_census census = {0};
    enum cw_status status = txn->ops->order_list(txn, counting->arena, /* before_seq: */ 0, 1000000,
                                                 &census.rows, &census.orders, err);
    for (size_t i = 0; i < census.orders && status == CW_OK; i++) {
        struct cw_spec_row *specs;
        size_t count = 0;
        status =
            txn->ops->spec_by_order(txn, counting->arena, census.rows[i].id, &specs, &count, err);
        census.specs += count;
        if (status == CW_OK && count == 0)
            status = cw_fail(err, CW_E_BUG, "test.half", "an order without specs");
    }
    counting->census = census;
    return status;
}
