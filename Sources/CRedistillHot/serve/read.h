/* This file owns one turn of a readable connection. */
#ifndef RD_READ_H
#define RD_READ_H

#include "connection/conn.h"

/* Reads that a drain grants to a peer that goes on sending. */
#define RD_DRAIN_READS 64

/* Reads once and scans into the worker's batch; runs the batch when it fills. */
void rd_conn_read(struct rd_conn *conn);

#endif
