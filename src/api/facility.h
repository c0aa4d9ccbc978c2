/* What the files of the factory's resources share. */
#pragma once

#include "api/context.h"
#include "manufacturing/facility.h"

/* The accepted key may pull for this facility; otherwise 403 was answered. */
bool api_may_pull(struct cw_request *req, const char *facility);

/* The facility the accepted key belongs to; "" for an operator's. In the request's arena. */
const char *api_own_facility(struct cw_request *req);

/* What the protocol's functions want inside a transaction. */
void api_facility_call(struct cw_txn *txn, struct api_job *job, struct cw_facility_call *ret_call);
