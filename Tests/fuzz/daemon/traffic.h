/* This file owns what a client may say: whole pipelines, each with its token behind it. */
#ifndef FUZZ_TRAFFIC_H
#define FUZZ_TRAFFIC_H

#include "world.h"

/* The model's keys: every answer is known. */
void traffic_model(struct world *world, struct client *client, struct fuzz_random *random);
/* Values that name their key, shared by all clients. */
void traffic_named(struct world *world, struct client *client, struct fuzz_random *random);
/* Any commands. */
void traffic_any(struct world *world, struct client *client, struct fuzz_random *random);
/* Arguments that the server receives by themselves, also within MULTI. */
void traffic_large(struct world *world, struct client *client, struct fuzz_random *random);
/* MULTI, any commands, EXEC or DISCARD. */
void traffic_scripts(struct world *world, struct client *client, struct fuzz_random *random);
void traffic_transaction(struct world *world, struct client *client, struct fuzz_random *random);
/* Tracking and MONITOR on and off, RESP2 and RESP3. */
void traffic_modes(struct world *world, struct client *client, struct fuzz_random *random);
/* Passwords, right and wrong ones. */
void traffic_passwords(struct world *world, struct client *client, struct fuzz_random *random);
/* No RESP, or hardly. */
void traffic_broken(struct world *world, struct client *client, struct fuzz_random *random);
/* No TLS, or hardly: before the handshake, within it, or behind it. */
void traffic_broken_tls(struct client *client, struct fuzz_random *random);

#endif
