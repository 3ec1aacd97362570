/* This file owns stretches of addresses (span.h) and arguments on their way into them, as tests see both. */
#ifndef PROBE_SPANS_H
#define PROBE_SPANS_H

#include "redistill_hot.h"

struct probe_spans;

/* NULL when memory is out. */
struct probe_spans *probe_spans_new(uint64_t reserve_bytes, uint64_t limit);
void probe_spans_free(struct probe_spans *spans);

/* NULL when addresses are out. The owner may write the first `bytes`. */
void *probe_span_take(struct probe_spans *spans, uint64_t bytes, uint64_t most);
void probe_span_claim(struct probe_spans *spans, void *span, uint64_t bytes);
void probe_span_give(struct probe_spans *spans, void *span, uint64_t bytes);

bool probe_spans_cool(struct probe_spans *spans, uint64_t bytes);
bool probe_spans_check(struct probe_spans *spans);
uint64_t probe_spans_warm(const struct probe_spans *spans);
/* Bytes of all stretches that are resident, as the kernel says. */
uint64_t probe_spans_resident(const struct probe_spans *spans);

struct probe_store;
struct probe_argument;

/* A client has announced an argument of so many bytes. NULL when memory is out. */
struct probe_argument *probe_argument_new(struct probe_store *store, uint64_t length);
/* So many of its bytes come, all of them `byte`; false when memory is out. */
bool probe_argument_receive(struct probe_argument *argument, uint64_t bytes, char byte);
/* It is whole: what came, as one value. Borrowed. */
struct rd_slice probe_argument_value(const struct probe_argument *argument);
void probe_argument_free(struct probe_argument *argument);

#endif
