/* This file owns the states of an input. */
#include "connection/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"

/* The scanner's readers may look a word ahead when they compare command names. */
#define PADDING 16
/* Scanning so many arguments again costs less than remembering them. */
#define FEW_ARGUMENTS 16

struct rd_input *rd_input_new(void) {
    return calloc(1, sizeof(struct rd_input));
}

struct rd_input *rd_input_keep(const char *bytes, size_t length) {
    struct rd_input *input = rd_input_new();
    if (!input || rd_input_append(input, bytes, length) == RD_OK) return input;
    rd_input_free(input);
    return NULL;
}

void rd_input_free(struct rd_input *input) {
    if (!input) return;
    rd_received_end(&input->received);
    rd_bulk_drop(&input->bulk);
    rd_args_free(&input->args);
    free(input->bytes);
    free(input);
}

enum rd_status rd_input_reserve(struct rd_input *input, size_t bytes) {
    if (input->capacity >= PADDING && input->capacity - PADDING - input->length >= bytes) return RD_OK;
    size_t capacity = input->length + bytes + PADDING;
    /* A small rest stays exact, since thousands of connections may keep one; a large one grows by half again. */
    if (capacity > RD_INPUT_SMALL) capacity += capacity / 2;
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

void rd_input_scan_here(struct rd_input *input) {
    input->state = RD_INPUT_SCAN;
}

/* Is scanning it anew, with the next read, as good as remembering how far it is scanned? */
static bool is_forgettable(const struct rd_input *input) {
    return input->state == RD_INPUT_SCAN && input->length <= RD_INPUT_SMALL && input->scan.arrived <= FEW_ARGUMENTS &&
           input->received.count == 0 && !input->received.refused;
}

bool rd_input_settle(struct rd_input *input) {
    size_t rest = input->length - input->start;
    if (rest == 0) return false;
    if (input->start) {
        char *from = input->bytes + input->start;
        rd_args_rebase(&input->args, (uintptr_t)from, rest, input->bytes);
        memmove(input->bytes, from, rest);
        input->length = rest;
        input->start = 0;
    }
    if (is_forgettable(input)) {
        input->scan = (struct rd_scan_state){0};
        input->args.count = 0;
        input->state = RD_INPUT_START;
    }
    return true;
}

void rd_input_hold(struct rd_input *input) {
    input->state = RD_INPUT_HELD;
}

enum rd_status rd_input_begin_bulk(struct rd_input *input, struct rd_blobs *blobs, struct rd_slice more) {
    size_t body = input->start + input->scan.position;
    struct rd_slice arrived = {input->bytes + body, input->length - body};
    if (rd_bulk_begin(&input->bulk, blobs, input->scan.bulk_length, arrived, more) != RD_OK) return RD_ERR_NO_MEMORY;
    input->length = body;
    input->state = RD_INPUT_BULK;
    return RD_OK;
}

void rd_input_wait_for_room(struct rd_input *input) {
    input->state = RD_INPUT_ROOM;
}

void rd_input_has_room(struct rd_input *input) {
    input->state = RD_INPUT_BULK;
}

enum rd_status rd_input_end_bulk(struct rd_input *input) {
    if (rd_bulk_finish(&input->bulk) != RD_OK) return RD_ERR_INVALID;
    struct rd_blob *blob = input->bulk.blob;
    if (rd_args_push(&input->args, blob->bytes, blob->length) != RD_OK) return RD_ERR_NO_MEMORY;
    if (rd_received_add(&input->received, blob, input->args.count - 1) != RD_OK) return RD_ERR_NO_MEMORY;
    (void)rd_bulk_leave(&input->bulk);
    input->scan.in_bulk = false;
    input->scan.arrived++;
    input->state = RD_INPUT_SCAN;
    return RD_OK;
}

void rd_input_refuse_bulk(struct rd_input *input) {
    size_t body = input->start + input->scan.position;
    const struct rd_blob *blob = input->bulk.blob;
    const char *bytes = blob ? blob->bytes : input->bytes + body;
    uint64_t arrived = blob ? blob->length : input->length - body;
    /* Of the CRLF behind it one byte may have come: the scanner, for which an empty argument stands here, looks at it. */
    uint64_t skipped = arrived < input->scan.bulk_length ? arrived : input->scan.bulk_length;
    memmove(input->bytes + body, bytes + skipped, arrived - skipped);
    input->length = body + (arrived - skipped);
    rd_bulk_drop(&input->bulk);
    input->discard = input->scan.bulk_length - skipped;
    input->received.refused = true;
    input->scan.bulk_length = 0;
    input->state = input->discard ? RD_INPUT_SKIP : RD_INPUT_SCAN;
}

void rd_input_skip(struct rd_input *input, size_t bytes) {
    input->discard -= bytes;
    if (input->discard == 0) input->state = RD_INPUT_SCAN;
}

void rd_input_wait(struct rd_input *input) {
    input->state = RD_INPUT_WHOLE;
}

void rd_input_next_request(struct rd_input *input) {
    input->start += input->scan.position;
    input->scan = (struct rd_scan_state){0};
    input->args.count = 0;
    rd_received_end(&input->received);
    input->state = RD_INPUT_SCAN;
}

enum rd_status rd_input_list_arguments(const struct rd_input *input, struct rd_args *args) {
    uint32_t before = args->count;
    for (uint32_t i = 0; i < input->args.count; i++) {
        if (rd_args_push(args, input->args.at[i].bytes, input->args.at[i].length) == RD_OK) continue;
        args->count = before;
        return RD_ERR_NO_MEMORY;
    }
    return RD_OK;
}

uint64_t rd_input_bytes(const struct rd_input *input) {
    /* Blobs are in the store's account already. */
    return sizeof *input + input->capacity + input->args.capacity * sizeof(struct rd_slice) +
           input->received.count * sizeof(struct rd_received_blob);
}

uint64_t rd_input_blob_bytes(const struct rd_input *input) {
    return input->received.bytes + (input->bulk.blob ? rd_blob_footprint(input->bulk.blob) : 0);
}

uint64_t rd_input_waiting(const struct rd_input *input) {
    return input->length - input->start + rd_bulk_arrived(&input->bulk);
}

uint64_t rd_input_room(const struct rd_input *input) {
    uint64_t room = input->capacity - (input->length - input->start);
    if (input->bulk.blob) room += rd_blob_capacity(input->bulk.blob) - input->bulk.blob->length;
    return room;
}

/* Each argument lies in the part of `bytes` that is scanned, or in its blob. */
static bool check_arguments(const struct rd_input *input) {
    const char *first = input->bytes + input->start, *end = first + input->scan.position;
    for (uint32_t i = 0; i < input->args.count; i++) {
        struct rd_slice argument = input->args.at[i];
        bool is_inside = argument.bytes >= first && argument.bytes + argument.length <= end;
        if (is_inside == (rd_received_place(&input->received, i) != RD_IN_BUFFER)) return false;
    }
    return true;
}

bool rd_input_check(const struct rd_input *input) {
    enum rd_input_state state = input->state;
    bool bytes_alone = input->scan.position == 0 && input->args.count == 0 && input->received.count == 0 &&
                       !input->received.refused && input->start == 0;
    if (input->length > 0 && input->capacity < input->length + PADDING) return false;
    if (input->start + input->scan.position > input->length) return false;
    if ((state == RD_INPUT_START || state == RD_INPUT_HELD) && !bytes_alone) return false;
    if ((input->bulk.blob != NULL) != (state == RD_INPUT_BULK || state == RD_INPUT_ROOM)) return false;
    if ((input->discard > 0) != (state == RD_INPUT_SKIP)) return false;
    if (state == RD_INPUT_WHOLE && input->args.count == 0) return false;
    return check_arguments(input);
}
