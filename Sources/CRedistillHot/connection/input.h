/*
 * This file owns the start of an unfinished request: the bytes that have come, how far they are scanned, and, for a
 * large argument, the blob that it is received into without a copy.
 */
#ifndef RD_INPUT_H
#define RD_INPUT_H

#include "memory/blob.h"
#include "resp/resp.h"

/* An argument from this length on is received straight into a blob, which SET then takes over. */
#define RD_DIRECT_BULK (32u << 10)

/* A blob that an argument was received into. */
struct rd_received {
    struct rd_blob *blob; /* owned; NULL: somebody has taken it over, and the argument's bytes may be gone */
    uint32_t argument;    /* its place among the request's arguments */
};

struct rd_input {
    char *bytes;
    size_t length, capacity;
    size_t start;                 /* bytes before this belong to requests that were executed */
    bool scanning;                /* scan and args are in the middle of the request at `start` */
    bool complete;                /* args is a whole request, which waits for the end of a pause */
    struct rd_scan_state scan;
    struct rd_args args;          /* point into bytes or blobs */
    struct rd_blob *bulk;         /* being received: its length so far */
    uint64_t promised;            /* what addresses were promised for it; 0: it moves as it grows */
    /* For earlier arguments of this request, in their order. All other arguments lie in bytes. */
    struct rd_received *received;
    uint32_t received_count;
    uint32_t received_at;         /* where the search for the next one to be taken begins */
    uint64_t discard;             /* bytes of a large argument still to come that nobody keeps */
    bool refused;                 /* such an argument is part of this request */
    uint64_t blob_bytes;          /* that those take in the store */
    bool waits_for_room;          /* relief was asked to make room for what is being received */
};

struct rd_input *rd_input_new(void);
void rd_input_free(struct rd_input *input);

/* Room for `bytes` more behind length; spans in args follow when the memory moves. */
RD_MUST_USE enum rd_status rd_input_reserve(struct rd_input *input, size_t bytes);
RD_MUST_USE enum rd_status rd_input_append(struct rd_input *input, const char *bytes, size_t length);

/* Begins to receive the large argument that the scan has announced; moves what has come of it into the blob. */
RD_MUST_USE enum rd_status rd_input_begin_bulk(struct rd_input *input, struct rd_blobs *blobs);
/* Where the next bytes of the argument go: at most `most`. */
RD_MUST_USE enum rd_status rd_input_bulk_room(struct rd_input *input, size_t most, char **room, size_t *size);
/* So many have come, and count from now on. */
void rd_input_bulk_came(struct rd_input *input, size_t bytes);
/* Gives up the large argument that is being received, or was announced; `discard` says what is still to be skipped. */
void rd_input_refuse_bulk(struct rd_input *input);
/* The argument is complete: puts it among args. RD_ERR_INVALID when CRLF does not follow it. */
RD_MUST_USE enum rd_status rd_input_end_bulk(struct rd_input *input);

/*
 * Hands over the blob that `bytes` is the start of, when it was received into one; NULL otherwise. Who takes them in
 * the order of their arguments looks at each once.
 */
struct rd_blob *rd_input_take_blob(struct rd_input *input, const char *bytes);

/* Hands all blobs over to another input, which has none; their bytes stay where they are. */
void rd_input_give_blobs(struct rd_input *from, struct rd_input *to);

/* May the argument be read still? Not when its blob was taken over; NULL stands for a request without an input. */
bool rd_input_has_argument(const struct rd_input *input, uint32_t argument);

/* The request in hand was executed: forget it, keep the bytes after it. */
void rd_input_next_request(struct rd_input *input);

/* What the request takes of the heap, and of the store. */
uint64_t rd_input_bytes(const struct rd_input *input);
uint64_t rd_input_blob_bytes(const struct rd_input *input);

/* What has come and is no whole argument yet, as much as Redis's query buffer holds of a request. */
static inline uint64_t rd_input_unscanned(const struct rd_input *input) {
    return input->length - input->start - input->scan.position + (input->bulk ? input->bulk->length : 0);
}

#endif
