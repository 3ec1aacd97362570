/* This file owns which clients CLIENT LIST and CLIENT KILL mean. */
#ifndef RD_CLIENT_FILTER_H
#define RD_CLIENT_FILTER_H

#include "call/command.h"
#include "connection/conn.h"

struct rd_client_filter {
    uint64_t *ids;              /* sorted; owned */
    uint32_t id_count;          /* 0: any */
    struct rd_slice address, local; /* bytes NULL: any */
    struct rd_slice user;       /* bytes NULL: any */
    int64_t least_age_s;
    bool none;                  /* of a type that nobody here is */
    bool skip_caller;
};

/*
 * Reads the options from argument `first` on; writes Redis's error and returns false when they are wrong. Either way
 * the caller calls rd_client_filter_free in the end.
 */
bool rd_client_filter_parse(struct rd_client_filter *filter, struct rd_call *call, uint32_t first);

void rd_client_filter_free(struct rd_client_filter *filter);

/* With the connections lock of the connection's worker held. */
bool rd_client_filter_passes(const struct rd_client_filter *filter, const struct rd_conn *conn, int64_t now_ms);

#endif
