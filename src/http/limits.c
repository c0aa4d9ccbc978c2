/*
 * The table of every limit, for people and for documentation, and the HTTP server's defaults from
 * it. Does not enforce anything: each limit is checked where it matters. Linked into the server and
 * the command line.
 */
#include "http/limits.h"

#include "cordwain/limits.h"

static const struct cw_limit table[] = {
    {"http.request_line_bytes", CW_HTTP_REQUEST_LINE_BYTES, "bytes", "http.request_line_too_long",
     "Method, target and version of a request, without the line end."},
    {"http.head_bytes", CW_HTTP_HEAD_BYTES, "bytes", "http.head_too_large",
     "All field lines of a request with their line ends; trailers the same."},
    {"http.fields", CW_HTTP_FIELDS, "count", "http.too_many_fields",
     "Field lines of a request; trailers the same."},
    {"http.body_bytes", CW_HTTP_BODY_BYTES, "bytes", "http.body_too_large",
     "Body of a request, where the resource has no limit of its own."},
    {"http.bodies_bytes", CW_HTTP_BODIES_BYTES, "bytes", "http.too_much_at_once",
     "Bodies of all requests that are being read or worked on, of all event loops."},
    {"http.chunk_size_digits", CW_HTTP_CHUNK_SIZE_DIGITS, "digits", "http.chunk_size",
     "Hexadecimal digits of a chunk size."},
    {"http.chunk_extension_bytes", CW_HTTP_CHUNK_EXTENSION_BYTES, "bytes",
     "http.chunk_extension_too_long", "Extensions of one chunk; they are ignored."},
    {"http.requests_per_connection", CW_HTTP_REQUESTS_PER_CONNECTION, "count", "",
     "Requests of one connection; the last answer says Connection: close."},
    {"http.head_deadline", CW_HTTP_HEAD_DEADLINE_MS, "ms", "http.request_timeout",
     "From the first byte of a request to the end of its head, however the bytes come."},
    {"http.idle_deadline", CW_HTTP_IDLE_DEADLINE_MS, "ms", "",
     "A connection without a request is closed after this."},
    {"http.body_grace", CW_HTTP_BODY_GRACE_MS, "ms", "http.request_timeout",
     "A body may take this long before its rate counts."},
    {"http.body_rate", CW_HTTP_BODY_RATE_BYTES_PER_S, "bytes/s", "http.request_timeout",
     "Least average rate of a body's payload after the grace time."},
    {"http.write_grace", CW_HTTP_WRITE_GRACE_MS, "ms", "",
     "A client may take this long to read before its rate counts."},
    {"http.write_rate", CW_HTTP_WRITE_RATE_BYTES_PER_S, "bytes/s", "",
     "Least average rate at which a client reads; slower ones are disconnected."},
    {"http.connections", CW_HTTP_CONNECTIONS, "count", "http.too_many_connections",
     "Open connections, of all event loops."},
    {"http.own_files", CW_DESCRIPTORS_OWN, "files", "",
     "Open files kept for the server's own work where the process may not have enough of them."},
    {"http.connections_per_address", CW_HTTP_CONNECTIONS_PER_ADDRESS, "count",
     "http.too_many_connections_from_address",
     "Open connections of one IPv4 address or IPv6 /64, on all event loops."},
    {"http.refused_connections", CW_HTTP_REFUSED_CONNECTIONS, "count", "",
     "Refused connections that are told why; further ones are only closed."},
    {"http.loops", CW_HTTP_LOOPS, "count", "config.loops", "Event loops (--loops)."},
    {"http.pipeline_depth", CW_HTTP_PIPELINE_DEPTH, "count", "",
     "Pipelined requests of one connection answered before others get their turn."},
    {"http.output_bytes", CW_HTTP_OUTPUT_BYTES, "bytes", "",
     "With more unsent than this the next pipelined request waits."},
    {"http.unsent_bytes", CW_HTTP_UNSENT_BYTES, "bytes", "",
     "Of one connection, waiting in the kernel to be sent the first time."},
    {"http.linger_bytes", CW_HTTP_LINGER_BYTES, "bytes", "",
     "Read and thrown away after the last answer of a connection."},
    {"http.linger", CW_HTTP_LINGER_MS, "ms", "",
     "A connection is kept this long after its last answer, for the client to read it."},
    {"http.coded_bytes_min", CW_CODED_BYTES_MIN, "bytes", "",
     "Shorter answers are never compressed."},
    {"http.coded_bytes_max", CW_CODED_BYTES_MAX, "bytes", "",
     "Longer answers are compressed only if they were when the server started."},
    {"rate.callers", CW_RATE_CALLERS, "count", "",
     "Addresses and keys whose rate is remembered; the longest idle are forgotten."},
    {"rate.burst", CW_RATE_BURST_S, "s", "rate.exceeded",
     "Seconds of the configured rate that a caller may use at once."},
    {"rate.max", CW_RATE_MAX, "requests/s", "config.rate_limit", "Highest rate to configure."},
    {"json.bytes", CW_JSON_BYTES, "bytes", "json.too_large", "One JSON document of a request."},
    {"json.depth", CW_JSON_DEPTH, "levels", "json.depth", "Nesting of a JSON document."},
    {"product.bytes", CW_PRODUCT_BYTES, "bytes", "json.too_large", "A product document."},
    {"product.upload_bytes", CW_PRODUCT_UPLOAD_BYTES, "bytes", "http.body_too_large",
     "A product document over HTTP."},
    {"stock.items", CW_STOCK_ITEMS, "count", "stock.too_many",
     "Stock items that were ever set in or out."},
    {"product.options", CW_MAX_OPTIONS, "count", "configure.too_large", "Options of a product."},
    {"product.choices", CW_MAX_CHOICES, "count", "product.too_many_choices",
     "Choices of an option."},
    {"product.rules", CW_MAX_RULES, "count", "configure.too_large", "Rules of a product."},
    {"product.multi_choices", CW_MAX_MULTI_CHOICES, "count", "product.too_many_choices",
     "Choices of an option that takes several."},
    {"text.graphemes", CW_TEXT_GRAPHEMES, "graphemes", "text.too_long",
     "A personalisation text; the option may ask for less."},
    {"text.baseline_bytes", CW_BASELINE_BYTES, "bytes", "schema.maxLength",
     "Path data of a text's baseline in a product."},
    {"text.spacing", CW_SPACING_MILLI, "1/1000 em", "schema.maximum",
     "Letter spacing of a product's text, either way."},
    {"text.bytes", CW_TEXT_BYTES, "bytes", "text.too_many_bytes",
     "A personalisation text in UTF-8."},
    {"preview.min_width", CW_PREVIEW_MIN_PX, "px", "preview.width", "Smallest preview."},
    {"preview.max_width", CW_PREVIEW_MAX_PX, "px", "preview.width", "Largest preview."},
    {"preview.max_dpr", CW_PREVIEW_DPR_MAX, "ratio", "preview.dpr", "Largest device pixel ratio."},
    {"render.queue", CW_RENDER_QUEUE, "jobs", "render.busy",
     "Renders waiting for a worker; the next one is told to come back."},
    {"render.deadline", CW_RENDER_DEADLINE_MS, "ms", "render.timeout",
     "One render; its worker is replaced after this."},
    {"render.jobs_per_worker", CW_RENDER_JOBS_PER_WORKER, "count", "",
     "A worker is replaced by a fresh one after this many renders."},
    {"render.message_bytes", CW_RENDER_MESSAGE_BYTES, "bytes", "render.scene_too_large",
     "One message to or from a worker."},
    {"render.image_bytes", CW_RENDER_IMAGE_BYTES, "bytes", "render.image_too_large",
     "One encoded picture."},
    {"cache.memory_bytes", CW_CACHE_MEMORY_BYTES, "bytes", "",
     "Previews kept in memory; the least recently used go first."},
    {"idempotency.key_bytes", CW_IDEMPOTENCY_KEY_BYTES, "bytes", "idempotency.key",
     "An Idempotency-Key."},
    {"order.quantity", CW_ORDER_QUANTITY, "pieces", "configure.quantity", "Pieces of one order."},
    {"lease.max", CW_LEASE_MAX, "count", "lease.max", "Specs leased by one request."},
    {"lease.wait", CW_LEASE_WAIT_S, "s", "lease.wait",
     "How long a lease request may wait for work."},
    {"lease.seconds_min", CW_LEASE_SECONDS_MIN, "s", "lease.seconds", "Shortest lease."},
    {"lease.seconds_max", CW_LEASE_SECONDS_MAX, "s", "lease.seconds", "Longest lease."},
    {"lease.reads", CW_LEASE_READS, "count", "",
     "Grants of one spec without acceptance before it is held for a person to look at."},
    {"art.tile_side", CW_TILE_PX, "px", "art.tile_size", "A side of a pattern's tile."},
    {"art.tile_side_min", CW_TILE_MIN_PX, "px", "art.tile_size",
     "The least side of a pattern's tile."},
    {"artwork.bytes", CW_IMPORT_FILE_BYTES, "bytes", "http.body_too_large",
     "A picture that a shopper uploads."},
    {"artwork.side", CW_IMPORT_SIDE_PX, "px", "artwork.too_many_pixels",
     "A side of an uploaded picture."},
    {"artwork.pixels", CW_IMPORT_PIXELS, "px", "artwork.too_many_pixels",
     "Pixels of an uploaded picture."},
    {"artwork.scans_pixels", CW_IMPORT_SCANS_PIXELS, "px", "artwork.too_many_pixels",
     "Pixels of an uploaded JPEG that is progressive, or has its components apart."},
    {"artwork.cpu", CW_IMPORT_CPU_MS, "ms", "artwork.too_slow",
     "Work on an uploaded picture; its process is ended after this."},
    {"artwork.deadline", CW_IMPORT_DEADLINE_MS, "ms", "artwork.too_slow",
     "Reading an uploaded picture, waiting for a processor included."},
    {"artwork.memory", CW_IMPORT_MEMORY_BYTES, "bytes", "artwork.worker_died",
     "Memory of the process that reads an uploaded picture."},
    {"artwork.queue", CW_ARTWORK_QUEUE, "uploads", "crew.busy",
     "Uploaded pictures waiting to be read; the next one is told to come back."},
    {"artwork.burst", CW_ARTWORK_BURST, "uploads", "rate.uploads",
     "Pictures one address may upload at once."},
    {"artwork.per_minute", CW_ARTWORK_PER_MINUTE, "uploads/min", "rate.uploads",
     "Pictures one address may upload when it goes on."},
    {"artwork.disk_max", CW_ARTWORKS_MB_MAX, "MiB", "config.artworks_mb",
     "Most disk for shoppers' pictures to configure."},
    {"artwork.days_max", CW_ARTWORKS_DAYS_MAX, "days", "config.artworks_days",
     "Longest time to configure for pictures that nothing names."},
    {"artwork.together", CW_RENDER_PICTURES, "pictures", "render.too_many_pictures",
     "Shoppers' pictures in one view or on one surface."},
    {"store.queue", CW_STORE_QUEUE, "writes", "store.busy", "Writes waiting for the store."},
    {"rules.ask_queue", CW_RULES_ASK_QUEUE, "questions", "crew.busy",
     "Questions about rules that are not compiled, waiting for a solver."},
    {"rules.solvers", CW_RULES_SOLVERS, "processes", "rules.busy",
     "Solver processes at once; another product's question ends the one unused for longest."},
    {"rules.solver_idle", CW_RULES_SOLVER_IDLE_MS, "ms", "",
     "Without a question for this long a solver process is ended; the next question starts one."},
    {"rules.unused", CW_RULES_UNUSED_S, "s", "",
     "Compiled rules no version needs are removed at the start when they are older."},
    {"publish.queue", CW_PUBLISH_QUEUE, "documents", "crew.busy",
     "Product documents waiting to be checked."},
    {"selection_schema.bytes", CW_SELECTION_SCHEMA_BYTES, "bytes", "",
     "Rules of a product in the JSON Schema of its selections; those beyond are left out there."},
    {"selection_schema.states", CW_SELECTION_SCHEMA_STATES, "count", "",
     "Partial sums of one rule in that schema; a rule of more is left out there."},
    {"faults", CW_FAULTS, "count", "", "Faults listed in one answer."},
};

const struct cw_limit *cw_limits_table(size_t *ret_count) {
    *ret_count = sizeof table / sizeof table[0];
    return table;
}

static void fill_size(size_t *member, size_t value) {
    if (*member == 0)
        *member = value;
}

static void fill_int(int64_t *member, int64_t value) {
    if (*member == 0)
        *member = value;
}

void cw_http_limits_fill(struct cw_http_limits *limits) {
    fill_size(&limits->request_line_bytes, CW_HTTP_REQUEST_LINE_BYTES);
    fill_size(&limits->head_bytes, CW_HTTP_HEAD_BYTES);
    fill_size(&limits->fields, CW_HTTP_FIELDS);
    fill_size(&limits->body_bytes, CW_HTTP_BODY_BYTES);
    fill_size(&limits->bodies_bytes, CW_HTTP_BODIES_BYTES);
    fill_size(&limits->chunk_size_digits, CW_HTTP_CHUNK_SIZE_DIGITS);
    fill_size(&limits->chunk_extension_bytes, CW_HTTP_CHUNK_EXTENSION_BYTES);
    fill_size(&limits->requests_per_connection, CW_HTTP_REQUESTS_PER_CONNECTION);
    fill_size(&limits->connections, CW_HTTP_CONNECTIONS);
    fill_size(&limits->connections_per_address, CW_HTTP_CONNECTIONS_PER_ADDRESS);
    fill_size(&limits->pipeline_depth, CW_HTTP_PIPELINE_DEPTH);
    fill_size(&limits->output_bytes, CW_HTTP_OUTPUT_BYTES);
    fill_size(&limits->linger_bytes, CW_HTTP_LINGER_BYTES);
    fill_int(&limits->head_deadline_ms, CW_HTTP_HEAD_DEADLINE_MS);
    fill_int(&limits->idle_deadline_ms, CW_HTTP_IDLE_DEADLINE_MS);
    fill_int(&limits->body_grace_ms, CW_HTTP_BODY_GRACE_MS);
    fill_int(&limits->body_rate_bytes_per_s, CW_HTTP_BODY_RATE_BYTES_PER_S);
    fill_int(&limits->write_grace_ms, CW_HTTP_WRITE_GRACE_MS);
    fill_int(&limits->write_rate_bytes_per_s, CW_HTTP_WRITE_RATE_BYTES_PER_S);
    fill_int(&limits->linger_ms, CW_HTTP_LINGER_MS);
}
