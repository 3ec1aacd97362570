/* This file owns the requests as bytes. */
#include "request.h"

#include "fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest of the fixed parts: three headers with their lengths, EX and its number. */
#define BENCH_OVERHEAD_MAX 160

static void append(struct bench_template *template, const char *bytes, size_t size) {
    memcpy(template->bytes + template->size, bytes, size);
    template->size += size;
}

static void append_header(struct bench_template *template, char kind, size_t number) {
    char header[32];
    append(template, header, (size_t)snprintf(header, sizeof header, "%c%zu\r\n", kind, number));
}

static void append_bulk(struct bench_template *template, const char *bytes, size_t size) {
    append_header(template, '$', size);
    append(template, bytes, size);
    append(template, "\r\n", 2);
}

static void append_key_hole(struct bench_template *template, uint32_t key_size) {
    append_header(template, '$', key_size);
    template->key_at = template->size;
    template->size += key_size;
    append(template, "\r\n", 2);
}

static void init_get(struct bench_template *get, const struct bench_options *options) {
    get->bytes = bench_allocate(BENCH_OVERHEAD_MAX + options->key_size, 1);
    append_header(get, '*', 2);
    append_bulk(get, "GET", 3);
    append_key_hole(get, options->key_size);
}

static void init_set(struct bench_template *set, const struct bench_options *options) {
    set->bytes = bench_allocate(BENCH_OVERHEAD_MAX + options->key_size + options->value_size, 1);
    append_header(set, '*', options->ttl ? 5 : 3);
    append_bulk(set, "SET", 3);
    append_key_hole(set, options->key_size);
    append_header(set, '$', options->value_size);
    memset(set->bytes + set->size, 'v', options->value_size);
    set->size += options->value_size;
    append(set, "\r\n", 2);
    if (options->ttl) {
        char seconds[32];
        append_bulk(set, "EX", 2);
        append_bulk(set, seconds, (size_t)snprintf(seconds, sizeof seconds, "%lu", options->ttl));
    }
}

void bench_requests_init(struct bench_requests *requests, const struct bench_options *options) {
    *requests = (struct bench_requests){.key_size = options->key_size};
    init_get(&requests->get, options);
    init_set(&requests->set, options);
    requests->hit_header_size = (size_t)snprintf(requests->hit_header, sizeof requests->hit_header, "$%u\r\n",
                                                 options->value_size);
    requests->hit_size = requests->hit_header_size + options->value_size + 2;
}

void bench_requests_free(struct bench_requests *requests) {
    free(requests->get.bytes);
    free(requests->set.bytes);
}

void bench_request_write(const struct bench_requests *requests, const struct bench_template *template,
                         uint32_t key, char *out) {
    memcpy(out, template->bytes, template->size);
    char *hole = out + template->key_at;
    hole[0] = 'k';
    for (uint32_t i = requests->key_size; i-- > 1; key /= 10) hole[i] = (char)('0' + key % 10);
}
