/*
 * This file owns what a connection keeps of requests that were not executed in the read that brought them: their bytes,
 * how far they are scanned, and their large arguments. It is a state machine:
 *
 *              +--------------------------- the worker's read buffer ---------------------------+
 *              |                         |           ^                                          |
 *         keep |               scan_here |           | settle: nothing is left                  | hold
 *              v                         v           |                                          v
 *            START <------ settle ------ SCAN -------+-------- hold: its turn is over -------> HELD
 *              |       small: anew with   ^                                                   |   |
 *              |       the next read      +------- scan_here: longer than the read buffer ----+   |
 *              |                                                                                  |
 *              +--> the read buffer, in front of the next read          the read buffer, alone <--+
 *
 *   SCAN --- begin_bulk ---> BULK --- end_bulk ------> SCAN   an argument goes straight into its blob
 *   BULK -- wait_for_room -> ROOM --- has_room ------> BULK   it may not grow before memory is free
 *   SCAN, BULK, ROOM -- refuse_bulk -> SKIP -- skip -> SCAN   an argument is not kept; at once SCAN if all of it is here
 *   SCAN ------ wait ------> WHOLE -- next_request --> SCAN   CLIENT PAUSE holds the request back
 *   SCAN --------------- next_request ---------------> SCAN   it was executed, and left whole
 */
#ifndef RD_INPUT_H
#define RD_INPUT_H

#include "connection/bulk.h"
#include "connection/received.h"
#include "resp/resp.h"

enum rd_input_state {
    RD_INPUT_START, /* the small start of a request, of which nothing is remembered: bytes alone */
    RD_INPUT_SCAN,  /* a request is scanned where it lies; what comes is put behind it */
    RD_INPUT_BULK,  /* what comes belongs to the argument that the scan has announced, in its blob */
    RD_INPUT_ROOM,  /* the same, but nothing is read: relief was asked for its memory */
    RD_INPUT_SKIP,  /* what comes belongs to an argument that nobody keeps */
    /* From here on nothing is read: what is here comes first. */
    RD_INPUT_WHOLE, /* args is a whole request */
    RD_INPUT_HELD,  /* bytes alone, of whole requests mostly */
};

/* A cut request up to this size is simply scanned again. */
#define RD_INPUT_SMALL 4096u

struct rd_input {
    enum rd_input_state state;
    char *bytes;                 /* owned, as all below */
    size_t length, capacity;
    size_t start;                /* bytes before this belong to requests that were executed; 0 in START and HELD */
    /* The request that begins there. Nothing in START and HELD. */
    struct rd_scan_state scan;
    struct rd_args args;         /* point into bytes, or into the blobs of received */
    struct rd_received received;
    struct rd_bulk bulk;         /* of BULK and ROOM */
    uint64_t discard;            /* of SKIP: bytes still to come; they never reach `bytes` */
};

/* NULL when memory is out. */
struct rd_input *rd_input_new(void);
/* With a copy of these bytes. */
struct rd_input *rd_input_keep(const char *bytes, size_t length);
/* NULL is fine. */
void rd_input_free(struct rd_input *input);

/* Room for `bytes` more behind length; spans in args follow when the memory moves. */
RD_MUST_USE enum rd_status rd_input_reserve(struct rd_input *input, size_t bytes);
RD_MUST_USE enum rd_status rd_input_append(struct rd_input *input, const char *bytes, size_t length);

/* The transitions. Each is called in the states that it leads from in the picture above. */
void rd_input_scan_here(struct rd_input *input);
/* What is left moves to the front; false when that is nothing. */
RD_MUST_USE bool rd_input_settle(struct rd_input *input);
void rd_input_hold(struct rd_input *input);
/*
 * What has come of the argument moves into the blob: what lies behind the scan, and after that `more`, which is elsewhere.
 * RD_ERR_NO_MEMORY: nothing has changed.
 */
RD_MUST_USE enum rd_status rd_input_begin_bulk(struct rd_input *input, struct rd_blobs *blobs, struct rd_slice more);
void rd_input_wait_for_room(struct rd_input *input);
void rd_input_has_room(struct rd_input *input);
/* RD_ERR_INVALID when CRLF does not follow the argument. */
RD_MUST_USE enum rd_status rd_input_end_bulk(struct rd_input *input);
void rd_input_refuse_bulk(struct rd_input *input);
/* So many of the bytes that nobody keeps have come. */
void rd_input_skip(struct rd_input *input, size_t bytes);
void rd_input_wait(struct rd_input *input);
void rd_input_next_request(struct rd_input *input);

/* Appends the whole request's arguments to args, all or none. They are valid until the next request. */
RD_MUST_USE enum rd_status rd_input_list_arguments(const struct rd_input *input, struct rd_args *args);

/* Has what is here to be executed before anything is read? */
static inline bool rd_input_is_held(const struct rd_input *input) {
    return input->state >= RD_INPUT_WHOLE;
}

/* What goes in front of the next read, or is all of it. */
static inline size_t rd_input_in_front(const struct rd_input *input) {
    return input->state == RD_INPUT_START || input->state == RD_INPUT_HELD ? input->length : 0;
}

/* Has the scan just announced an argument that gets a blob of its own? */
static inline bool rd_scan_wants_blob(const struct rd_scan_state *scan) {
    return scan->in_bulk && scan->bulk_length >= RD_DIRECT_BULK;
}

/* What the requests take of the heap, and of the store. */
uint64_t rd_input_bytes(const struct rd_input *input);
uint64_t rd_input_blob_bytes(const struct rd_input *input);

/* As CLIENT LIST shows it: what waits here, and what could without more memory. */
uint64_t rd_input_waiting(const struct rd_input *input);
uint64_t rd_input_room(const struct rd_input *input);

/* What has come and is no whole argument yet, as much as Redis's query buffer holds of a request. */
static inline uint64_t rd_input_unscanned(const struct rd_input *input) {
    return input->length - input->start - input->scan.position + rd_bulk_arrived(&input->bulk);
}

/* Walks what must hold of an input between two reads. For tests. */
bool rd_input_check(const struct rd_input *input);

#endif
