/* This file owns unfinished requests. */
#include "connection/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"

#include "memory/blobs.h"

/* The scanner's readers may look a word ahead when they compare command names. */
#define PADDING 16

struct rd_input *rd_input_new(void) {
    return calloc(1, sizeof(struct rd_input));
}

static void drop_blobs(struct rd_input *input) {
    for (uint32_t i = 0; i < input->received_count; i++) {
        if (input->received[i].blob) rd_blob_release(input->received[i].blob);
    }
    free(input->received);
    input->received = NULL;
    input->received_count = input->received_at = 0;
    input->blob_bytes = 0;
}

/* The argument that is being received is whole, or given up. */
static void end_promise(struct rd_input *input) {
    if (input->promised) rd_spans_end_promise(&input->bulk->blobs->spans, input->promised);
    input->promised = 0;
}

static void drop_bulk(struct rd_input *input) {
    if (!input->bulk) return;
    end_promise(input);
    rd_blob_release(input->bulk);
    input->bulk = NULL;
}

void rd_input_free(struct rd_input *input) {
    if (!input) return;
    drop_blobs(input);
    drop_bulk(input);
    rd_args_free(&input->args);
    free(input->bytes);
    free(input);
}

enum rd_status rd_input_reserve(struct rd_input *input, size_t bytes) {
    if (input->capacity >= PADDING && input->capacity - PADDING - input->length >= bytes) return RD_OK;
    size_t capacity = input->length + bytes + PADDING;
    /* A small rest stays exact, since thousands of connections may keep one; a large one grows by half again. */
    if (capacity > 4096) capacity += capacity / 2;
    uintptr_t from = (uintptr_t)input->bytes;
    char *grown = realloc(input->bytes, capacity);
    if (!grown) return RD_ERR_NO_MEMORY;
    if (from) rd_args_rebase(&input->args, from, input->length, grown);
    input->bytes = grown;
    input->capacity = rd_heap_size(grown); /* what is rounded up may as well be used */
    return RD_OK;
}

enum rd_status rd_input_append(struct rd_input *input, const char *bytes, size_t length) {
    if (rd_input_reserve(input, length) != RD_OK) return RD_ERR_NO_MEMORY;
    memcpy(input->bytes + input->length, bytes, length);
    input->length += length;
    return RD_OK;
}

/* The argument's addresses: all of them, or where others hold too many, as much again as has come. */
static uint64_t addresses(struct rd_input *input, struct rd_blobs *blobs, uint64_t come) {
    uint64_t whole = input->scan.bulk_length + 2, twice = come * 2;
    if (twice < rd_span_size(0)) twice = rd_span_size(0);
    if (twice >= whole) return whole;
    if (!rd_spans_promise(&blobs->spans, whole)) return twice;
    input->promised = whole;
    return whole;
}

enum rd_status rd_input_begin_bulk(struct rd_input *input, struct rd_blobs *blobs) {
    size_t body = input->start + input->scan.position;
    size_t arrived = input->length - body;
    struct rd_blob *blob = rd_blob_new(blobs, arrived, addresses(input, blobs, arrived));
    if (!blob) {
        if (input->promised) rd_spans_end_promise(&blobs->spans, input->promised);
        input->promised = 0;
        return RD_ERR_NO_MEMORY;
    }
    if (arrived) memcpy(blob->bytes, input->bytes + body, arrived);
    blob->length = arrived;
    input->length = body;
    input->bulk = blob;
    return RD_OK;
}

enum rd_status rd_input_bulk_room(struct rd_input *input, size_t most, char **room, size_t *size) {
    struct rd_blob *blob = input->bulk;
    uint64_t whole = input->scan.bulk_length + 2;
    if (blob->length == rd_blobs_room(blob)) {
        end_promise(input); /* where addresses were out, less than was promised was had */
        uint64_t length = blob->length, wanted = addresses(input, blob->blobs, length);
        if (rd_blob_move(&input->bulk, length, wanted) != RD_OK) return RD_ERR_NO_MEMORY;
        blob = input->bulk;
    }
    uint64_t end = rd_blobs_room(blob) < whole ? rd_blobs_room(blob) : whole;
    if (end - blob->length > most) end = blob->length + most;
    rd_blobs_expect(blob->blobs, blob, end);
    *room = blob->bytes + blob->length;
    *size = end - blob->length;
    return RD_OK;
}

void rd_input_bulk_came(struct rd_input *input, size_t bytes) {
    input->bulk->length += bytes;
    rd_blobs_came(input->bulk->blobs, input->bulk);
}

void rd_input_refuse_bulk(struct rd_input *input) {
    size_t body = input->start + input->scan.position;
    const char *bytes = input->bulk ? input->bulk->bytes : input->bytes + body;
    uint64_t arrived = input->bulk ? input->bulk->length : input->length - body;
    /* Of the CRLF behind it one byte may have come: the scanner, for which an empty argument stands here, looks at it. */
    uint64_t skipped = arrived < input->scan.bulk_length ? arrived : input->scan.bulk_length;
    memmove(input->bytes + body, bytes + skipped, arrived - skipped);
    input->length = body + (arrived - skipped);
    drop_bulk(input);
    input->discard = input->scan.bulk_length - skipped;
    input->refused = true;
    input->scan.bulk_length = 0;
}

enum rd_status rd_input_end_bulk(struct rd_input *input) {
    struct rd_blob *blob = input->bulk;
    if (memcmp(blob->bytes + input->scan.bulk_length, "\r\n", 2) != 0) return RD_ERR_INVALID;
    struct rd_received *received = realloc(input->received, (input->received_count + 1) * sizeof *received);
    if (!received) return RD_ERR_NO_MEMORY;
    input->received = received;
    blob->length = input->scan.bulk_length;
    rd_blob_trim(blob); /* of a page that only CRLF is on */
    if (rd_args_push(&input->args, blob->bytes, blob->length) != RD_OK) return RD_ERR_NO_MEMORY;
    received[input->received_count++] = (struct rd_received){blob, input->args.count - 1};
    input->blob_bytes += rd_blob_footprint(blob);
    end_promise(input);
    input->bulk = NULL;
    input->scan.in_bulk = false;
    input->scan.arrived++;
    return RD_OK;
}

struct rd_blob *rd_input_take_blob(struct rd_input *input, const char *bytes) {
    for (uint32_t i = 0; i < input->received_count; i++) {
        uint32_t at = (input->received_at + i) % input->received_count;
        struct rd_blob *blob = input->received[at].blob;
        if (blob && blob->bytes == bytes) {
            input->received[at].blob = NULL;
            input->blob_bytes -= rd_blob_footprint(blob);
            input->received_at = at + 1;
            return blob;
        }
    }
    return NULL;
}

void rd_input_give_blobs(struct rd_input *from, struct rd_input *to) {
    to->received = from->received;
    to->received_count = from->received_count;
    to->blob_bytes = from->blob_bytes;
    from->received = NULL;
    from->blob_bytes = 0;
    from->received_count = from->received_at = 0;
}

bool rd_input_has_argument(const struct rd_input *input, uint32_t argument) {
    uint32_t first = 0, end = input ? input->received_count : 0;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (input->received[middle].argument == argument) return input->received[middle].blob != NULL;
        if (input->received[middle].argument < argument) first = middle + 1;
        else end = middle;
    }
    return true;
}

void rd_input_next_request(struct rd_input *input) {
    input->start += input->scan.position;
    input->scan = (struct rd_scan_state){0};
    input->scanning = false;
    input->args.count = 0;
    input->refused = false;
    drop_blobs(input);
}

uint64_t rd_input_bytes(const struct rd_input *input) {
    /* Blobs are in the store's account already. */
    return sizeof *input + input->capacity + input->args.capacity * sizeof(struct rd_slice) +
           input->received_count * sizeof(struct rd_received);
}

uint64_t rd_input_blob_bytes(const struct rd_input *input) {
    return input->blob_bytes + (input->bulk ? rd_blob_footprint(input->bulk) : 0);
}
