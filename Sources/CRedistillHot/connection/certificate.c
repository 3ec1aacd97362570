/* This file owns reading the name in a certificate. */
#include "connection/certificate.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "connection/login.h"

/* The user whom the one common name is of; NULL: there is no such name, several, or no such user. */
static struct rd_user *named_user(struct rd_users *users, const X509 *certificate) {
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return NULL;
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (length < 0) return NULL;
    struct rd_user *user = rd_users_find(users, (struct rd_slice){(const char *)text, (size_t)length});
    OPENSSL_free(text);
    return user;
}

void rd_certificate_log_in(struct rd_conn *conn) {
    if (!rd_setting(conn->loop->settings, RD_SET_TLS_USER)) return;
    const X509 *certificate = SSL_get0_peer_certificate(conn->tls);
    if (!certificate || SSL_get_verify_result(conn->tls) != X509_V_OK) return;
    struct rd_user *user = named_user(&conn->loop->shared->users, certificate);
    if (!user) {
        rd_conn_tell(conn, RD_EVENT_CERTIFICATE_UNKNOWN, &conn->loop->counters.denied_certificates, NULL);
    } else if (rd_conn_log_in(conn, user) != RD_OK) {
        rd_user_release(user);
        rd_conn_break(conn);
    } else {
        rd_conn_tell(conn, RD_EVENT_LOGGED_IN, NULL, "by certificate");
    }
}
