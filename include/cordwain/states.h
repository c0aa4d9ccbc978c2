/*
 * The words for states that flow between orders, manufacturing and the API. Spec states are the
 * facility protocol's; order states are derived from them (src/orders/state.c).
 */
#pragma once

/* a build spec (moves: src/manufacturing/transitions.c) */
#define CW_SPEC_QUEUED        "queued"
#define CW_SPEC_LEASED        "leased"
#define CW_SPEC_ACCEPTED      "accepted"
#define CW_SPEC_IN_PRODUCTION "in_production"
#define CW_SPEC_INSPECTED     "inspected"
#define CW_SPEC_PACKED        "packed"
#define CW_SPEC_SHIPPED       "shipped"
#define CW_SPEC_HOLD          "hold"
#define CW_SPEC_REJECTED      "rejected"
#define CW_SPEC_REWORK        "rework"
#define CW_SPEC_SCRAPPED                                                                           \
    "scrapped" /* passed through: the spec rests in queued with a new serial                       \
                */
#define CW_SPEC_CANCEL_REQUESTED "cancel_requested"
#define CW_SPEC_CANCELLED        "cancelled"
#define CW_SPEC_CANCEL_REFUSED                                                                     \
    "cancel_refused" /* passed through: the spec rests in the state before */

/* an order */
#define CW_ORDER_RECEIVED         "received"      /* no facility has accepted all of it yet */
#define CW_ORDER_ACCEPTED         "accepted"      /* every spec accepted, none begun */
#define CW_ORDER_IN_PRODUCTION    "in_production" /* work has begun on at least one spec */
#define CW_ORDER_SHIPPED          "shipped"       /* every spec that was not cancelled */
#define CW_ORDER_ON_HOLD          "on_hold" /* a spec is on hold or rejected: a person decides */
#define CW_ORDER_CANCEL_REQUESTED "cancel_requested" /* a facility has to answer */
#define CW_ORDER_CANCELLED        "cancelled"

/* Event identifiers that begin with this are the server's own moves; a facility may not use it. */
#define CW_EVENT_SERVER "cordwain:"
