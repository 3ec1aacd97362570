/* This file owns turning an endpoint into a listening socket, with errors that a person understands. */
#ifndef RD_BIND_H
#define RD_BIND_H

#include "redistill_hot.h"

/* A non-blocking listening socket for the endpoint, its port in *port; or -1 and *error. */
int rd_bind(const struct rd_endpoint *endpoint, uint32_t backlog, uint16_t *port, struct rd_error *error);

/* The same for a socket that a process before has bound to it. */
int rd_bind_inherited(const struct rd_endpoint *endpoint, uint32_t backlog, uint16_t *port, struct rd_error *error);

#endif
