/* This file owns the references to the TLS context. */
#include "connection/tls_context.h"

#include <openssl/ssl.h>

void rd_tls_context_init(struct rd_tls_context *context) {
    pthread_mutex_init(&context->lock, NULL);
}

void rd_tls_context_destroy(struct rd_tls_context *context) {
    SSL_CTX_free(context->ssl_ctx);
    pthread_mutex_destroy(&context->lock);
}

void rd_tls_context_replace(struct rd_tls_context *context, void *ssl_ctx) {
    pthread_mutex_lock(&context->lock);
    void *old = context->ssl_ctx;
    context->ssl_ctx = ssl_ctx;
    pthread_mutex_unlock(&context->lock);
    SSL_CTX_free(old);
}

void *rd_tls_context_take(struct rd_tls_context *context) {
    pthread_mutex_lock(&context->lock);
    void *ssl_ctx = context->ssl_ctx;
    if (ssl_ctx) SSL_CTX_up_ref(ssl_ctx);
    pthread_mutex_unlock(&context->lock);
    return ssl_ctx;
}

void rd_tls_context_release(void *ssl_ctx) {
    SSL_CTX_free(ssl_ctx);
}
