/* This file owns the making of certificates. */
#include "certificate.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

static X509 *certificate_of(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    if (!certificate) abort();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 36000);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"fuzz", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    if (!X509_sign(certificate, key, EVP_sha256())) abort();
    return certificate;
}

/* As Sources/Redistill/TLS/TLSContext.swift sets its own up. */
static void set_defaults(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"redistill", 9);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

SSL_CTX *certificate_context(struct fuzz_random *random) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    if (!context || !key) abort();
    set_defaults(context);
    /* Clients offer another group first, and have to say hello twice. */
    if (fuzz_chance(random, 25) && SSL_CTX_set1_groups_list(context, "P-256") != 1) abort();
    X509 *certificate = certificate_of(key);
    if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) abort();
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static SSL *end_of(SSL_CTX *context, BIO *in, BIO *out) {
    SSL *ssl = SSL_new(context);
    if (!ssl || !BIO_up_ref(in) || !BIO_up_ref(out)) abort();
    SSL_set_bio(ssl, in, out);
    return ssl;
}

/* A handshake, a word, and the end; the session as it then is. */
static SSL_SESSION *talk(SSL_CTX *server_context, SSL_CTX *client_context, SSL_SESSION *session) {
    BIO *there = BIO_new(BIO_s_mem()), *back = BIO_new(BIO_s_mem());
    if (!there || !back) abort();
    SSL *server = end_of(server_context, there, back), *client = end_of(client_context, back, there);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    if (session) SSL_set_session(client, session);
    for (int i = 0; i < 4; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    char bytes[8];
    if (SSL_write(server, "word", 4) != 4 || SSL_read(client, bytes, sizeof bytes) != 4) abort();
    if (SSL_write(client, "word", 4) != 4 || SSL_read(server, bytes, sizeof bytes) != 4) abort();
    /* And what comes with an error: its text. */
    BIO_write(there, "no record at all", 16);
    SSL_read(server, bytes, sizeof bytes);
    (void)ERR_reason_error_string(ERR_peek_error());
    SSL_SESSION *next = SSL_get1_session(client);
    SSL_free(server);
    SSL_free(client);
    BIO_free(there);
    BIO_free(back);
    ERR_clear_error();
    return next;
}

void certificate_warm_up(void) {
    static const struct {
        int version;
        const char *ciphers;
    } kinds[] = {{TLS1_3_VERSION, "DEFAULT"}, {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                 {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"}, {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384"}};
    struct fuzz_random random = {1};
    SSL_CTX *server = certificate_context(&random);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        SSL_CTX *client = SSL_CTX_new(TLS_client_method());
        if (!client) abort();
        SSL_CTX_set_max_proto_version(client, kinds[i].version);
        if (SSL_CTX_set_cipher_list(client, kinds[i].ciphers) != 1) abort();
        SSL_SESSION *first = talk(server, client, NULL), *second = talk(server, client, first);
        SSL_SESSION_free(first);
        SSL_SESSION_free(second);
        SSL_CTX_free(client);
    }
    SSL_CTX_free(server);
}
