/* This file owns the way from bytes that have come to commands in the batch, and which requests have to wait. */
#ifndef RD_REQUEST_H
#define RD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct rd_conn;

/*
 * Scans what is in the worker's read buffer, on behalf of a connection without an input, and puts its requests into the
 * batch. What is left, and what has to wait, becomes the connection's input.
 */
void rd_request_scan_buffer(struct rd_conn *conn, char *bytes, size_t length);

/* The same with the connection's input, in the states SCAN and WHOLE. It may be gone afterwards. */
void rd_request_scan_input(struct rd_conn *conn);

/* Answers what is no request at all with an error, behind the answers to what came before, and closes. */
void rd_request_refuse(struct rd_conn *conn, const char *error);

/* Closes a connection whose input is longer than the limits allow; true when it did. */
bool rd_request_is_too_long(struct rd_conn *conn);

#endif
