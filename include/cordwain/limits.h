/*
 * Every limit, in one place, with its unit in its name. The table in src/http/limits.c gives each
 * its problem code and is what `cordwain config print --limits` shows; each has a test at the limit and
 * one above.
 */
#pragma once

#include "cordwain/product.h" /* CW_MAX_CHOICES */

/* HTTP head and body (docs: reference/configuration) */
#define CW_HTTP_REQUEST_LINE_BYTES 8192
#define CW_HTTP_HEAD_BYTES 16384
#define CW_HTTP_FIELDS 100
#define CW_HTTP_BODY_BYTES (1024 * 1024)
#define CW_HTTP_CHUNK_SIZE_DIGITS 15
#define CW_HTTP_CHUNK_EXTENSION_BYTES 256
#define CW_HTTP_REQUESTS_PER_CONNECTION 1000
#define CW_HTTP_HEAD_DEADLINE_MS 10000
#define CW_HTTP_IDLE_DEADLINE_MS 30000
#define CW_HTTP_BODY_GRACE_MS 5000
#define CW_HTTP_BODY_RATE_BYTES_PER_S 8192
#define CW_HTTP_CONNECTIONS 4096
#define CW_HTTP_CONNECTIONS_PER_ADDRESS 256
#define CW_HTTP_PIPELINE_DEPTH 16

/* JSON */
#define CW_JSON_BYTES (1024 * 1024)
#define CW_JSON_DEPTH 64

/* JSON Schema */
#define CW_SCHEMA_STEPS 2000000 /* keyword checks per document; the largest demo product needs about a fiftieth */
#define CW_SCHEMA_DEPTH 256     /* nested applicators, so a schema that refers to itself ends */
#define CW_SCHEMA_PATTERN_MATCHES 100000
#define CW_SCHEMA_PATTERN_HEAP_KIB 1024

/* products */
#define CW_PRODUCT_BYTES (4 * 1024 * 1024)
#define CW_MAX_OPTIONS 128
#define CW_MAX_RULES 512
#define CW_MAX_MULTI_CHOICES 64
#define CW_MAX_MFG_ITEMS 256 /* lines, operations or checks of one product */
#define CW_TEXT_GRAPHEMES 64
#define CW_TEXT_BYTES 1024

/* previews */
#define CW_PREVIEW_MIN_PX 64
#define CW_PREVIEW_MAX_PX 2048
#define CW_RENDER_QUEUE 256
#define CW_RENDER_DEADLINE_MS 10000
#define CW_RENDER_JOBS_PER_WORKER 1000
#define CW_RENDER_MESSAGE_BYTES 65536
#define CW_RENDER_IMAGE_BYTES (32 * 1024 * 1024)
#define CW_CACHE_MEMORY_BYTES (128 * 1024 * 1024)

/* orders */
#define CW_IDEMPOTENCY_KEY_BYTES 255
#define CW_ORDER_QUANTITY 999
#define CW_LEASE_MAX 50
#define CW_LEASE_WAIT_S 30
#define CW_LEASE_SECONDS_MIN 30
#define CW_LEASE_SECONDS_MAX 3600
#define CW_LEASE_READS 5
#define CW_STORE_QUEUE 1024

/* answers */
#define CW_FAULTS 20
