/*
 * Responsible for: `cordwain schema validate|check`: JSON Schema 2020-12 for anybody's documents.
 * Does not: fetch anything: a reference leads to the schema itself, to a --ref or to the draft's
 * own meta-schema. Command line.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "catalog/report.h"
#include "cli/cli.h"
#include "cordwain/limits.h"
#include "jsonschema/schema.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"

struct document {
    struct cw_report_source source; /* file and text */
    json_t *json;
};

struct work {
    struct cli *cli;
    struct document schema;
    size_t count; /* of the registered documents */
    struct document refs[CW_SCHEMA_DOCUMENTS];
    struct cw_schema_resource resources[CW_SCHEMA_DOCUMENTS];
};

static void report(const struct cli *cli, const struct cw_report_source *source,
                   const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    if (cli->json) {
        cw_report_schema_json(source, faults, &buf);
    } else {
        cw_report_text(source, faults, &buf);
    }
    fputs(buf.data ? buf.data : "", cli->json ? stdout : stderr);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum cw_status read_stdin(struct cw_arena *arena, char **ret_text, size_t *ret_length,
                                 struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    char chunk[65536];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0 && buf.length <= CW_SCHEMA_FILE_BYTES) {
        cw_buf_add(&buf, chunk, n);
    }
    if (ferror(stdin)) {
        return cw_fail(err, CW_E_IO, "file.read", "cannot read standard input");
    }
    char *text = cw_arena_alloc(arena, buf.length + 1); /* may hold NUL bytes */
    memcpy(text, buf.data ? buf.data : "", buf.length);
    *ret_text = text;
    *ret_length = buf.length;
    return CW_OK;
}

/* CLI_OK; CLI_REFUSED: it is no JSON, told; CLI_USAGE: it cannot be read, told. */
static int read_document(const struct cli *cli, struct cw_arena *arena, const char *file,
                         struct document *document) {
    struct cw_error err = {0};
    char *text = "";
    size_t length = 0;
    bool standard = strcmp(file, "-") == 0;
    enum cw_status status =
        standard ? read_stdin(arena, &text, &length, &err)
                 : cw_file_read(arena, file, CW_SCHEMA_FILE_BYTES, &text, &length, &err);
    document->source =
        (struct cw_report_source){standard ? "(standard input)" : file, text, length};
    if (status != CW_OK) {
        (void)cli_fail(cli, &err);
        return CLI_USAGE;
    }
    if (cw_json_read(arena, text, length, CW_SCHEMA_FILE_BYTES, &document->json, &err) == CW_OK) {
        return CLI_OK;
    }
    struct cw_faults faults = {.arena = arena};
    cw_fault_add(&faults, err.code, "", "%s", err.message);
    report(cli, &document->source, &faults);
    return CLI_REFUSED;
}

/* ---- --ref ----------------------------------------------------------------------------------- */

static int add_file(struct work *work, const char *uri, const char *file) {
    if (work->count == CW_SCHEMA_DOCUMENTS) {
        return cli_usage(work->cli, "more than %d documents to refer to", CW_SCHEMA_DOCUMENTS);
    }
    struct document *document = &work->refs[work->count];
    int code = read_document(work->cli, work->cli->arena, file, document);
    if (code == CLI_OK) {
        work->resources[work->count++] = (struct cw_schema_resource){uri, document->json};
    }
    return code;
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Every *.json below a folder under URI/path; links lead at most CW_SCHEMA_FOLDERS deep. */
static int add_folder(struct work *work, const char *uri, const char *folder, size_t depth) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort), code = CLI_OK;
    if (count < 0 || depth > CW_SCHEMA_FOLDERS) {
        code = cli_usage(work->cli, "cannot read the folder '%s'", folder);
    }
    const char *slash = *uri && uri[strlen(uri) - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        const char *path = cw_arena_printf(work->cli->arena, "%s/%s", folder, name);
        const char *address = cw_arena_printf(work->cli->arena, "%s%s%s", uri, slash, name);
        size_t length = strlen(name);
        if (code == CLI_OK && name[0] != '.') {
            if (is_folder(path)) {
                code = add_folder(work, address, path, depth + 1);
            } else if (length > 5 && strcmp(name + length - 5, ".json") == 0) {
                code = add_file(work, address, path);
            }
        }
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return code;
}

static int add_refs(struct work *work) {
    const struct cli *cli = work->cli;
    int code = CLI_OK;
    for (size_t i = 0; code == CLI_OK && i < cli->option_count; i++) {
        const char *value = cli->options[i].value;
        if (strcmp(cli->options[i].name, "ref") != 0) {
            continue;
        }
        const char *equals = strrchr(value, '=');
        if (!equals || equals == value || !equals[1]) {
            return cli_usage(cli, "--ref needs URI=FILE or URI=FOLDER, not '%s'", value);
        }
        const char *uri = cw_arena_strndup(cli->arena, value, (size_t)(equals - value));
        code = is_folder(equals + 1) ? add_folder(work, uri, equals + 1, 0)
                                     : add_file(work, uri, equals + 1);
    }
    return code;
}

/* ---- the schema ------------------------------------------------------------------------------ */

static int refuse_schema(struct work *work, const struct cw_report_source *source,
                         const struct cw_faults *faults) {
    report(work->cli, source, faults);
    return CLI_REFUSED;
}

/* A compile error, told where it stands: in the schema or in a registered document. */
static int refuse_compiled(struct work *work, const struct cw_error *err) {
    const struct cw_report_source *source = &work->schema.source;
    for (size_t i = 0; *err->detail && i < work->count; i++) {
        if (strcmp(work->resources[i].uri, err->detail) == 0) {
            source = &work->refs[i].source;
        }
    }
    struct cw_faults faults = {.arena = work->cli->arena};
    cw_fault_add(&faults, err->code, err->pointer, "%s", err->message);
    return refuse_schema(work, source, &faults);
}

/* Against its meta-schema, which says everything at once; compiling stops at the first mistake. */
static int check_form(struct work *work) {
    const char *meta = json_string_value(json_object_get(work->schema.json, "$schema"));
    CW_AUTO_JSON json_t *reference = json_pack("{s:s}", "$ref", meta ? meta : DRAFT);
    struct cw_schema_source source = {
        .schema = reference, .resource_count = work->count, .resources = work->resources};
    CW_AUTO_SCHEMA struct cw_schema *compiled = NULL;
    struct cw_faults faults = {.arena = work->cli->arena};
    struct cw_error err = {0};
    if (cw_schema_compile(&source, &compiled, &err) != CW_OK) {
        if (*err.detail) {
            return refuse_compiled(work, &err);
        }
        cw_fault_add_hint(&faults, "schema.dialect", "/$schema",
                          "use \"" DRAFT "\", or register the meta-schema with --ref",
                          "this dialect of JSON Schema is not known here");
    } else if (cw_schema_validate(compiled, work->schema.json, NULL, &faults) == CW_OK) {
        return CLI_OK;
    }
    return refuse_schema(work, &work->schema.source, &faults);
}

static int open_schema(struct work *work, struct cw_schema **ret_schema) {
    int code = read_document(work->cli, work->cli->arena, work->cli->words[0], &work->schema);
    code = code == CLI_OK ? add_refs(work) : code;
    code = code == CLI_OK ? check_form(work) : code;
    if (code != CLI_OK) {
        return code;
    }
    struct cw_schema_source source = {.schema = work->schema.json,
                                      .resource_count = work->count,
                                      .resources = work->resources,
                                      .formats = cli_has(work->cli, "formats")};
    struct cw_error err = {0};
    return cw_schema_compile(&source, ret_schema, &err) == CW_OK ? CLI_OK
                                                                 : refuse_compiled(work, &err);
}

static struct work *work_new(struct cli *cli) {
    struct work *work = cw_arena_alloc(cli->arena, sizeof *work);
    work->cli = cli;
    work->count = 0;
    return work;
}

/* ---- commands -------------------------------------------------------------------------------- */

static int validate_file(const struct cli *cli, const struct cw_schema *schema, const char *file) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct document document;
    int code = read_document(cli, arena, file, &document);
    if (code != CLI_OK) {
        return code;
    }
    struct cw_faults faults = {.arena = arena};
    enum cw_status status = cw_schema_validate(schema, document.json, NULL, &faults);
    if (status != CW_OK || cli->json) {
        report(cli, &document.source, &faults);
    } else {
        printf("%s: valid\n", document.source.file);
    }
    return status == CW_OK ? CLI_OK : status == CW_E_INPUT ? CLI_REFUSED : CLI_USAGE;
}

static bool names_stdin_twice(const struct cli *cli) {
    size_t times = 0;
    for (size_t i = 0; i < cli->word_count; i++) {
        times += strcmp(cli->words[i], "-") == 0;
    }
    return times > 1;
}

static int run_validate(struct cli *cli) {
    if (cli->word_count < 2) {
        return cli_usage(cli, "name a schema and one or more documents; see --help");
    }
    if (names_stdin_twice(cli)) {
        return cli_usage(cli, "'-' can be read only once");
    }
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    if (open_schema(work_new(cli), &schema) != CLI_OK) {
        return CLI_USAGE;
    }
    int worst = CLI_OK;
    for (size_t i = 1; i < cli->word_count; i++) {
        int code = validate_file(cli, schema, cli->words[i]);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run_check(struct cli *cli) {
    if (cli->word_count != 1) {
        return cli_usage(cli, "name one schema; see --help");
    }
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    struct work *work = work_new(cli);
    int code = open_schema(work, &schema);
    if (code == CLI_OK && cli->json) {
        report(cli, &work->schema.source, &(struct cw_faults){.arena = cli->arena});
    } else if (code == CLI_OK) {
        printf("%s: the schema is good\n", work->schema.source.file);
    }
    return code;
}

static const char *const validate_options[] = {"ref=", "formats", NULL};
static const char *const check_options[] = {"ref=", NULL};

const struct cli_command cli_schema_validate = {
    "schema",
    "validate",
    "check documents against a JSON Schema (2020-12)",
    "examples:\n"
    "  cordwain schema validate order.schema.json order-1.json order-2.json\n"
    "  curl -s http://localhost:8080/v1/products | cordwain schema validate list.schema.json -\n"
    "  cordwain schema validate --ref https://example.org/schemas=schemas/ main.json data.json\n"
    "  cordwain schema validate --json order.schema.json orders/*.json\n\n"
    "Every fault is told with line and column. References lead to the schema itself, to documents\n"
    "registered with --ref URI=FILE or --ref URI=FOLDER (every .json file below it under "
    "URI/path),\n"
    "or to the draft's meta-schema; nothing is ever fetched.\n"
    "'format' is an annotation; --formats asserts date, time, date-time, duration, email, ipv4, "
    "ipv6,\n"
    "uri, uri-reference, uuid, json-pointer, relative-json-pointer and regex.\n"
    "--json tells one line per document, with the keyword and its place in the schema.\n"
    "Exit codes: 0 all are valid, 1 some are not (or are no JSON), 2 the schema or a file is "
    "unusable.\n",
    validate_options,
    run_validate};

const struct cli_command cli_schema_check = {
    "schema",
    "check",
    "check a JSON Schema (2020-12) itself",
    "examples:\n"
    "  cordwain schema check order.schema.json\n"
    "  cordwain schema check --ref https://example.org/schemas=schemas/ main.json\n\n"
    "Checks the form of every keyword, that patterns are regular expressions of ECMA-262 and that\n"
    "every reference leads somewhere: --ref URI=FILE or --ref URI=FOLDER registers documents, "
    "nothing\n"
    "is ever fetched. Exit codes: 0 good, 1 faults were told, 2 a file cannot be read.\n",
    check_options,
    run_check};
