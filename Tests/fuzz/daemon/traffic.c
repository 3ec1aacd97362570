/* This file owns the making of pipelines. */
#include "traffic.h"

#include <strings.h>

#include "grammar.h"
#include "value.h"

static bool argument_is(const struct request *request, uint32_t i, const char *word) {
    if (i >= request->count) return false;
    struct rd_slice argument = request_argument(request, i);
    return argument.length == strlen(word) && strncasecmp(argument.bytes, word, argument.length) == 0;
}

static bool starts_with(const struct request *request, const char *command, const char *sub) {
    return argument_is(request, 0, command) && (!sub || argument_is(request, 1, sub));
}

/* What would spoil what others rely on in this kind of world. */
static bool is_forbidden(const struct world *world, const struct request *request) {
    static const char *const always[][2] = {{"debug", "log"}, {"debug", "sleep"}};
    static const char *const modelled[][2] = {{"flushall", NULL}, {"flushdb", NULL}, {"client", "kill"}, {"debug", NULL},
                                              {"config", "set"}};
    static const char *const with_password[][2] = {{"client", "reply"}, {"shutdown", NULL}};
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (starts_with(request, always[i][0], always[i][1])) return true;
    }
    for (size_t i = 0; world->profile == PROFILE_MODEL && i < sizeof modelled / sizeof modelled[0]; i++) {
        if (starts_with(request, modelled[i][0], modelled[i][1])) return true;
    }
    for (size_t i = 0; (world->leniency.refuses || world->leniency.busy) && i < sizeof with_password / sizeof with_password[0]; i++) {
        if (starts_with(request, with_password[i][0], with_password[i][1])) return true;
    }
    /* A script that empties databases. */
    struct rd_slice script = request->count > 1 ? request_argument(request, 1) : (struct rd_slice){NULL, 0};
    bool may_flush = script.length && (memmem(script.bytes, script.length, "flushdb", 7) || memmem(script.bytes, script.length, "swapdb", 6));
    if (world->profile == PROFILE_MODEL && may_flush) return true;
    /* Their time is that of their arguments: numbers of keys, and the square of lengths. */
    if (starts_with(request, "debug", "populate")) {
        for (uint32_t i = 2; i < request->count; i++) {
            if (i != 3 && request_argument(request, i).length > 2) return true;
        }
    }
    for (uint32_t i = 1; starts_with(request, "lcs", NULL) && i < 3 && i < request->count; i++) {
        struct rd_slice key = request_argument(request, i);
        if (key.length < 2 || memcmp(key.bytes, "s:", 2) != 0) return true;
    }
    /* Keys of LCS stay short: their name in any other command that writes. */
    return false;
}

/* The lengths of s: values are kept small by writing only here. */
static bool writes_small_key(const struct request *request) {
    for (uint32_t i = 1; i < request->count; i++) {
        struct rd_slice argument = request_argument(request, i);
        if (argument.length >= 2 && memcmp(argument.bytes, "s:", 2) == 0) return true;
    }
    return false;
}

/* Keys of named values are written by who names them; a pattern of one, where a key belongs, may be one. */
static bool names_named_key(const struct request *request) {
    static const char *const readers[] = {"config", "keys", "scan", "client"};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (starts_with(request, readers[i], NULL)) return false;
    }
    for (uint32_t i = 1; i < request->count; i++) {
        struct rd_slice argument = request_argument(request, i);
        if (argument.length >= 2 && memcmp(argument.bytes, "v:", 2) == 0) return true;
    }
    return false;
}

static void make_any(struct world *world, struct fuzz_random *random, struct request *request) {
    do {
        grammar_request(request, fuzz_below(random, grammar_count()), random, &world->words);
        if (request->bytes.length > 600 && writes_small_key(request)) request_clear(request);
    } while (request->count == 0 || is_forbidden(world, request) || names_named_key(request));
}

/* Requests whose answers cannot be counted without knowing what each before did. */
static bool is_loose(const struct request *request) {
    return starts_with(request, "client", "reply") || starts_with(request, "shutdown", NULL);
}

struct pipeline {
    struct world *world;
    struct client *client;
    struct fuzz_random *random;
    size_t owed; /* answers, one each, until it turns out that they cannot be counted */
    bool is_loose;
};

static void say(struct pipeline *pipeline, const struct request *request) {
    struct client *client = pipeline->client;
    client_add(client, request, fuzz_chance(pipeline->random, 6));
    pipeline->world->commands++;
    pipeline->owed++;
    pipeline->is_loose |= is_loose(request);
    if (starts_with(request, "multi", NULL)) client->queues = true;
    if (starts_with(request, "client", "pause")) pipeline->world->leniency.paused = true;
    if (starts_with(request, "quit", NULL)) client->is_doomed = true;
    /* Within an EXEC it cuts the array short whose length was told, in Redis too: the rest is out of step. */
    if (client->queues && starts_with(request, "client", "reply")) client->is_doomed = true;
}

static void say_words(struct pipeline *pipeline, const char *words) {
    static struct request request;
    request_clear(&request);
    while (*words) {
        size_t length = strcspn(words, " ");
        request_add(&request, words, length);
        words += length + (words[length] == ' ');
    }
    say(pipeline, &request);
}

static void finish(struct pipeline *pipeline) {
    struct client *client = pipeline->client;
    if (pipeline->is_loose) {
        say_words(pipeline, "discard");
        say_words(pipeline, "client reply on");
        client_owe(client, OWED_LOOSE, "", 0);
    } else {
        for (size_t i = 0; i < pipeline->owed; i++) client_owe(client, OWED_ANY, "", 0);
    }
    client_add_token(client);
}

void traffic_model(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    static struct model_answer answer;
    uint32_t count = 1 + fuzz_below(random, fuzz_chance(random, 20) ? 60 : 12);
    /* A transaction is never left open: its end comes by itself within some requests. */
    for (uint32_t i = 0; i < count || client->model.queueing; i++) {
        model_request(&client->model, random, world->now_ms, world->words.longest, &request, &answer);
        client_add(client, &request, fuzz_chance(random, 5));
        client_owe_answer(client, &answer);
        world->commands++;
    }
    client_add_token(client);
}

void traffic_large(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    static const char *const words[] = {"set", "set", "mset", "mset", "append", "setnx", "getset", "echo"};
    static const size_t lengths[] = {16384, 32768, 32768, 33000, 40000, 65536, 131072, 1048576};
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    bool in_multi = fuzz_chance(random, 40);
    if (in_multi) say_words(&pipeline, "multi");
    uint32_t count = 1 + fuzz_below(random, 3);
    for (uint32_t i = 0; i < count; i++) {
        const char *word = FUZZ_PICK(random, words);
        uint32_t values = strcmp(word, "mset") == 0 ? 1 + fuzz_below(random, 3) : 1;
        request_clear(&request);
        request_text(&request, word);
        for (uint32_t j = 0; j < values; j++) {
            if (strcmp(word, "echo") != 0) (void)word_add(&request, random, &world->words, "k");
            size_t length = FUZZ_PICK(random, lengths) + fuzz_below(random, 3) - 1;
            if (length > world->words.longest && fuzz_chance(random, 80)) length = world->words.longest;
            memset(bytes_room(&request.bytes, length), 'a' + (int)fuzz_below(random, 26), length);
            request.bytes.length += length;
            request_close(&request);
        }
        say(&pipeline, &request);
    }
    if (in_multi) say_words(&pipeline, fuzz_chance(random, 80) ? "exec" : "discard");
    finish(&pipeline);
}

static void add_named(struct request *request, struct fuzz_random *random) {
    char key[16];
    request_add(request, key, (size_t)snprintf(key, sizeof key, "v:%u", fuzz_below(random, 10)));
}

static void add_named_value(struct world *world, struct client *client, struct request *request,
                            struct fuzz_random *random) {
    static struct bytes value;
    value.length = 0;
    value_add(&value, request_argument(request, request->count - 1), client->number, ++world->writes,
              word_length(random, &world->words));
    request_add(request, value.at, value.length);
}

static void say_named(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    static const char *const words[] = {"set", "mset", "getset", "get", "get", "getdel", "del", "expire", "getex"};
    uint32_t kind = fuzz_below(random, 9);
    request_clear(&request);
    request_text(&request, words[kind]);
    uint32_t keys = kind == 1 ? 1 + fuzz_below(random, 5) : 1;
    for (uint32_t i = 0; i < keys; i++) {
        add_named(&request, random);
        if (kind < 3) add_named_value(world, client, &request, random);
    }
    bool gets = kind >= 2 && kind <= 5;
    if (kind == 0 && fuzz_chance(random, 20)) {
        request_text(&request, "get");
        gets = true;
    }
    if (kind == 0 && fuzz_chance(random, 20)) {
        request_text(&request, "ex");
        request_number(&request, 1 + fuzz_below(random, 100));
    }
    if (kind == 7) request_number(&request, 1 + fuzz_below(random, 100));
    client_add(client, &request, false);
    world->commands++;
    struct rd_slice key = request_argument(&request, 1);
    if (gets) client_owe(client, OWED_NAMED, key.bytes, key.length);
    else client_owe(client, OWED_ANY, "", 0);
}

void traffic_named(struct world *world, struct client *client, struct fuzz_random *random) {
    uint32_t count = 1 + fuzz_below(random, 8);
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    bool in_multi = fuzz_chance(random, 30);
    if (in_multi) {
        say_words(&pipeline, "multi");
        client_owe(client, OWED_ANY, "", 0);
    }
    for (uint32_t i = 0; i < count; i++) say_named(world, client, random);
    if (in_multi) {
        say_words(&pipeline, "exec");
        client_owe(client, OWED_ANY, "", 0);
    }
    client_add_token(client);
}

void traffic_any(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    uint32_t count = 1 + fuzz_below(random, fuzz_chance(random, 5) ? 120 : 10);
    for (uint32_t i = 0; i < count; i++) {
        make_any(world, random, &request);
        say(&pipeline, &request);
        if (fuzz_chance(random, 3)) client_add_raw(client, "\r\n*0\r\n*-1\r\n\r\n", 13);
    }
    finish(&pipeline);
}

static void say_mode(struct pipeline *pipeline) {
    static const char *const modes[] = {
        "hello 3", "hello 3", "hello 2", "client tracking on", "client tracking on", "client tracking off",
        "client tracking on bcast", "client tracking on bcast prefix g: prefix v:", "client tracking on optin",
        "client tracking on optout", "client caching yes", "client caching no", "client tracking on noloop",
        "client tracking on noloop bcast", "monitor", "reset", "client no-touch on", "client no-touch off",
        "client no-evict on", "client getredir", "client trackinginfo", "unwatch", "discard", "client setname someone",
        "client reply off", "client reply skip", "client reply on",
    };
    if (fuzz_chance(pipeline->random, 10)) {
        char text[64];
        snprintf(text, sizeof text, "client tracking on redirect %u", fuzz_below(pipeline->random, pipeline->world->opened + 2));
        say_words(pipeline, text);
        return;
    }
    const char *mode = FUZZ_PICK(pipeline->random, modes);
    bool is_exact = pipeline->world->leniency.refuses || pipeline->world->leniency.busy;
    if (is_exact && strncmp(mode, "client reply", 12) == 0) mode = "ping";
    say_words(pipeline, mode);
}

static void say_touching(struct pipeline *pipeline) {
    char text[64];
    static const char *const words[] = {"get g:%u", "get g:%u", "set g:%u 1", "mget g:%u g:1 g:2 g:3", "del g:%u",
                                        "watch g:%u g:4", "incr g:%u", "get v:%u", "exists g:%u"};
    snprintf(text, sizeof text, FUZZ_PICK(pipeline->random, words), fuzz_below(pipeline->random, 12));
    say_words(pipeline, text);
}

void traffic_modes(struct world *world, struct client *client, struct fuzz_random *random) {
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    uint32_t count = 1 + fuzz_below(random, 8);
    for (uint32_t i = 0; i < count; i++) {
        if (fuzz_chance(random, 50)) say_mode(&pipeline);
        else say_touching(&pipeline);
    }
    finish(&pipeline);
}

void traffic_transaction(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    if (fuzz_chance(random, 30)) say_touching(&pipeline);
    if (fuzz_chance(random, 30)) say_mode(&pipeline);
    say_words(&pipeline, "multi");
    uint32_t count = fuzz_below(random, 10);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t dice = fuzz_below(random, 100);
        if (dice < 25) say_mode(&pipeline);
        else if (dice < 45) say_touching(&pipeline);
        else {
            make_any(world, random, &request);
            say(&pipeline, &request);
        }
    }
    /* Now and then the next pipeline is within it too. */
    if (fuzz_chance(random, 85)) say_words(&pipeline, fuzz_chance(random, 80) ? "exec" : "discard");
    finish(&pipeline);
}

/* A script of named values: it reads one at last. */
static void say_named_script(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    char text[96];
    uint32_t sets = fuzz_below(random, 3);
    snprintf(text, sizeof text, "%s%s%sspin %u;next 2", fuzz_chance(random, 50) ? "#k;" : "", sets > 0 ? "next 3;" : "",
             sets > 1 ? "ask 2;next 3;" : "", fuzz_below(random, 8));
    request_clear(&request);
    request_text(&request, fuzz_chance(random, 90) ? "eval" : "eval_ro");
    request_text(&request, text);
    request_number(&request, 10); /* they are all its keys, so that it may say that it touches no others */
    for (uint32_t i = 0; i < 10; i++) {
        char key[16];
        request_add(&request, key, (size_t)snprintf(key, sizeof key, "v:%u", i));
    }
    for (uint32_t i = 0; i < sets; i++) {
        request_text(&request, "set");
        add_named(&request, random);
        add_named_value(world, client, &request, random);
    }
    request_text(&request, "get");
    add_named(&request, random);
    client_add(client, &request, false);
    world->commands++;
    struct rd_slice key = request_argument(&request, request.count - 1);
    client_owe(client, OWED_NAMED, key.bytes, key.length);
}

void traffic_scripts(struct world *world, struct client *client, struct fuzz_random *random) {
    static struct request request;
    static const char *const names[] = {"eval", "eval", "eval", "eval_ro", "evalsha", "evalsha_ro", "script|load", "script|exists",
                                        "script|flush", "script|kill", "script|kill"};
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    if (fuzz_chance(random, 30)) {
        for (uint32_t i = 1 + fuzz_below(random, 4); i > 0; i--) say_named_script(world, client, random);
        client_add_token(client);
        return;
    }
    if (fuzz_chance(random, 25)) say_touching(&pipeline);
    bool in_multi = fuzz_chance(random, 35);
    if (in_multi) say_words(&pipeline, "multi");
    for (uint32_t i = 1 + fuzz_below(random, 5); i > 0; i--) {
        if (fuzz_chance(random, 20)) say_touching(&pipeline);
        else if (fuzz_chance(random, 10)) say_mode(&pipeline);
        const char *name = FUZZ_PICK(random, names);
        uint32_t number = 0;
        while (strcmp(grammar_name(number), name) != 0) number++;
        do grammar_request(&request, number, random, &world->words);
        while (is_forbidden(world, &request));
        say(&pipeline, &request);
    }
    if (in_multi && fuzz_chance(random, 90)) say_words(&pipeline, fuzz_chance(random, 80) ? "exec" : "discard");
    finish(&pipeline);
}

void traffic_passwords(struct world *world, struct client *client, struct fuzz_random *random) {
    static const char *const words[] = {"auth wrong", "auth wrong", "auth default wrong", "hello 3 auth default wrong", "ping",
                                        "auth secret", "hello 2 auth default secret", "auth app secret", "auth reader secret", "reset", "get g:1", "echo x"};
    struct pipeline pipeline = {.world = world, .client = client, .random = random};
    for (uint32_t i = 1 + fuzz_below(random, 6); i > 0; i--) say_words(&pipeline, FUZZ_PICK(random, words));
    finish(&pipeline);
}

void traffic_broken(struct world *world, struct client *client, struct fuzz_random *random) {
    static const char *const broken[] = {
        "*1\r\n$-1\r\n", "*1\r\n$-5\r\n", "*3\r\n$3\r\nSET\r\n$999999999999\r\n", "*2147483648\r\n", "*2147483647\r\n", "*-2\r\n",
        "*1\r\n$\r\n", "*\r\n", "*1\r\n:5\r\n", "*1\n$4\nPING\n", "GET \"unfinished\r\n", "GET 'a'b\r\n", "*2\r\n$3\r\nGET\r\n$1\r\nkX\r\n",
        "\x16\x03\x01\x02", "POST / HTTP/1.1\r\n", "Host: x\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$40000\r\nabc", "*1000000\r\n$1\r\na\r\n",
        "*2\r\n$3\r\nGET\r\n$70000\r\n", "\r\n\r\n\r\n", "*1\r\n$4\r\nPI", "*3\r\n$3\r\nset\r\n$1\r\na\r\n$536870912\r\n",
    };
    static struct request request;
    uint32_t dice = fuzz_below(random, 3);
    if (dice == 0) {
        const char *text = FUZZ_PICK(random, broken);
        client_add_raw(client, text, strlen(text));
    } else if (dice == 1) {
        char noise[300];
        for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)fuzz_next(random);
        client_add_raw(client, noise, 1 + fuzz_below(random, sizeof noise));
    } else { /* right but for a few bytes */
        size_t start = client->out.length;
        make_any(world, random, &request);
        client_add(client, &request, false);
        for (uint32_t i = 0; i < 1 + fuzz_below(random, 3); i++) {
            size_t at = start + fuzz_next(random) % (client->out.length - start);
            client->out.at[at] = (char)fuzz_next(random);
        }
    }
    client->is_doomed = true;
}
