/* This file owns setting a client's names, and its user. */
#include "connection/client_info.h"

#include <stdlib.h>
#include <string.h>

#include "connection/conn.h"
#include "connection/user.h"

bool rd_client_name_is_valid(struct rd_slice name) {
    for (size_t i = 0; i < name.length; i++) {
        if (name.bytes[i] < '!' || name.bytes[i] > '~') return false;
    }
    return true;
}

static char **field_of(struct rd_client_info *info, enum rd_client_field field) {
    switch (field) {
    case RD_CLIENT_NAME: return &info->name;
    case RD_CLIENT_LIBRARY: return &info->library;
    case RD_CLIENT_LIBRARY_VERSION: return &info->library_version;
    }
    return NULL;
}

static uint64_t length_of(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

enum rd_status rd_client_set_name(struct rd_conn *conn, enum rd_client_field field, struct rd_slice text) {
    char *copy = text.length ? strndup(text.bytes, text.length) : NULL;
    struct rd_client_info *info = conn->info ? conn->info : calloc(1, sizeof *info);
    if ((text.length && !copy) || !info) {
        free(copy);
        if (info != conn->info) free(info);
        return RD_ERR_NO_MEMORY;
    }
    rd_lock_acquire(&conn->loop->connections_lock);
    conn->info = info;
    char **place = field_of(info, field);
    char *old = *place;
    *place = copy;
    info->bytes = sizeof *info + length_of(info->name) + length_of(info->library) + length_of(info->library_version);
    rd_lock_release(&conn->loop->connections_lock);
    free(old);
    rd_clients_note(conn);
    return RD_OK;
}

enum rd_status rd_client_set_user(struct rd_conn *conn, struct rd_user *user) {
    struct rd_client_info *info = conn->info;
    if (!info && !user) return RD_OK;
    if (!info && !(info = calloc(1, sizeof *info))) return RD_ERR_NO_MEMORY;
    rd_lock_acquire(&conn->loop->connections_lock);
    if (!conn->info) info->bytes = sizeof *info;
    conn->info = info;
    struct rd_user *old = info->user;
    info->user = user;
    rd_lock_release(&conn->loop->connections_lock);
    if (old) rd_user_release(old);
    return RD_OK;
}

void rd_client_info_free(struct rd_client_info *info) {
    if (!info) return;
    if (info->user) rd_user_release(info->user);
    free(info->name);
    free(info->library);
    free(info->library_version);
    free(info);
}
