/* This file owns logging in by the certificate that a client has shown. */
#ifndef RD_CERTIFICATE_H
#define RD_CERTIFICATE_H

#include "connection/conn.h"

/*
 * The handshake is over: where the setting says so, the connection is the user whom its certificate names, if there is one.
 * Else it stays who it is: that is told when there was a certificate.
 */
void rd_certificate_log_in(struct rd_conn *conn);

#endif
