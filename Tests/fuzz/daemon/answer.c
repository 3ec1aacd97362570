/* This file owns the reading of replies. */
#include "answer.h"

#include <ctype.h>

#include "random.h"
#include "value.h"

#define DEEPEST 24
#define SHOWN 48

void answer_text_bulk(struct bytes *text, const char *bytes, size_t length) {
    bytes_text(text, "$");
    bytes_number(text, (long long)length);
    bytes_text(text, ":");
    uint64_t sum = length;
    for (size_t i = 0; i < length; i++) sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
    for (size_t i = 0; i < length && i < SHOWN; i++) {
        char c = bytes[i];
        bytes_add(text, isprint((unsigned char)c) ? &c : "?", 1);
    }
    char tail[24];
    bytes_add(text, tail, (size_t)snprintf(tail, sizeof tail, "#%016llx ", (unsigned long long)sum));
}

void answer_text_status(struct bytes *text, const char *status) {
    bytes_text(text, "+");
    bytes_text(text, status);
    bytes_text(text, " ");
}

void answer_text_number(struct bytes *text, long long number) {
    bytes_text(text, ":");
    bytes_number(text, number);
    bytes_text(text, " ");
}

void answer_text_array(struct bytes *text, size_t count) {
    bytes_text(text, "*");
    bytes_number(text, (long long)count);
    bytes_text(text, " ");
}

void answer_text_null(struct bytes *text) {
    bytes_text(text, "_ ");
}

struct reader {
    const char *at, *end;
    bool corrupt;
};

/* The line at the reader without its end. ANSWER_WHOLE: it is there. */
static enum answer_kind read_line(struct reader *reader, struct rd_slice *line) {
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    if (!newline) return ANSWER_MORE;
    size_t length = (size_t)(newline - reader->at);
    if (length < 2 || newline[-1] != '\r' || memchr(reader->at, '\r', length - 1)) return ANSWER_BAD;
    *line = (struct rd_slice){reader->at + 1, length - 2};
    reader->at = newline + 1;
    return ANSWER_WHOLE;
}

static bool parse_count(struct rd_slice line, long long *count) {
    char digits[24], *end;
    if (line.length == 0 || line.length >= sizeof digits) return false;
    memcpy(digits, line.bytes, line.length);
    digits[line.length] = 0;
    if (!isdigit((unsigned char)digits[0]) && digits[0] != '-') return false;
    *count = strtoll(digits, &end, 10);
    return *end == 0;
}

static enum answer_kind read_bulk(struct reader *reader, long long count, struct rd_slice *string) {
    if (count < 0 || count > (1ll << 40)) return ANSWER_BAD;
    if (reader->end - reader->at < count + 2) return ANSWER_MORE;
    if (memcmp(reader->at + count, "\r\n", 2) != 0) return ANSWER_BAD;
    *string = (struct rd_slice){reader->at, (size_t)count};
    reader->at += count + 2;
    return ANSWER_WHOLE;
}

/* Two passes go over a reply, the first without text, to know that it is whole. */
static enum answer_kind read_value(struct reader *reader, struct bytes *text, int depth, struct answer *top) {
    if (depth > DEEPEST) return ANSWER_BAD;
    if (reader->at == reader->end) return ANSWER_MORE;
    char type = *reader->at;
    if (!strchr("+-:$*_,#(=~%>|!", type) || type == 0) return ANSWER_BAD;
    struct rd_slice line;
    enum answer_kind kind = read_line(reader, &line);
    if (kind != ANSWER_WHOLE) return kind;
    struct rd_slice string = line;
    long long count = 0;
    switch (type) {
    case '+': case '-': case ',': case '#': case '(':
        if (text) {
            bytes_add(text, &type, 1);
            bytes_add(text, line.bytes, line.length);
            bytes_text(text, " ");
        }
        break;
    case '_':
        if (line.length) return ANSWER_BAD;
        if (text) answer_text_null(text);
        break;
    case ':':
        if (!parse_count(line, &count)) return ANSWER_BAD;
        if (text) answer_text_number(text, count);
        break;
    case '$': case '=': case '!':
        if (!parse_count(line, &count)) return ANSWER_BAD;
        if (count == -1 && type == '$') {
            string = (struct rd_slice){NULL, 0};
            if (text) answer_text_null(text);
            break;
        }
        kind = read_bulk(reader, count, &string);
        if (kind != ANSWER_WHOLE) return kind;
        if (text) {
            struct rd_slice key;
            answer_text_bulk(text, string.bytes, string.length);
            if (value_check(string, &key) == VALUE_WRONG) reader->corrupt = true;
        }
        break;
    default:
        if (!parse_count(line, &count)) return ANSWER_BAD;
        if (count == -1 && type == '*') {
            if (text) answer_text_null(text);
            break;
        }
        if (count < 0 || count > (1 << 26)) return ANSWER_BAD;
        if (text) answer_text_array(text, (size_t)count);
        if (type == '%' || type == '|') count *= 2;
        for (long long i = 0; i < count; i++) {
            kind = read_value(reader, text, depth + 1, NULL);
            if (kind != ANSWER_WHOLE) return kind;
        }
        /* Attributes stand before the reply that they belong to. */
        if (type == '|') return read_value(reader, text, depth, top);
    }
    if (top) {
        top->type = type;
        top->string = string;
    }
    return ANSWER_WHOLE;
}

/* 1762345678.123456 [0 127.0.0.1:1] "get" "k" */
static bool is_monitor_line(struct rd_slice line) {
    size_t i = 0;
    while (i < line.length && isdigit((unsigned char)line.bytes[i])) i++;
    if (i == 0 || i + 9 > line.length || line.bytes[i] != '.') return false;
    for (size_t j = i + 1; j < i + 7; j++) {
        if (!isdigit((unsigned char)line.bytes[j])) return false;
    }
    return memcmp(line.bytes + i + 7, " [", 2) == 0;
}

struct answer answer_read(const char *bytes, size_t length, struct bytes *text) {
    struct answer answer = {0};
    struct reader reader = {bytes, bytes + length, false};
    answer.kind = read_value(&reader, NULL, 0, &answer);
    if (answer.kind != ANSWER_WHOLE) return answer;
    answer.length = (size_t)(reader.at - bytes);
    text->length = 0;
    reader = (struct reader){bytes, bytes + length, false};
    (void)read_value(&reader, text, 0, &answer);
    answer.corrupt = reader.corrupt;
    /* DEBUG PROTOCOL PUSH answers with one of these. */
    if (answer.type == '>' && !memmem(bytes, answer.length, "server-cpu-usage", 16)) answer.kind = ANSWER_PUSH;
    if (answer.type == '+' && is_monitor_line(answer.string)) answer.kind = ANSWER_MONITOR;
    return answer;
}

void answer_groups_clear(struct answer_groups *groups) {
    groups->text.length = groups->count = 0;
}

void answer_groups_close(struct answer_groups *groups) {
    if (groups->count == groups->room) {
        groups->room = groups->room * 2 + 64;
        groups->ends = realloc(groups->ends, groups->room * sizeof groups->ends[0]);
        if (!groups->ends) abort();
    }
    bytes_add(&groups->text, "", 1); /* so that one compares as a string */
    groups->ends[groups->count++] = groups->text.length;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void answer_groups_sort(struct answer_groups *groups, uint32_t elements, struct bytes *text) {
    const char **sorted = malloc((groups->count + 1) * sizeof *sorted);
    if (!sorted) abort();
    for (uint32_t i = 0; i < groups->count; i++) sorted[i] = groups->text.at + (i ? groups->ends[i - 1] : 0);
    qsort(sorted, groups->count, sizeof *sorted, compare_texts);
    answer_text_array(text, (size_t)groups->count * elements);
    for (uint32_t i = 0; i < groups->count; i++) bytes_text(text, sorted[i]);
    free(sorted);
}

/* The head of an array; false: it is none, or not of whole groups. */
static bool read_head(struct reader *reader, uint32_t elements, long long *count) {
    struct rd_slice line;
    if (reader->at == reader->end || *reader->at != '*' || read_line(reader, &line) != ANSWER_WHOLE) return false;
    return parse_count(line, count) && *count >= 0 && *count % elements == 0;
}

/* Of SCAN's kind: an array of a string and an array, which the reader is then in front of. */
static bool read_cursor(struct reader *reader, struct bytes *text) {
    struct reader ahead = *reader;
    struct rd_slice line;
    if (read_line(&ahead, &line) != ANSWER_WHOLE || line.length != 1 || *line.bytes != '2') return false;
    text->length = 0;
    if (read_value(&ahead, text, 1, NULL) != ANSWER_WHOLE || ahead.at == ahead.end || *ahead.at != '*') return false;
    *reader = ahead;
    return true;
}

void answer_sort(const char *bytes, size_t length, uint32_t elements, struct bytes *text) {
    static struct answer_groups groups;
    static struct bytes cursor;
    struct reader reader = {bytes, bytes + length, false};
    bool has_cursor = length && *bytes == '*' && read_cursor(&reader, &cursor);
    long long count;
    if (!read_head(&reader, elements, &count)) return;
    answer_groups_clear(&groups);
    for (long long i = 1; i <= count; i++) {
        (void)read_value(&reader, &groups.text, 1, NULL);
        if (i % elements == 0) answer_groups_close(&groups);
    }
    text->length = 0;
    if (has_cursor) {
        answer_text_array(text, 2);
        bytes_add(text, cursor.at, cursor.length);
    }
    answer_groups_sort(&groups, elements, text);
}
