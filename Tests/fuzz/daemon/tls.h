/*
 * This file owns a client's end of TLS: what is said becomes records, to be sent in whatever pieces, and what comes
 * becomes bytes. OpenSSL sees no socket. What is done follows from dice of its own; what the records' bytes are does not.
 */
#ifndef FUZZ_TLS_H
#define FUZZ_TLS_H

#include <openssl/ssl.h>

#include "bytes.h"
#include "random.h"

/* What the clients of one world share. */
struct tls_clients {
    SSL_CTX *context;
    SSL_SESSION *sessions[2]; /* the last ones that ended, of TLS 1.2 and 1.3; owned */
    uint64_t opened, ready, resumed;
};

struct tls {
    SSL *ssl;
    struct tls_clients *clients; /* borrowed */
    struct bytes wire;           /* records to be sent, from `sent` on */
    size_t sent;
    uint64_t seed;               /* of its dice */
    uint32_t throws;             /* of dice */
    bool is_begun;               /* hello was said */
    bool is_ready;               /* the handshake is over */
    bool has_failed;
    bool has_gone;               /* said goodbye */
    bool keeps_session;
};

enum tls_verdict {
    TLS_FINE,
    TLS_ALERTED, /* the server says that something is wrong */
    TLS_WRONG,   /* we say so: these are no records of this connection */
};

void tls_clients_begin(struct tls_clients *clients);
void tls_clients_end(struct tls_clients *clients);

/* Version, ciphers, fragments and a session to resume are the dice's. Nothing is said yet. */
struct tls *tls_open(struct tls_clients *clients, uint64_t seed);
/* Frees it; NULL is allowed. The session may be the next client's. */
void tls_close(struct tls *tls);

/* The dice of the next decision. */
struct fuzz_random tls_dice(struct tls *tls);
/* Says hello, once. */
void tls_begin(struct tls *tls);
/* Makes records of it, and now and then changes keys before. */
void tls_seal(struct tls *tls, const char *bytes, size_t length, struct fuzz_random *random);
/* Makes a goodbye, when the handshake is over. */
void tls_seal_goodbye(struct tls *tls);
/* Anything else to be sent as it is. */
void tls_add_raw(struct tls *tls, const char *bytes, size_t length);

/* Sends records, at most so many bytes, without waiting. False: the peer is gone. */
bool tls_send(struct tls *tls, int fd, size_t most);
/* Where in what is to be sent a cut is worth trying. */
size_t tls_next_cut(const struct tls *tls, struct fuzz_random *random);
static inline size_t tls_unsent(const struct tls *tls) {
    return tls->wire.length - tls->sent;
}
/* Can bytes be made records now? */
static inline bool tls_can_seal(const struct tls *tls) {
    return tls->is_ready && !tls->has_failed && !tls->has_gone;
}
/* Can nothing be sent before something comes? */
static inline bool tls_waits(const struct tls *tls) {
    return tls->is_begun && !tls->is_ready && !tls->has_failed && tls_unsent(tls) == 0;
}

/* Takes what came from the socket; what it says goes behind `plain`. */
enum tls_verdict tls_take(struct tls *tls, const char *bytes, size_t length, struct bytes *plain);
/* Why the last was not fine. */
const char *tls_reason(void);

#endif
