/*
 * This file owns the fuzzer's end of a connection: what is to be sent and where it may be cut, what has come, and
 * which answers are owed, in order.
 */
#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "random.h"
#include "request.h"
#include "tls.h"

enum owed_kind {
    OWED_ANY,   /* one answer, whatever it says */
    OWED_EXACT, /* one that says this */
    OWED_NAMED, /* nil, or a value that names this key; an error or QUEUED is fine too */
    OWED_TOKEN, /* this string; inside MULTI its QUEUED, or an error where errors may be */
    OWED_PAYLOAD, /* a string that the model keeps, or nil */
    OWED_LOOSE, /* any number of answers, up to the token behind it */
};

struct owed {
    enum owed_kind kind;
    uint32_t group; /* of EXACT: elements of a group whose order is free; 0: there is none */
    char *text; /* owned; of EXACT, NAMED and TOKEN */
};

/* What is allowed to happen to the connections of this run. */
struct leniency {
    bool closes;  /* the server may close any of them */
    bool paused;  /* somebody has paused clients: who ends its stream meanwhile is taken to be gone, as in Redis */
    bool garbles; /* allocations fail: where OpenSSL lost a record for it, the alert that says so is out of step */
    bool busy;    /* scripts run for too long: BUSY in place of any answer */
    bool refuses; /* errors in place of tokens: no password yet, no memory */
};

struct client {
    int fd; /* -1: not connected */
    uint32_t number;
    bool is_unix, is_verbose;
    struct tls *tls;       /* owned; NULL where it speaks plainly */
    const struct leniency *leniency;
    struct bytes out;      /* to be sent, from `sent` on */
    size_t sent;
    size_t *cuts;          /* places in out where a cut is worth trying, ascending */
    size_t cut_count, cut_room;
    struct bytes in;       /* came, not read yet */
    struct owed *owed;     /* from owed_first on */
    size_t owed_first, owed_count, owed_room;
    uint32_t tokens;
    struct bytes said;     /* its last requests, for complaints */
    bool does_not_read;
    bool has_ended;        /* said that nothing more will be sent */
    bool is_doomed;        /* it asked to be closed, or broke the protocol: no answer is owed any more */
    bool queues;           /* MULTI may be in force */
    struct model model;    /* what it has, when it is one of the modelled */
};

/* Takes over both. */
void client_open(struct client *client, int fd, bool is_unix, struct tls *tls);
/* Frees all but the descriptor's number; closes it, with a reset when asked for. */
void client_close(struct client *client, bool with_reset);

/* Adds a request to what is to be sent, as an array or, if it can be, as a line. Nothing is owed for it yet. */
void client_add(struct client *client, const struct request *request, bool as_line);
void client_add_raw(struct client *client, const char *bytes, size_t length);
void client_owe(struct client *client, enum owed_kind kind, const char *text, size_t length);
/* What the model says. */
void client_owe_answer(struct client *client, const struct model_answer *answer);
/* Adds ECHO of a token of its own, and owes it. */
void client_add_token(struct client *client);

/* Sends at most so many bytes without waiting. False: the peer is gone. */
bool client_send(struct client *client, size_t most);
/* Makes records of all that is said, mostly several, and sends none; nothing without TLS. */
void client_seal(struct client *client);
/* Up to the next cut, of what is said. */
size_t client_next_cut(const struct client *client, struct fuzz_random *random);
/* With TLS records count as well, and an unfinished handshake as one byte more. */
size_t client_unsent(const struct client *client);

/* Reads what there is, at most so many bytes, and checks it. The number of bytes; 0: nothing is there, or its end. */
size_t client_read(struct client *client, size_t most);
/* Are all answers there? */
static inline bool client_is_quits(const struct client *client) {
    return client->is_doomed || client->owed_first == client->owed_count;
}

/* What it said of late. */
void client_show(const struct client *client);
/* Says what is wrong, and ends the run. */
_Noreturn void client_complain(const struct client *client, const char *what, const char *expected, const char *came);

#endif
