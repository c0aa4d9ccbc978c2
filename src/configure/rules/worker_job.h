/* What the rules worker does with a frame: bytes in, a frame out. Worker process. */
#pragma once

#include "configure/rules/worker_wire.h"

struct cw_rules_job; /* a loaded model, or none yet */

struct cw_rules_job *cw_rules_job_new(void);
void cw_rules_job_free(struct cw_rules_job *job);

/* Append the frame that answers a frame; whatever the body holds, there is one. */
void cw_rules_job_do(struct cw_rules_job *job, enum cw_rules_kind kind, struct cw_bytes body,
                     struct cw_buf *reply);
