/* This file owns the test's end of a TLS connection. */
#include "probe_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

struct probe_tls {
    SSL_CTX *context;
    SSL *ssl;
};

static X509 *certificate_of(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    if (!certificate) abort();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    if (!X509_sign(certificate, key, EVP_sha256())) abort();
    return certificate;
}

void *probe_tls_context(void) {
    signal(SIGPIPE, SIG_IGN); /* as the daemon does: OpenSSL writes without MSG_NOSIGNAL */
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    if (!context || !key) abort();
    X509 *certificate = certificate_of(key);
    if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) abort();
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

/* Nothing came in time, or the connection ended? */
static bool is_silence(const struct probe_tls *tls, int returned) {
    bool silent = SSL_get_error(tls->ssl, returned) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    return silent;
}

struct probe_tls *probe_tls_open(int fd, int timeout_ms, bool *silent) {
    return probe_tls_open_as(fd, 0, NULL, 0, 0, timeout_ms, silent);
}

static void send_all(int fd, const char *bytes, size_t length) {
    ssize_t sent = length ? send(fd, bytes, length, MSG_NOSIGNAL) : 0;
    if (sent != (ssize_t)length) ERR_clear_error(); /* the server ended it: the handshake says so */
}

static void spin(int64_t nanoseconds) {
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < nanoseconds);
}

/* The greeting is made beforehand, so that the pause between it and what comes first is what it is said to be. */
static void greet(struct probe_tls *tls, int fd, const char *first, size_t length, int64_t pause_ns) {
    BIO *nothing = BIO_new(BIO_s_mem()), *greeting = BIO_new(BIO_s_mem());
    if (!nothing || !greeting) abort();
    SSL_set_bio(tls->ssl, nothing, greeting);
    if (SSL_connect(tls->ssl) == 1) abort();
    ERR_clear_error();
    char *bytes;
    long count = BIO_get_mem_data(greeting, &bytes);
    send_all(fd, first, length);
    spin(pause_ns);
    send_all(fd, bytes, (size_t)count);
    SSL_set_fd(tls->ssl, fd);
}

struct probe_tls *probe_tls_open_as(int fd, int version, const char *first, size_t length, int64_t pause_ns,
                                    int timeout_ms, bool *silent) {
    struct probe_tls *tls = calloc(1, sizeof *tls);
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (!tls || !(tls->context = SSL_CTX_new(TLS_client_method()))) abort();
    SSL_CTX_set_min_proto_version(tls->context, version);
    SSL_CTX_set_max_proto_version(tls->context, version);
    if (!(tls->ssl = SSL_new(tls->context))) abort();
    greet(tls, fd, first, length, pause_ns);
    int returned = SSL_connect(tls->ssl);
    *silent = returned != 1 && is_silence(tls, returned);
    if (returned == 1) return tls;
    probe_tls_close(tls);
    return NULL;
}

void probe_tls_close(struct probe_tls *tls) {
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    ERR_clear_error();
    free(tls);
}

bool probe_tls_send(struct probe_tls *tls, const char *bytes, size_t length) {
    size_t sent;
    bool fine = SSL_write_ex(tls->ssl, bytes, length, &sent) == 1;
    ERR_clear_error();
    return fine;
}

size_t probe_tls_seal(struct probe_tls *tls, const char *bytes, size_t length, char *records, size_t room) {
    BIO *sealed = BIO_new(BIO_s_mem()), *socket = SSL_get_wbio(tls->ssl);
    if (!sealed || !BIO_up_ref(socket)) abort();
    SSL_set0_wbio(tls->ssl, sealed); /* gives up the socket's */
    size_t written, count = 0;
    bool fine = bytes ? SSL_write_ex(tls->ssl, bytes, length, &written) == 1 : SSL_shutdown(tls->ssl) >= 0;
    if (!fine || !BIO_read_ex(sealed, records, room, &count)) count = 0;
    SSL_set0_wbio(tls->ssl, socket);
    return count;
}

size_t probe_tls_receive(struct probe_tls *tls, char *bytes, size_t wanted, bool *silent) {
    size_t came = 0, part;
    *silent = false;
    while (came < wanted) {
        int returned = SSL_read_ex(tls->ssl, bytes + came, wanted - came, &part);
        if (returned != 1) {
            *silent = is_silence(tls, returned);
            break;
        }
        came += part;
    }
    return came;
}
