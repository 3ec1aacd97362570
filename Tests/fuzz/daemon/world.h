/* This file owns one run's world: the server in this process, its clients, what may happen in it, and its clock. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "client.h"
#include "probe_fault.h"
#include "random.h"
#include "tls.h"
#include "redistill_hot.h"
#include "words.h"

#define WORLD_CLIENTS 24

enum profile {
    PROFILE_MODEL,  /* no limits, no kills: every answer is known, or at least that it comes */
    PROFILE_LIMITS, /* memory, policies and limits change */
    PROFILE_WILD,   /* everything */
    PROFILE_AUTH,   /* a password is wanted */
    PROFILE_FAULTS, /* everything, and allocations fail */
    PROFILES
};

struct world {
    uint64_t seed;
    uint32_t workers;
    enum profile profile;
    bool steps;           /* each piece sent is waited for until the server has read it */
    bool is_verbose;
    struct leniency leniency;
    struct words words;
    struct rd_server *server;
    struct probe_scripts *scripts;
    struct probe_fault *fault;
    struct probe_fault_held at_rest; /* with the server started and nobody connected */
    uint64_t buffers_at_rest;
    char socket_path[64], tls_path[64];
    uint32_t tls_indices;  /* those of whom speak TLS, a bit each */
    bool with_proxy;       /* who speak TLS over TCP come by way of a proxy */
    struct tls_clients tls;
    long long now_ms;     /* where the server's wall clock stands */
    struct client clients[WORLD_CLIENTS];
    uint32_t client_count, opened;
    uint32_t writes;      /* of named values */
    uint64_t commands;
};

/* Makes and starts the server that the seed asks for. */
void world_begin(struct world *world, uint64_t seed, uint32_t workers, bool is_verbose);
/* Everybody leaves, and nothing may be left. */
void world_end(struct world *world);

/* The client, connected. */
struct client *world_client(struct world *world, uint32_t index);
/* Makes everybody's requests arrive and everybody's answers come; complains when one does not. */
void world_sync(struct world *world);
/* Reads whatever there is for who reads. */
void world_read(struct world *world);
/* Sends at most so many bytes of the client's. */
void world_send(struct world *world, struct client *client, size_t most);
/* New connections get another certificate, or no TLS. */
void world_replace_certificate(struct world *world, struct fuzz_random *random, bool by_none);
/* Takes a pause of clients back. */
void world_unpause(struct world *world);
/* The server's settings as they were at its start. */
void world_restore_settings(struct world *world);
/* With everybody's requests answered, but for what came in part: workers are idle. */
void world_check_rest(const struct world *world);
/* Walks the store. */
void world_check_store(struct world *world);
/* The server's wall clock, for model clients only while they are quits. */
void world_set_clock(struct world *world, long long now_ms);

/* Shows who waits, and what the server knows of its connections. */
_Noreturn void world_complain_of_silence(const struct world *world);
_Noreturn void world_complain(const char *what, long long expected, long long came);

#endif
