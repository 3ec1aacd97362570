/* This file owns the TLS context that new connections get: it is made in Swift, and replaced at any time. */
#ifndef RD_TLS_CONTEXT_H
#define RD_TLS_CONTEXT_H

#include <pthread.h>

struct rd_tls_context {
    pthread_mutex_t lock; /* guards what follows: replaced by any thread, taken at each accept; a leaf */
    void *ssl_ctx;        /* SSL_CTX; one reference */
};

void rd_tls_context_init(struct rd_tls_context *context);
void rd_tls_context_destroy(struct rd_tls_context *context);
/* Takes over the caller's reference. */
void rd_tls_context_replace(struct rd_tls_context *context, void *ssl_ctx);
/* One more reference to the current SSL_CTX, or NULL; given back by the next. */
void *rd_tls_context_take(struct rd_tls_context *context);
void rd_tls_context_release(void *ssl_ctx);

#endif
