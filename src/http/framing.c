/*
 * Gives the fields that frame a message their meaning. Two readings of one message are what request
 * smuggling lives from, so every doubtful combination is an error here, never a choice.
 * Does not read bodies (body.c) nor fields that only handlers care about. Runs in the server.
 */
#include "http/framing.h"

#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS 18 /* any more would overflow a signed 64-bit length */

bool cw_http_list_has(const char *list, const char *token) {
    size_t length = strlen(token);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        size_t trimmed = item;
        while (trimmed > 0 && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == length && strncasecmp(list, token, length) == 0)
            return true;
        list += item;
    }
    return false;
}

/* uri-host [":" port]; reg-name, IPv4 or bracketed IPv6 characters, nothing that could be user info
 * or a path. */
static bool is_host(const char *host) {
    size_t length = strlen(host);
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~!$&'()*+,;=:[]%";
    return length > 0 && length <= 255 && strspn(host, allowed) == length;
}

static enum cw_status read_host(const struct cw_http_head *head, struct cw_http_framing *framing,
                                struct cw_error *err) {
    size_t count = 0;
    const char *host = cw_http_head_field(head, "Host", &count);
    if (count > 1 || (count == 0 && head->minor == 1))
        return cw_fail(err, CW_E_INPUT, "http.host",
                       "a request needs exactly one Host, this has %zu", count);
    if (count == 1 && !is_host(host))
        return cw_fail(err, CW_E_INPUT, "http.host", "the Host field is not a host and port");
    framing->host = count == 1 ? host : "";
    return CW_OK;
}

static enum cw_status read_length(const char *text, struct cw_http_framing *framing,
                                  struct cw_error *err) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        return cw_fail(err, CW_E_INPUT, "http.content_length", "Content-Length is not a number");
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i >= LENGTH_DIGITS)
            return cw_fail(err, CW_E_LIMIT, "http.body_too_large",
                           "Content-Length has more than %d digits", LENGTH_DIGITS);
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    framing->kind = value > 0 ? CW_HTTP_LENGTH_BODY : CW_HTTP_NO_BODY;
    framing->content_length = value;
    return CW_OK;
}

static enum cw_status read_body_framing(const struct cw_http_head *head,
                                        struct cw_http_framing *framing, struct cw_error *err) {
    size_t lengths = 0, encodings = 0;
    const char *length = cw_http_head_field(head, "Content-Length", &lengths);
    const char *encoding = cw_http_head_field(head, "Transfer-Encoding", &encodings);
    if (lengths > 0 && encodings > 0)
        return cw_fail(err, CW_E_INPUT, "http.framing_conflict",
                       "Content-Length and Transfer-Encoding exclude each other");
    if (lengths > 1)
        return cw_fail(err, CW_E_INPUT, "http.content_length", "more than one Content-Length");
    if (encodings > 0 && head->minor == 0)
        return cw_fail(err, CW_E_INPUT, "http.framing_conflict",
                       "HTTP/1.0 has no Transfer-Encoding");
    if (encodings > 1 || (encodings == 1 && strcasecmp(encoding, "chunked") != 0))
        return cw_fail(err, CW_E_INPUT, "http.transfer_encoding",
                       "only Transfer-Encoding: chunked is understood");
    if (encodings == 1) {
        framing->kind = CW_HTTP_CHUNKED_BODY;
        return CW_OK;
    }
    return lengths == 1 ? read_length(length, framing, err) : CW_OK;
}

/* Fields whose second value another reader might prefer. */
static enum cw_status check_single(const struct cw_http_head *head, struct cw_error *err) {
    static const char *const single[] = {"Authorization", "Content-Type", "Content-Encoding",
                                         "Expect",        "Origin",       "Idempotency-Key"};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        size_t count = 0;
        (void)cw_http_head_field(head, single[i], &count);
        if (count > 1)
            return cw_fail(err, CW_E_INPUT, "http.duplicate_field", "%s may stand only once",
                           single[i]);
    }
    return CW_OK;
}

static bool list_has(const struct cw_http_head *head, const char *name, const char *token) {
    for (size_t i = 0; i < head->field_count; i++)
        if (strcasecmp(head->fields[i].name, name) == 0 &&
            cw_http_list_has(head->fields[i].value, token))
            return true;
    return false;
}

enum cw_status cw_http_framing_read(const struct cw_http_head *head,
                                    struct cw_http_framing *ret_framing, struct cw_error *err) {
    struct cw_http_framing framing = {.kind = CW_HTTP_NO_BODY, .host = ""};
    enum cw_status status = read_host(head, &framing, err);
    if (status == CW_OK)
        status = read_body_framing(head, &framing, err);
    if (status == CW_OK)
        status = check_single(head, err);
    if (status != CW_OK)
        return status;
    const char *expect = head->minor == 1 ? cw_http_head_field(head, "Expect", NULL) : NULL;
    if (expect != NULL && strcasecmp(expect, "100-continue") != 0)
        return cw_fail(err, CW_E_INPUT, "http.expectation",
                       "only Expect: 100-continue is understood");
    const char *coding = cw_http_head_field(head, "Content-Encoding", NULL);
    if (coding != NULL && strcasecmp(coding, "identity") != 0)
        return cw_fail(err, CW_E_INPUT, "http.content_encoding",
                       "request bodies must not be compressed");
    /* HTTP/1.0 connections always end with the answer: its keep-alive extension has no rules worth
     * the risk. */
    framing.keep_alive = head->minor == 1 && !list_has(head, "Connection", "close");
    framing.expects_continue = expect != NULL && framing.kind != CW_HTTP_NO_BODY;
    *ret_framing = framing;
    return CW_OK;
}
