/* The facility protocol as one call per step, each in its own transaction. For tests only. */
#pragma once

#include "cordwain/facility.h"
#include "store_fixture.h"

struct cw_driver {
    struct cw_fixture *fixture;
    struct cw_error error; /* of the last call */
};

/* An order with one queued spec number n. */
void cw_driver_order(struct cw_driver *driver, int n);
enum cw_status cw_driver_lease(struct cw_driver *driver, struct cw_lease_request request,
                               struct cw_lease **ret_leases, size_t *ret_count);
/* One lease of FAC-1 for 60 s; aborts the test when nothing is queued. */
struct cw_lease cw_driver_lease_one(struct cw_driver *driver);
enum cw_status cw_driver_renew(struct cw_driver *driver, struct cw_lease_change change,
                               struct cw_lease *ret_lease);
enum cw_status cw_driver_release(struct cw_driver *driver, struct cw_lease_change change);
enum cw_status cw_driver_expire(struct cw_driver *driver);
enum cw_status cw_driver_event(struct cw_driver *driver, struct cw_status_event event,
                               struct cw_event_answer *ret_answer);
enum cw_status cw_driver_cancel(struct cw_driver *driver, const char *order_id);
/* The newest revision of a spec; the state of its order. */
struct cw_spec_row cw_driver_spec(struct cw_driver *driver, const char *spec_id);
const char *cw_driver_order_state(struct cw_driver *driver, const char *order_id);
struct cw_event_row *cw_driver_history(struct cw_driver *driver, const char *spec_id,
                                       size_t *ret_count);
/* Put the spec's row as it is. */
void cw_driver_force(struct cw_driver *driver, const struct cw_spec_row *spec);
