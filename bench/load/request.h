/* This file owns the requests as bytes, and what a right answer to each looks like. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

#define BENCH_OK_REPLY "+OK\r\n"
#define BENCH_OK_REPLY_SIZE 5

/* A request with a hole for the key. */
struct bench_template {
    char *bytes;        /* owned */
    size_t size;
    size_t key_at;
};

struct bench_requests {
    struct bench_template get;
    struct bench_template set;
    uint32_t key_size;
    char hit_header[16];        /* "$64\r\n": how every hit begins */
    size_t hit_header_size;
    size_t hit_size;            /* header, value, CRLF */
};

void bench_requests_init(struct bench_requests *requests, const struct bench_options *options);
void bench_requests_free(struct bench_requests *requests);

/* Writes the request for the key of that number to `out`, which has room for template->size. */
void bench_request_write(const struct bench_requests *requests, const struct bench_template *template,
                         uint32_t key, char *out);

#endif
