/*
 * Every limit, in one place, with its unit in its name. The table in src/http/limits.c gives each
 * its problem code and is what `cordwain config print --limits` shows; each has a test at the limit
 * and one above.
 */
#pragma once

#include "cordwain/product.h" /* CW_MAX_CHOICES */

/* HTTP head and body (docs: reference/configuration) */
#define CW_HTTP_REQUEST_LINE_BYTES      8192
#define CW_HTTP_HEAD_BYTES              16384
#define CW_HTTP_FIELDS                  100
#define CW_HTTP_BODY_BYTES              (1024 * 1024)
#define CW_HTTP_BODIES_BYTES            (64 * 1024 * 1024)
#define CW_HTTP_CHUNK_SIZE_DIGITS       15
#define CW_HTTP_CHUNK_EXTENSION_BYTES   256
#define CW_HTTP_REQUESTS_PER_CONNECTION 1000
#define CW_HTTP_HEAD_DEADLINE_MS        10000
#define CW_HTTP_IDLE_DEADLINE_MS        30000
#define CW_HTTP_BODY_GRACE_MS           5000
#define CW_HTTP_BODY_RATE_BYTES_PER_S   8192
#define CW_HTTP_CONNECTIONS             8192
#define CW_DESCRIPTORS_OWN              256 /* open files that are no connections */
#define CW_HTTP_CONNECTIONS_PER_ADDRESS 256
#define CW_HTTP_PIPELINE_DEPTH          16
#define CW_HTTP_OUTPUT_BYTES            (256 * 1024)
#define CW_HTTP_UNSENT_BYTES            (128 * 1024)
#define CW_HTTP_WRITE_GRACE_MS          10000
#define CW_HTTP_WRITE_RATE_BYTES_PER_S  4096
#define CW_HTTP_LINGER_BYTES            (256 * 1024)
#define CW_HTTP_LINGER_MS               2000
#define CW_HTTP_REFUSED_CONNECTIONS     64
#define CW_HTTP_LOOPS                   64
#define CW_CODED_BYTES_MIN              1024          /* shorter answers fit one packet anyway */
#define CW_CODED_BYTES_MAX              (1024 * 1024) /* longer ones would hold up the loop */

/* rates of callers, when configured */
#define CW_RATE_CALLERS 16384   /* remembered at once; the longest idle are forgotten */
#define CW_RATE_BURST_S 10      /* seconds of the rate that may come at once */
#define CW_RATE_MAX     1000000 /* per second */

/* JSON */
#define CW_JSON_BYTES (1024 * 1024)
#define CW_JSON_DEPTH 64

/* JSON Schema */
#define CW_SCHEMA_STEPS                                                                            \
    2000000 /* keyword checks per document; the largest demo product needs about a fiftieth */
#define CW_SCHEMA_STEPS_PER_VALUE                                                                  \
    20 /* of a product document: what it may take grows with it; each value needs about four */
#define CW_SCHEMA_DEPTH            256 /* nested applicators, so a schema that refers to itself ends */
#define CW_SCHEMA_PATTERN_MATCHES  100000
#define CW_SCHEMA_PATTERN_HEAP_KIB 1024
#define CW_SCHEMA_FILE_BYTES       (64 * 1024 * 1024) /* a document on the command line */
#define CW_SCHEMA_DOCUMENTS        1024               /* registered with --ref */
#define CW_SCHEMA_FOLDERS          16                 /* nested below a --ref */

/* a product's selections as a JSON Schema (exchange) */
#define CW_SELECTION_SCHEMA_BYTES  (1024 * 1024) /* of rules; further ones are left out */
#define CW_SELECTION_SCHEMA_STATES 1024          /* partial sums of one rule */

/* products */
#define CW_EXCHANGE_BYTES       (16 * 1024 * 1024) /* a model to import */
#define CW_UVL_CONDITIONS       65536              /* of one constraint, written out */
#define CW_PRODUCT_BYTES        (64 * 1024 * 1024) /* a file or a stored version */
#define CW_PRODUCT_UPLOAD_BYTES (4 * 1024 * 1024)  /* over HTTP */
#define CW_MAX_OPTIONS          32768
#define CW_MAX_RULES            262144
#define CW_MAX_RULE_CONDITIONS  4096 /* in one list of a rule or condition */
#define CW_MAX_TABLE_ROWS       250000
#define CW_MAX_OVERLAYS         256
#define CW_MAX_TESTS            1024
#define CW_MAX_MULTI_CHOICES    64
#define CW_MAX_MFG_ITEMS        256 /* lines, operations or checks of one product */
#define CW_TEXT_GRAPHEMES       64
#define CW_TEXT_BYTES           1024
#define CW_BASELINE_BYTES       2048   /* path data of a text's baseline */
#define CW_SPACING_MILLI        1000   /* letter spacing, 1/1000 em, either way */
#define CW_CONFIGURE_STEPS      200000 /* search steps for one question */
#define CW_PATTERN_MATCH_STEPS  20000  /* PCRE2 match limit for one text */
#define CW_PATTERN_HEAP_KIB     256

/* rules (docs: explanation/rule-engine) */
#define CW_MODEL_VALUES           65536 /* of one variable */
#define CW_MODEL_VARS             131072
#define CW_MODEL_ALL_VALUES       4194304 /* of all variables together */
#define CW_MODEL_ORIGINS          1048576
#define CW_RULES_TABLE_ROWS       250000 /* of one table, after lowering */
#define CW_RULES_CLAUSES          64     /* one condition may become, else a helper variable */
#define CW_RULES_COMPILE_MS       2000   /* first try */
#define CW_RULES_COMPILE_BRANCHES 400000
#define CW_RULES_COMPILE_BYTES    (16u * 1024 * 1024)
#define CW_RULES_RETRY_MS         60000 /* second try, off the request path */
#define CW_RULES_RETRY_BRANCHES   8000000
#define CW_RULES_RETRY_BYTES      (256u * 1024 * 1024)
#define CW_RULES_MEMORY_BYTES     (1024u * 1024 * 1024)
#define CW_RULES_RETRY_MAX_MS     600000
#define CW_RULES_ASK_THREADS      2
#define CW_RULES_ASK_QUEUE        64 /* questions that wait for a solver */
#define CW_PUBLISH_QUEUE          16 /* documents that wait to be checked */
#define CW_RETRY_QUEUE            1024
#define CW_RULES_DIAGNOSE_ASK_MS                                                                   \
    10000                             /* the first question about a version, when it is checked    \
                                       */
#define CW_DIAGNOSE_MS          5000  /* for searches behind redundant rules and pairs */
#define CW_DIAGNOSE_PUBLISH_MS  1000  /* the same when a document comes to be published */
#define CW_COMPARE_PUBLISH_MS   3000  /* for saved designs and open orders when a version comes */
#define CW_FINDINGS             100   /* told of one kind; the rest is counted */
#define CW_RULES_GRACE_MS       1000  /* for a worker to answer after its budget */
#define CW_RULES_ASK_MS         2000  /* one question to the SAT tier */
#define CW_RULES_LOAD_MS        10000 /* for a solver to take a model in */
#define CW_RULES_REQUEST_BYTES  (64u * 1024 * 1024) /* to a worker: the encoded model */
#define CW_RULES_SLACK_BYTES    4096 /* of a worker's answer, besides what was asked for */
#define CW_RULES_PROCESS_BYTES  (96u * 1024 * 1024) /* a worker maps, besides its budget */
#define CW_RULES_SOLVERS        8                   /* solver processes at once, of all products */
#define CW_RULES_SOLVER_CPU_S   600                 /* of one solver process; then it is replaced */
#define CW_RULES_SOLVER_IDLE_MS 300000 /* without a question: a solver process is ended */
#define CW_RULES_UNUSED_S       86400  /* younger files in <data>/rules are never removed */
#define CW_RULES_RESTART_MIN_MS 50
#define CW_RULES_RESTART_MAX_MS 5000
#define CW_RULES_GROUNDS        8                   /* states of availability an engine remembers */
#define CW_RULES_GROUND_BYTES   (16u * 1024 * 1024) /* of reasons it remembers */
#define CW_RULES_SMALL_BYTES    (256u * 1024) /* an artefact whose reasons are remembered … */
#define CW_RULES_SMALL_VALUES   8192          /* … and so many values */
#define CW_RULES_SMALL_OPTIONS  512 /* answered in the loop; larger products by the crew */
#define CW_REPAIRS              10
#define CW_REPAIR_WORK_BYTES    (16u * 1024 * 1024) /* of diagrams read for one list of repairs */
#define CW_REPAIR_PARTS_MIN     64
#define CW_SAMPLES              1000
#define CW_DIVERSE_POOL         1000
#define CW_GOAL_LABELS          100000

/* previews */
#define CW_PREVIEW_MIN_PX           64
#define CW_PREVIEW_MAX_PX           4096
#define CW_PREVIEW_DPR_MAX          3
#define CW_PREVIEW_MARK_BYTES       63 /* what a picture says of itself */
#define CW_DECAL_PIXELS             (64 * 1000 * 1000)
#define CW_DECAL_MIN_UM_PER_PX      20
#define CW_PATTERN_TILES            20000
#define CW_PATTERN_PATH_BYTES       (8 * 1024 * 1024) /* path data × tiles */
#define CW_ARTWORK_SIDE_UM          (2 * 1000 * 1000)
#define CW_ARTWORK_BLEED_UM         (20 * 1000)
#define CW_DRAWING_POINTS           (2 * 1000 * 1000) /* of one artwork */
#define CW_RENDER_QUEUE             256
#define CW_RENDER_DEADLINE_MS       10000
#define CW_RENDER_JOBS_PER_WORKER   1000
#define CW_RENDER_MESSAGE_BYTES     65536
#define CW_RENDER_IMAGE_BYTES       (32 * 1024 * 1024)
#define CW_CACHE_MEMORY_BYTES       (128 * 1024 * 1024)
#define CW_CACHE_MEASURE_BYTES      (4 * 1024 * 1024)
#define CW_CACHE_ANSWER_BYTES       (32 * 1024 * 1024) /* answers to clicks */
#define CW_RENDER_WORKERS           64
#define CW_RENDER_START_DEADLINE_MS 10000
#define CW_RENDER_RESTART_MIN_MS    50
#define CW_RENDER_RESTART_MAX_MS    5000
#define CW_REDIS_GET_MS             25
#define CW_REDIS_SET_MS             100
#define CW_REDIS_CONNECT_MS         1000
#define CW_REDIS_BACKOFF_MIN_MS     50
#define CW_REDIS_BACKOFF_MAX_MS     5000
#define CW_REDIS_FAILURES           5 /* in a row: the connection is given up for a back-off */
#define CW_REDIS_TTL_S              (30 * 24 * 3600)
#define CW_REDIS_COMMANDS           1024
#define CW_REDIS_OUTGOING_BYTES     (16 * 1024 * 1024)

/* orders */
#define CW_IDEMPOTENCY_KEY_BYTES 255
#define CW_ORDER_QUANTITY        999
#define CW_LEASE_MAX             50
#define CW_LEASE_WAIT_S          30
#define CW_LEASE_SECONDS_MIN     30
#define CW_LEASE_SECONDS_MAX     3600
#define CW_LEASE_READS           5
#define CW_EVENT_ID_BYTES        128
#define CW_STORE_QUEUE           1024
#define CW_STORE_GROUP           64   /* jobs of one commit */
#define CW_STORE_READERS         2    /* threads */
#define CW_STORE_BUSY_MS         5000 /* wait for another process's lock */

/* stock */
#define CW_STOCK_ITEMS      20000 /* that were ever set in or out */
#define CW_STOCK_ITEM_BYTES 64

/* answers */
#define CW_FAULTS 20

/* uploaded artwork: one importer process per file */
#define CW_IMPORT_FILE_BYTES    (25 * 1024 * 1024)
#define CW_IMPORT_SVG_BYTES     (5 * 1024 * 1024)
#define CW_IMPORT_PROFILE_BYTES (1024 * 1024) /* and any other chunk beside the pixels */
#define CW_IMPORT_SIDE_PX       16384
#define CW_IMPORT_PIXELS        (40 * 1000 * 1000) /* × 4 bytes, the most one file may become */
#define CW_IMPORT_SCANS_PIXELS                                                                     \
    (24 * 1000 * 1000)               /* of a JPEG in several scans: 6 bytes more each */
#define CW_IMPORT_DRAW_PX      2048  /* longest side of a drawing's pixels */
#define CW_IMPORT_CPU_MS       1800  /* of work on one file … */
#define CW_IMPORT_DEADLINE_MS  10000 /* … and of waiting, on a busy machine */
#define CW_IMPORT_MEMORY_BYTES (192u * 1024 * 1024) /* private; pictures are shared memory */
#define CW_SVG_ELEMENTS        10000
#define CW_SVG_DEPTH           32
#define CW_SVG_WORK            200000 /* elements and points, as often as they are referred to */

/* shoppers' pictures */
#define CW_ARTWORK_LEVEL_PX    2048               /* longest side of what previews draw from */
#define CW_ARTWORK_SMALL_PX    512                /* longest side of what pages show */
#define CW_ARTWORKS_DAYS_MAX   3650               /* highest to configure */
#define CW_ARTWORK_SWEEP_S     3600               /* from one search for old pictures to the next */
#define CW_ARTWORKS_MB_MAX     (16 * 1024 * 1024) /* highest to configure */
#define CW_ARTWORK_QUEUE       16                 /* uploads that wait to be judged */
#define CW_ARTWORK_SPOOL_QUEUE 256                /* pieces of uploads that wait to be written */
#define CW_ARTWORK_PER_MINUTE  10 /* uploads of one address, when this goes on … */
#define CW_ARTWORK_BURST       30 /* … and at once */

/* contact sheets */
#define CW_CONTACT_CELLS   512
#define CW_CONTACT_SIDE_PX 16384

/* art bundles and packs */
#define CW_ART_SIDE_PX         4096
#define CW_TILE_PX             2048 /* a side of a pattern's tile … */
#define CW_TILE_MIN_PX         8
#define CW_TILE_DRAW_PX        1024 /* … and the longer one of a drawing */
#define CW_TILE_FOLDER         "tiles"
#define CW_ART_JSON_BYTES      (1024 * 1024)
#define CW_ART_PNG_BYTES       (128 * 1024 * 1024)
#define CW_PACK_BYTES          (1024u * 1024 * 1024)
#define CW_RENDER_PACKS        8
#define CW_RENDER_RECENT       8                   /* pictures a worker remembers … */
#define CW_RENDER_RECENT_BYTES (32u * 1024 * 1024) /* … in all */
#define CW_RENDER_PARTS        64
#define CW_RENDER_DECALS       32
#define CW_RENDER_PICTURES     4  /* of shoppers' own, in one job */
#define CW_VIEW_LAYERS         32 /* of a flat view */
