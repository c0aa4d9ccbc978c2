/* See facility_driver.h. */
#include "facility_driver.h"

#include <stdio.h>
#include <stdlib.h>

#include "manufacturing/facility.h"
#include "orders/cancel.h"
#include "orders/state.h"

/* One step's inputs and outputs; `run` picks what to do. */
struct step {
    struct cw_driver *driver;
    enum cw_status (*run)(const struct cw_facility_call *, struct step *, struct cw_error *);
    struct cw_lease_request request;
    struct cw_lease_change change;
    struct cw_status_event event;
    struct cw_lease *leases, lease;
    size_t count;
    struct cw_event_answer answer;
    const char *id;
    struct cw_spec_row spec;
    struct cw_order_row order;
    struct cw_event_row *history;
    int number;
};

static enum cw_status in_transaction(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct step *step = arg;
    struct cw_facility_call call = {.txn = txn,
                                    .arena = step->driver->fixture->arena,
                                    .now_ms = step->driver->fixture->now_ms,
                                    .on_state = cw_order_refresh_state};
    return step->run(&call, step, err);
}

static enum cw_status take(struct step *step) {
    step->driver->error = (struct cw_error){0};
    return cw_fixture_write(step->driver->fixture, in_transaction, step, &step->driver->error);
}

static void must(struct step *step) {
    if (take(step) != CW_OK) {
        fprintf(stderr, "driver: %s %s\n", step->driver->error.code, step->driver->error.message);
        abort();
    }
}

static enum cw_status run_order(const struct cw_facility_call *call, struct step *step,
                                struct cw_error *err) {
    struct cw_order_row order = cw_fixture_order(call->arena, step->number);
    struct cw_spec_row spec = cw_fixture_spec(call->arena, order.id, step->number);
    enum cw_status status = call->txn->ops->order_put(call->txn, &order, err);
    return status == CW_OK ? call->txn->ops->spec_put(call->txn, &spec, err) : status;
}

void cw_driver_order(struct cw_driver *driver, int n) {
    must(&(struct step){.driver = driver, .run = run_order, .number = n});
}

static enum cw_status run_lease(const struct cw_facility_call *call, struct step *step,
                                struct cw_error *err) {
    return cw_facility_lease(call, &step->request, &step->leases, &step->count, err);
}

enum cw_status cw_driver_lease(struct cw_driver *driver, struct cw_lease_request request,
                               struct cw_lease **ret_leases, size_t *ret_count) {
    struct step step = {.driver = driver, .run = run_lease, .request = request};
    enum cw_status status = take(&step);
    *ret_leases = step.leases;
    *ret_count = step.count;
    return status;
}

struct cw_lease cw_driver_lease_one(struct cw_driver *driver) {
    struct step step = {.driver = driver,
                        .run = run_lease,
                        .request = {"FAC-1", "", /* ship_before_ms: */ 0, /* max: */ 1, 60}};
    must(&step);
    if (step.count != 1)
        abort();
    return step.leases[0];
}

static enum cw_status run_renew(const struct cw_facility_call *call, struct step *step,
                                struct cw_error *err) {
    return cw_facility_renew(call, &step->change, &step->lease, err);
}

enum cw_status cw_driver_renew(struct cw_driver *driver, struct cw_lease_change change,
                               struct cw_lease *ret_lease) {
    struct step step = {.driver = driver, .run = run_renew, .change = change};
    enum cw_status status = take(&step);
    *ret_lease = step.lease;
    return status;
}

static enum cw_status run_release(const struct cw_facility_call *call, struct step *step,
                                  struct cw_error *err) {
    return cw_facility_release(call, &step->change, err);
}

enum cw_status cw_driver_release(struct cw_driver *driver, struct cw_lease_change change) {
    return take(&(struct step){.driver = driver, .run = run_release, .change = change});
}

static enum cw_status run_expire(const struct cw_facility_call *call, struct step *step,
                                 struct cw_error *err) {
    (void)step;
    return cw_facility_expire(call, err);
}

enum cw_status cw_driver_expire(struct cw_driver *driver) {
    return take(&(struct step){.driver = driver, .run = run_expire});
}

static enum cw_status run_event(const struct cw_facility_call *call, struct step *step,
                                struct cw_error *err) {
    return cw_facility_event(call, &step->event, &step->answer, err);
}

enum cw_status cw_driver_event(struct cw_driver *driver, struct cw_status_event event,
                               struct cw_event_answer *ret_answer) {
    struct step step = {.driver = driver, .run = run_event, .event = event};
    enum cw_status status = take(&step);
    *ret_answer = step.answer;
    return status;
}

static enum cw_status run_cancel(const struct cw_facility_call *call, struct step *step,
                                 struct cw_error *err) {
    struct cw_order_cancellation order = {step->id, call->now_ms, call->arena, NULL};
    return cw_order_cancel(call->txn, &order, err);
}

enum cw_status cw_driver_cancel(struct cw_driver *driver, const char *order_id) {
    return take(&(struct step){.driver = driver, .run = run_cancel, .id = order_id});
}

static enum cw_status run_spec(const struct cw_facility_call *call, struct step *step,
                               struct cw_error *err) {
    return call->txn->ops->spec_get(call->txn, call->arena, step->id, 0, &step->spec, err);
}

struct cw_spec_row cw_driver_spec(struct cw_driver *driver, const char *spec_id) {
    struct step step = {.driver = driver, .run = run_spec, .id = spec_id};
    must(&step);
    return step.spec;
}

static enum cw_status run_order_state(const struct cw_facility_call *call, struct step *step,
                                      struct cw_error *err) {
    return call->txn->ops->order_get(call->txn, call->arena, step->id, &step->order, err);
}

const char *cw_driver_order_state(struct cw_driver *driver, const char *order_id) {
    struct step step = {.driver = driver, .run = run_order_state, .id = order_id};
    must(&step);
    return step.order.state;
}

static enum cw_status run_history(const struct cw_facility_call *call, struct step *step,
                                  struct cw_error *err) {
    return call->txn->ops->event_list(call->txn, call->arena, step->id, &step->history,
                                      &step->count, err);
}

struct cw_event_row *cw_driver_history(struct cw_driver *driver, const char *spec_id,
                                       size_t *ret_count) {
    struct step step = {.driver = driver, .run = run_history, .id = spec_id};
    must(&step);
    *ret_count = step.count;
    return step.history;
}

static enum cw_status run_force(const struct cw_facility_call *call, struct step *step,
                                struct cw_error *err) {
    return call->txn->ops->spec_update(call->txn, &step->spec, err);
}

void cw_driver_force(struct cw_driver *driver, const struct cw_spec_row *spec) {
    must(&(struct step){.driver = driver, .run = run_force, .spec = *spec});
}
