/*
 * The hot path alone, as a server: one worker, no control plane. For tools that a Swift program is too much for, such as
 * valgrind. Writes its port, and serves until its input ends. With the argument `cluster` it is the one node of a cluster.
 */
#include <redistill_cluster.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(const struct rd_error *error) {
    fprintf(stderr, "hot-server: %s\n", error->message);
    return 1;
}

static enum rd_status join_cluster(struct rd_server *server) {
    static const uint16_t owners[RD_CLUSTER_SLOTS];
    struct rd_cluster_member self = {"127.0.0.1", 6379, "0123456789012345678901234567890123456789"};
    struct rd_cluster_options options = {.nodes = &self, .node_count = 1, .owners = owners, .own = 0, .own_node = self};
    return rd_server_set_cluster(server, &options);
}

int main(int argc, char **argv) {
    struct rd_endpoint endpoint = {.address = "127.0.0.1"};
    struct rd_options options = {.workers = 1, .endpoints = &endpoint, .endpoint_count = 1, .owns_process = true};
    for (int i = 0; i < RD_SETTING_COUNT; i++) options.settings[i] = -1;
    struct rd_callbacks callbacks = {0};
    struct rd_server *server;
    struct rd_error error;
    if (rd_server_create(&options, &callbacks, &server, &error) != RD_OK) return fail(&error);
    if (argc > 1 && strcmp(argv[1], "cluster") == 0 && join_cluster(server) != RD_OK) return 1;
    if (rd_server_start(server, &error) != RD_OK) return fail(&error);
    printf("%u\n", rd_server_port(server, 0));
    fflush(stdout);
    char ignored;
    while (read(STDIN_FILENO, &ignored, 1) > 0) {}
    rd_server_destroy(server);
    return 0;
}
