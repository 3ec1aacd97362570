/* This file owns reading the head of an HTTP/1 request. */
#include "resp/http_request.h"

#include <string.h>
#include <strings.h>

#define BAD_REQUEST 400
#define TOO_LARGE 431
#define VERSION_NOT_SUPPORTED 505

/* The end of the head, behind its empty line; NULL when that has not come. */
static char *end_of_head(char *bytes, size_t length) {
    char *at = bytes, *end = bytes + length;
    while (at < end) {
        char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) return NULL;
        bool is_empty = line_end == at || (line_end == at + 1 && *at == '\r');
        if (is_empty && at > bytes) return line_end + 1;
        at = line_end + 1;
    }
    return NULL;
}

/* Terminates the line at *rest and steps behind it. */
static char *next_line(char **rest) {
    char *line = *rest, *end = strchr(line, '\n');
    *rest = end + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r') end[-1] = '\0';
    return line;
}

static int digit_of(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* False where a zero byte would end the path early. */
static bool decode(char *path) {
    char *to = path;
    for (char *from = path; *from; from++) {
        int high = *from == '%' ? digit_of(from[1]) : -1, low = high >= 0 ? digit_of(from[2]) : -1;
        if (low < 0) {
            *to++ = *from;
            continue;
        }
        if (high + low == 0) return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return true;
}

/* "GET /path?query HTTP/1.1" */
static int read_first_line(char *line, struct rd_http_request *request) {
    char *target = strchr(line, ' ');
    if (!target || target == line) return BAD_REQUEST;
    *target++ = '\0';
    char *version = strchr(target, ' ');
    if (!version || strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(line)) return BAD_REQUEST;
    *version++ = '\0';
    if (strncmp(version, "HTTP/", 5) != 0) return BAD_REQUEST;
    if (strncmp(version, "HTTP/1.", 7) != 0) return VERSION_NOT_SUPPORTED;
    if (strncasecmp(target, "http://", 7) == 0) {
        target = strchr(target + 7, '/');
        if (!target) return BAD_REQUEST;
    }
    target[strcspn(target, "?#")] = '\0';
    if (*target != '/' || !decode(target)) return BAD_REQUEST;
    request->method = line;
    request->path = target;
    return RD_HTTP_WHOLE;
}

static bool read_header(char *line, struct rd_http_request *request) {
    char *value = strchr(line, ':');
    if (!value || value == line || strcspn(line, " \t") < (size_t)(value - line)) return false;
    *value++ = '\0';
    value += strspn(value, " \t");
    char *end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';
    if (strcasecmp(line, "authorization") == 0 && !request->authorization) request->authorization = value;
    if (strcasecmp(line, "accept") == 0 && !request->accept) request->accept = value;
    if (strcasecmp(line, "host") == 0 && !request->host) request->host = value;
    return true;
}

int rd_http_request_read(char *bytes, size_t length, size_t room, struct rd_http_request *request) {
    /* Empty lines in front are skipped, as RFC 9112 asks for. */
    size_t blank = 0;
    while (blank < length && (bytes[blank] == '\r' || bytes[blank] == '\n')) blank++;
    char *at = bytes + blank, *end = end_of_head(at, length - blank);
    if (!end) return length + 1 < room ? RD_HTTP_MORE : TOO_LARGE;
    if (memchr(at, '\0', (size_t)(end - at))) return BAD_REQUEST;
    *end = '\0'; /* of a body's first byte, or of the free one */
    *request = (struct rd_http_request){0};
    int result = read_first_line(next_line(&at), request);
    while (result == RD_HTTP_WHOLE) {
        char *line = next_line(&at);
        if (!*line) return RD_HTTP_WHOLE;
        if (!read_header(line, request)) result = BAD_REQUEST;
    }
    return result;
}
