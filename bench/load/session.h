/* This file owns the beginning of a connection: connected, any handshake done, the password given. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "options.h"
#include "socket.h"

/* Blocking. No server there, or a password that it refuses, ends the process. */
struct bench_socket bench_session_open(const struct bench_options *options);

#endif
