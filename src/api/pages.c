/*
 * Responsible for: the static pages and their files, read at start, sent by reference with
 * validators. Does not: write HTML; pages ask the API. Server process, loop thread.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/context.h"
#include "base/file.h"
#include "cordwain/limits.h"
#include "http/coded.h"

#define PAGE_BYTES (4 * 1024 * 1024)

/* Pages load nothing from elsewhere and run no inline script. */
#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "   \
    "'self'"

/* A file as it is and compressed; NULL where that is not smaller, or the file is a picture. */
struct forms {
    char etag[API_ETAG]; /* of the plain form */
    struct cw_blob *of[CW_CODINGS];
};

struct page {
    struct page *next;
    char *name; /* relative to web_dir: "index.html", "js/desk.js" */
    const char *type;
    struct forms forms;
};

struct pages {
    struct page *first;
    struct cw_coder *coder; /* while loading */
    struct forms openapi;
    struct forms errors; /* docs/reference/errors.md */
};

static const char *content_type(const char *name) {
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i].ending);
        if (length > n && strcmp(name + length - n, types[i].ending) == 0) {
            return types[i].type;
        }
    }
    return NULL;
}

/* Vector pictures are text; the others are compressed in their own way. */
static bool is_text(const char *type) {
    return strncmp(type, "image/", 6) != 0 || strcmp(type, "image/svg+xml") == 0;
}

static void compress(struct forms *forms, struct cw_coder *coder) {
    struct cw_bytes text = {cw_blob_data(forms->of[CW_CODING_IDENTITY]),
                            cw_blob_length(forms->of[CW_CODING_IDENTITY])};
    if (text.length >= CW_CODED_BYTES_MIN && coder) {
        forms->of[CW_CODING_GZIP] = cw_coder_gzip(coder, text);
        forms->of[CW_CODING_BR] = cw_coding_brotli(text);
    }
}

static enum cw_status read_forms(struct cw_coder *coder, const char *path, struct forms *ret,
                                 struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *data;
    size_t length;
    enum cw_status status = cw_file_read(arena, path, PAGE_BYTES, &data, &length, err);
    if (status != CW_OK) {
        return status;
    }
    api_etag((struct cw_bytes){(const uint8_t *)data, length}, ret->etag);
    ret->of[CW_CODING_IDENTITY] = cw_blob_new(data, length);
    compress(ret, coder);
    return CW_OK;
}

static enum cw_status load_folder(struct pages *pages, const char *root, const char *below,
                                  struct cw_error *err) {
    char path[4096], name[1024];
    snprintf(path, sizeof path, "%s/%s", root, below);
    DIR *folder = opendir(path);
    if (!folder) {
        return cw_fail(err, CW_E_IO, "pages.folder", "cannot read the pages in '%s'", path);
    }
    enum cw_status status = CW_OK;
    struct dirent *entry;
    while (status == CW_OK && (entry = readdir(folder))) {
        struct stat st;
        snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", entry->d_name);
        snprintf(path, sizeof path, "%s/%s", root, name);
        if (entry->d_name[0] == '.' || stat(path, &st) != 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            status = load_folder(pages, root, name, err);
        } else if (content_type(name)) {
            struct page *page = calloc(1, sizeof *page);
            if (!page) {
                abort();
            }
            page->name = strdup(name);
            page->type = content_type(name);
            page->next = pages->first;
            pages->first = page;
            status = read_forms(is_text(page->type) ? pages->coder : NULL, path, &page->forms, err);
        }
    }
    closedir(folder);
    return status;
}

enum cw_status api_pages_load(struct cw_api_shared *shared, struct cw_error *err) {
    char path[4096];
    shared->pages = calloc(1, sizeof *shared->pages);
    if (!shared->pages) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    struct cw_coder *coder = shared->pages->coder = cw_coder_new();
    enum cw_status status = load_folder(shared->pages, shared->config.web_dir, "", err);
    if (status == CW_OK) {
        snprintf(path, sizeof path, "%s/openapi.json", shared->config.schemas_dir);
        status = read_forms(coder, path, &shared->pages->openapi, err);
    }
    if (status == CW_OK) {
        snprintf(path, sizeof path, "%s/errors.md", shared->config.docs_dir);
        status = read_forms(NULL, path, &shared->pages->errors, err);
    }
    shared->pages->coder = NULL;
    cw_coder_free(coder);
    return status;
}

static void forms_free(const struct forms *forms) {
    for (enum cw_coding i = 0; i < CW_CODINGS; i++) {
        cw_blob_unref(forms->of[i]);
    }
}

void api_pages_free(struct pages *pages) {
    if (!pages) {
        return;
    }
    for (struct page *page = pages->first; page;) {
        struct page *next = page->next;
        forms_free(&page->forms);
        free(page->name);
        free(page);
        page = next;
    }
    forms_free(&pages->openapi);
    forms_free(&pages->errors);
    free(pages);
}

void api_page_fields(struct cw_request *req) {
    (void)!cw_reply_header(req, "Content-Security-Policy", CSP, NULL);
    (void)!cw_reply_header(req, "Referrer-Policy", "same-origin", NULL);
}

/* Set what else the answer is to carry before. */
static void reply_forms(struct cw_request *req, const char *type, const struct forms *forms) {
    (void)!cw_reply_header(req, "Cache-Control", "no-cache", NULL);
    unsigned offered = (forms->of[CW_CODING_GZIP] ? CW_CODED_GZIP : 0) |
                       (forms->of[CW_CODING_BR] ? CW_CODED_BR : 0);
    enum cw_coding coding = offered ? cw_reply_coding(req, offered) : CW_CODING_IDENTITY;
    const char *etag = cw_reply_etag(req, forms->etag, coding);
    if (cw_reply_precondition(req, etag)) {
        return;
    }
    const struct cw_header headers[] = {{"ETag", etag}, {NULL, NULL}};
    cw_reply_coded(req, coding, type, forms->of[coding], headers);
}

static void reply_page(struct cw_request *req, const char *name) {
    const struct page *page = api_of(req)->shared->pages->first;
    while (page && strcmp(page->name, name) != 0) {
        page = page->next;
    }
    if (!page) {
        struct cw_error err = {0};
        (void)cw_fail(&err, CW_E_NOT_FOUND, "page.not_found", "there is no such page");
        cw_reply_problem(req, &err);
        return;
    }
    api_page_fields(req);
    reply_forms(req, page->type, &page->forms);
}

void api_page_index(struct cw_request *req) {
    reply_page(req, "index.html");
}

void api_page_product(struct cw_request *req) {
    reply_page(req, "product.html");
}

void api_page_order(struct cw_request *req) {
    reply_page(req, "order.html");
}

void api_page_desk(struct cw_request *req) {
    reply_page(req, "desk.html");
}

void api_docs(struct cw_request *req) {
    reply_page(req, "docs.html");
}

void api_page_asset(struct cw_request *req) {
    reply_page(req, cw_request_param(req, "path"));
}

void api_openapi(struct cw_request *req) {
    reply_forms(req, "application/json", &api_of(req)->shared->pages->openapi);
}

/* ---- what an error means: the section of errors.md headed by its code ------------------------ */

static bool find_section(const struct pages *pages, const char *code, struct cw_bytes *ret) {
    const char *text = (const char *)cw_blob_data(pages->errors.of[CW_CODING_IDENTITY]);
    const char *end = text + cw_blob_length(pages->errors.of[CW_CODING_IDENTITY]);
    char heading[160];
    int n = snprintf(heading, sizeof heading, "\n### `%s`\n", code);
    if (n < 0 || (size_t)n >= sizeof heading) {
        return false;
    }
    const char *start = memmem(text, (size_t)(end - text), heading, (size_t)n);
    if (!start) {
        return false;
    }
    start += n;
    const char *stop = memmem(start, (size_t)(end - start), "\n#", 2);
    *ret = (struct cw_bytes){(const uint8_t *)start, (size_t)((stop ? stop : end) - start)};
    return true;
}

/* `words` in backticks become <code>; the rest is text. */
static void put_prose(struct cw_buf *buf, char *text) {
    bool code = false;
    for (char *mark; (mark = strchr(text, '`')); text = mark + 1, code = !code) {
        *mark = '\0';
        cw_buf_html(buf, text);
        cw_buf_puts(buf, code ? "</code>" : "<code>");
    }
    cw_buf_html(buf, text);
    cw_buf_puts(buf, code ? "</code>" : "");
}

void api_problem(struct cw_request *req) {
    const char *code = cw_request_param(req, "code");
    struct cw_bytes section;
    if (!find_section(api_of(req)->shared->pages, code, &section)) {
        struct cw_error err = {0};
        (void)cw_fail(&err, CW_E_NOT_FOUND, "problem.not_found", "no error has this code");
        cw_reply_problem(req, &err);
        return;
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
    cw_buf_html(&buf, code);
    cw_buf_puts(&buf,
                "</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                "<link rel=\"icon\" href=\"/assets/favicon.svg\" type=\"image/svg+xml\">"
                "<link rel=\"stylesheet\" href=\"/assets/style.css\"></head>\n"
                "<body class=\"problem\"><main><h1>");
    cw_buf_html(&buf, code);
    cw_buf_puts(&buf, "</h1>\n<p>");
    put_prose(&buf, cw_arena_strndup(req->arena, (const char *)section.data, section.length));
    cw_buf_puts(&buf, "</p>\n<p><a href=\"/docs\">API</a></p></main></body>\n</html>\n");
    (void)!cw_reply_header(req, "Cache-Control", "public, max-age=3600", NULL);
    api_page_fields(req);
    struct cw_bytes body = {(const uint8_t *)buf.data, buf.length};
    cw_reply_text(req, cw_reply_coding(req, CW_CODED_GZIP), "text/html; charset=utf-8", body, NULL);
}
