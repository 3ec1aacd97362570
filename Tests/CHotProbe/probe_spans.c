/* This file owns stretches of addresses, and arguments on their way into them, as tests see both. */
#include "probe_spans.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "connection/bulk.h"
#include "probe_store.h"
#include "memory/span.h"
#include "store/store.h"

#define PAGE 4096u

struct probe_spans {
    struct rd_spans spans;
};

struct probe_spans *probe_spans_new(uint64_t reserve_bytes, uint64_t limit) {
    struct probe_spans *probe = calloc(1, sizeof *probe);
    if (!probe) return NULL;
    if (rd_spans_init(&probe->spans, reserve_bytes, NULL) != RD_OK) {
        free(probe);
        return NULL;
    }
    rd_spans_fit(&probe->spans, limit);
    return probe;
}

void probe_spans_free(struct probe_spans *probe) {
    rd_spans_destroy(&probe->spans);
    free(probe);
}

void *probe_span_take(struct probe_spans *probe, uint64_t bytes, uint64_t most) {
    unsigned order;
    return rd_span_take(&probe->spans, bytes, most, &order);
}

void probe_span_claim(struct probe_spans *probe, void *span, uint64_t bytes) {
    rd_span_claim(&probe->spans, span, bytes);
}

void probe_span_give(struct probe_spans *probe, void *span, uint64_t bytes) {
    rd_span_give(&probe->spans, span, bytes);
}

bool probe_spans_cool(struct probe_spans *probe, uint64_t bytes) {
    return rd_spans_cool(&probe->spans, bytes);
}

bool probe_spans_check(struct probe_spans *probe) {
    return rd_spans_check(&probe->spans);
}

uint64_t probe_spans_warm(const struct probe_spans *probe) {
    return atomic_load(&probe->spans.warm_bytes);
}

uint64_t probe_spans_resident(const struct probe_spans *probe) {
    uint64_t pages = probe->spans.reserved / PAGE, resident = 0;
    unsigned char *map = malloc(pages);
    if (!map || mincore(probe->spans.base, probe->spans.reserved, map) != 0) abort();
    for (uint64_t i = 0; i < pages; i++) resident += map[i] & 1;
    free(map);
    return resident * PAGE;
}

struct probe_argument {
    struct rd_bulk bulk;
};

struct probe_argument *probe_argument_new(struct probe_store *store, uint64_t length) {
    struct rd_slice nothing = {0};
    struct probe_argument *argument = calloc(1, sizeof *argument);
    if (!argument) abort();
    if (rd_bulk_begin(&argument->bulk, &probe_store_inside(store)->blobs, length, nothing, nothing) == RD_OK) return argument;
    probe_argument_free(argument);
    return NULL;
}

bool probe_argument_receive(struct probe_argument *argument, uint64_t bytes, char byte) {
    while (bytes) {
        char *room;
        size_t size;
        if (rd_bulk_room(&argument->bulk, bytes, &room, &size) != RD_OK) return false;
        memset(room, byte, size);
        rd_bulk_came(&argument->bulk, size);
        bytes -= size;
    }
    return true;
}

struct rd_slice probe_argument_value(const struct probe_argument *argument) {
    return (struct rd_slice){argument->bulk.blob->bytes, argument->bulk.blob->length};
}

void probe_argument_free(struct probe_argument *argument) {
    rd_bulk_drop(&argument->bulk);
    free(argument);
}
