/* This file owns what a fuzzed server needs to speak TLS: contexts set up as redistilld does, with keys made in memory. */
#ifndef FUZZ_CERTIFICATE_H
#define FUZZ_CERTIFICATE_H

#include <openssl/ssl.h>

#include "random.h"

/* A context with a certificate of its own and, by the dice, fewer groups; for rd_server_set_tls, which takes it over. */
SSL_CTX *certificate_context(struct fuzz_random *random);
/* What OpenSSL makes once in a process, and never frees, is made now: by handshakes of this thread with itself. */
void certificate_warm_up(void);

#endif
