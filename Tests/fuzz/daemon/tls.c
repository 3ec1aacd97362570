/* This file owns the making and reading of a client's records. */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

/* OpenSSL's reasons from here on are alerts of the peer. */
#define FIRST_ALERT 1000
#define RECORD_HEADER 5

void tls_clients_begin(struct tls_clients *clients) {
    clients->context = SSL_CTX_new(TLS_client_method());
    if (!clients->context) abort();
    SSL_CTX_set_options(clients->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(clients->context, SSL_SESS_CACHE_OFF);
}

void tls_clients_end(struct tls_clients *clients) {
    for (size_t i = 0; i < 2; i++) {
        SSL_SESSION_free(clients->sessions[i]);
        clients->sessions[i] = NULL;
    }
    SSL_CTX_free(clients->context);
    clients->context = NULL;
}

struct fuzz_random tls_dice(struct tls *tls) {
    return fuzz_random_of(tls->seed, tls->throws++);
}

static void choose_records(struct tls *tls, struct fuzz_random *random, bool is_newest) {
    static const char *const ciphers[] = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                                          "ECDHE-ECDSA-AES256-SHA384"};
    const char *cipher = FUZZ_PICK(random, ciphers);
    /* Who resumes has to offer what the session has. */
    bool resumes = SSL_get_session(tls->ssl) != NULL;
    if (!is_newest && !resumes && SSL_set_cipher_list(tls->ssl, cipher) != 1) abort();
    if (is_newest && fuzz_chance(random, 15)) SSL_set_block_padding(tls->ssl, 1 + fuzz_below(random, 4096));
    if (fuzz_chance(random, 25)) SSL_set_max_send_fragment(tls->ssl, 512 + fuzz_below(random, 15000));
    if (resumes || !fuzz_chance(random, 20)) return;
    /* The server's records are to be short, too. Who resumed this would have to ask for the same. */
    SSL_set_tlsext_max_fragment_length(tls->ssl, TLSEXT_max_fragment_length_512 + fuzz_below(random, 4));
    tls->keeps_session = false;
}

struct tls *tls_open(struct tls_clients *clients, uint64_t seed) {
    struct tls *tls = calloc(1, sizeof *tls);
    BIO *came = BIO_new(BIO_s_mem()), *made = BIO_new(BIO_s_mem());
    if (!tls || !came || !made || !(tls->ssl = SSL_new(clients->context))) abort();
    tls->clients = clients;
    tls->seed = seed;
    tls->keeps_session = true;
    SSL_set_bio(tls->ssl, came, made);
    SSL_set_connect_state(tls->ssl);
    struct fuzz_random random = tls_dice(tls);
    bool is_newest = fuzz_chance(&random, 60);
    int version = is_newest ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_set_min_proto_version(tls->ssl, version);
    SSL_set_max_proto_version(tls->ssl, version);
    SSL_SESSION *session = clients->sessions[is_newest];
    if (fuzz_chance(&random, 60) && session && SSL_set_session(tls->ssl, session) != 1) abort();
    choose_records(tls, &random, is_newest);
    clients->opened++;
    return tls;
}

static void keep_session(struct tls *tls) {
    if (!tls->is_ready || !tls->keeps_session || tls->has_failed) return;
    SSL_SESSION *session = SSL_get1_session(tls->ssl);
    if (session && SSL_SESSION_is_resumable(session)) {
        SSL_SESSION **kept = &tls->clients->sessions[SSL_version(tls->ssl) == TLS1_3_VERSION];
        SSL_SESSION_free(*kept);
        *kept = session;
    } else {
        SSL_SESSION_free(session);
    }
}

void tls_close(struct tls *tls) {
    if (!tls) return;
    keep_session(tls);
    /* A session without a goodbye is not taken for one that may not be resumed. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    ERR_clear_error();
    bytes_free(&tls->wire);
    free(tls);
}

/* What OpenSSL made goes behind what is to be sent. */
static void collect(struct tls *tls) {
    BIO *made = SSL_get_wbio(tls->ssl);
    size_t length = BIO_ctrl_pending(made), count = 0;
    if (length == 0) return;
    if (!BIO_read_ex(made, bytes_room(&tls->wire, length), length, &count) || count != length) abort();
    tls->wire.length += length;
}

/* The verdict on a call that did not return 1. */
static enum tls_verdict judge(struct tls *tls, int returned) {
    int error = SSL_get_error(tls->ssl, returned);
    if (error != SSL_ERROR_SSL && error != SSL_ERROR_SYSCALL) return TLS_FINE;
    tls->has_failed = true;
    return ERR_GET_REASON(ERR_peek_error()) >= FIRST_ALERT ? TLS_ALERTED : TLS_WRONG;
}

const char *tls_reason(void) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    return reason ? reason : "no reason";
}

static enum tls_verdict shake_hands(struct tls *tls) {
    tls->is_begun = true;
    int returned = SSL_do_handshake(tls->ssl);
    if (returned != 1) return judge(tls, returned);
    tls->is_ready = true;
    tls->clients->ready++;
    tls->clients->resumed += SSL_session_reused(tls->ssl) == 1;
    return TLS_FINE;
}

void tls_begin(struct tls *tls) {
    if (tls->is_begun) return;
    ERR_clear_error();
    if (shake_hands(tls) != TLS_FINE) abort();
    collect(tls);
}

void tls_seal(struct tls *tls, const char *bytes, size_t length, struct fuzz_random *random) {
    size_t count = 0;
    ERR_clear_error();
    if (SSL_version(tls->ssl) == TLS1_3_VERSION && fuzz_chance(random, 3)) {
        SSL_key_update(tls->ssl, fuzz_chance(random, 60) ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    }
    if (SSL_write_ex(tls->ssl, bytes, length, &count) != 1 || count != length) abort();
    collect(tls);
}

void tls_seal_goodbye(struct tls *tls) {
    if (!tls_can_seal(tls)) return;
    tls->has_gone = true;
    ERR_clear_error();
    SSL_shutdown(tls->ssl);
    collect(tls);
}

void tls_add_raw(struct tls *tls, const char *bytes, size_t length) {
    bytes_add(&tls->wire, bytes, length);
}

bool tls_send(struct tls *tls, int fd, size_t most) {
    while (most > 0 && tls_unsent(tls) > 0) {
        size_t length = tls_unsent(tls) < most ? tls_unsent(tls) : most;
        ssize_t count = send(fd, tls->wire.at + tls->sent, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return true;
        if (count < 0) return false;
        tls->sent += (size_t)count;
        most -= (size_t)count;
    }
    if (tls_unsent(tls) == 0) {
        tls->wire.length = tls->sent = 0;
        if (tls->wire.room > 1 << 20) bytes_free(&tls->wire);
    }
    return true;
}

size_t tls_next_cut(const struct tls *tls, struct fuzz_random *random) {
    size_t unsent = tls_unsent(tls);
    uint32_t dice = fuzz_below(random, 100);
    if (dice < 35 || unsent < 2) return unsent;
    if (dice < 60) return 1 + fuzz_below(random, RECORD_HEADER + 1);
    if (dice < 75) return unsent - 1 - fuzz_below(random, unsent < 40 ? (uint32_t)unsent - 1 : 40);
    return 1 + (size_t)(fuzz_next(random) % unsent);
}

enum tls_verdict tls_take(struct tls *tls, const char *bytes, size_t length, struct bytes *plain) {
    size_t count = 0;
    if (tls->has_failed) return TLS_FINE; /* that was said */
    ERR_clear_error();
    if (!BIO_write_ex(SSL_get_rbio(tls->ssl), bytes, length, &count) || count != length) abort();
    enum tls_verdict verdict = TLS_FINE;
    if (!tls->is_ready) verdict = shake_hands(tls);
    while (tls->is_ready && !tls->has_failed) {
        int returned = SSL_read_ex(tls->ssl, bytes_room(plain, 16384), 16384, &count);
        if (returned != 1) {
            verdict = judge(tls, returned);
            break;
        }
        plain->length += count;
    }
    collect(tls);
    return verdict;
}
