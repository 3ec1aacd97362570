/* This file owns binding and listening. */
#include "base/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(struct rd_error *error, enum rd_status status, int os_error, const char *what, const char *where,
                const char *why) {
    error->status = status;
    error->os_error = os_error;
    snprintf(error->message, sizeof error->message, "%s %s: %s", what, where, why);
    return -1;
}

/* Left over from a process that is gone, so that nobody answers there? */
static bool is_stale(const struct sockaddr_un *address) {
    /* Who holds it and accepts nobody would let a blocking connect wait for ever. */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static int bind_unix(const struct rd_endpoint *endpoint, uint32_t backlog, struct rd_error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(endpoint->address) >= sizeof address.sun_path) {
        return fail(error, RD_ERR_ADDRESS, 0, "cannot listen on", endpoint->address, "the path is too long");
    }
    strcpy(address.sun_path, endpoint->address);
    struct stat status;
    if (stat(endpoint->address, &status) == 0 && S_ISSOCK(status.st_mode) && is_stale(&address)) {
        unlink(endpoint->address);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(error, RD_ERR_SYSTEM, errno, "cannot listen on", endpoint->address, strerror(errno));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        (endpoint->unix_mode && chmod(endpoint->address, endpoint->unix_mode) != 0) || listen(fd, (int)backlog) != 0) {
        int cause = errno;
        close(fd);
        return fail(error, RD_ERR_BIND, cause, "cannot listen on", endpoint->address, strerror(cause));
    }
    return fd;
}

static uint16_t port_of(int fd) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) return 0;
    if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

int rd_bind_inherited(const struct rd_endpoint *endpoint, uint32_t backlog, uint16_t *port, struct rd_error *error) {
    int fd = endpoint->inherited;
    struct stat status;
    *port = endpoint->unix_socket ? 0 : port_of(fd);
    if (endpoint->unix_socket && (stat(endpoint->address, &status) != 0 || !S_ISSOCK(status.st_mode))) {
        close(fd); /* somebody has removed its file, without which nobody finds it */
        return bind_unix(endpoint, backlog, error);
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    /* What the process before was told of both may be another. */
    bool is_fine = !endpoint->unix_socket || !endpoint->unix_mode || chmod(endpoint->address, endpoint->unix_mode) == 0;
    if (is_fine && listen(fd, (int)backlog) == 0) return fd;
    int cause = errno;
    close(fd);
    return fail(error, RD_ERR_BIND, cause, "cannot listen on", endpoint->address, strerror(cause));
}

int rd_bind(const struct rd_endpoint *endpoint, uint32_t backlog, uint16_t *port, struct rd_error *error) {
    *port = 0;
    if (endpoint->unix_socket) return bind_unix(endpoint, backlog, error);
    bool everywhere = strcmp(endpoint->address, "*") == 0;
    char where[300], service[8];
    snprintf(service, sizeof service, "%u", endpoint->port);
    snprintf(where, sizeof where, "%s port %u", endpoint->address, endpoint->port);
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(everywhere ? "::" : endpoint->address, service, &hints, &found);
    if (result != 0 || !found) {
        return fail(error, RD_ERR_ADDRESS, 0, "cannot listen on", where,
                    result == EAI_SYSTEM ? strerror(errno) : gai_strerror(result));
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && everywhere && errno == EAFNOSUPPORT) { /* a kernel without IPv6 */
        freeaddrinfo(found);
        struct rd_endpoint v4 = *endpoint;
        v4.address = "0.0.0.0";
        return rd_bind(&v4, backlog, port, error);
    }
    int on = 1, off = 0;
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd >= 0 && found->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, everywhere ? &off : &on, sizeof on);
    }
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, (int)backlog) != 0) {
        int cause = errno;
        if (fd >= 0) close(fd);
        freeaddrinfo(found);
        return fail(error, RD_ERR_BIND, cause, "cannot listen on", where, strerror(cause));
    }
    freeaddrinfo(found);
    *port = port_of(fd);
    return fd;
}
