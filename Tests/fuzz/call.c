/* This file owns calls without a server around them. */
#include "call.h"

#include <stdarg.h>
#include <stdlib.h>

#include "call/control.h"
#include "call/index.h"
#include "serve/table.h"
#include "connection/conn.h"
#include "observe/observer.h"

struct stage {
    struct rd_shared shared;
    struct rd_store store;
    struct rd_observers observers;
    struct rd_observer observer;
    struct rd_callbacks callbacks;
    struct rd_command_index commands;
    struct rd_control control;
    struct rd_loop loop;
    struct rd_conn conn;
    struct rd_reply reply;
    char *answer;
};

static struct stage *stage;

void fuzz_require(bool holds) {
    if (!holds) abort();
}

static void begin_once(void) {
    if (stage) return;
    stage = calloc(1, sizeof *stage);
    fuzz_require(stage);
    static const struct rd_hash_seed seed = {1, 2};
    struct rd_store_options options = {.shards = 2, .reserve = 64u << 20, .seed = &seed};
    fuzz_require(rd_store_init(&stage->store, &options) == RD_OK);
    rd_command_index_init(&stage->commands, rd_command_families);
    rd_settings_init(&stage->shared.settings);
    atomic_store(&stage->shared.settings.values[RD_SET_MAX_BULK_LENGTH], FUZZ_VALUE_MOST);
    stage->control = (struct rd_control){.callbacks = &stage->callbacks, .commands = &stage->commands};
    stage->observers.trackers.shared = &stage->shared;
    stage->observer = (struct rd_observer){.all = &stage->observers, .loop = &stage->loop};
    stage->shared.loops = &stage->loop;
    stage->shared.loop_count = 1;
    stage->loop.shared = &stage->shared;
    stage->loop.settings = &stage->shared.settings;
    stage->loop.store = &stage->store;
    stage->loop.observer = &stage->observer;
    stage->loop.control = &stage->control;
    stage->loop.now_ms = FUZZ_NOW;
    stage->conn.loop = &stage->loop;
    stage->conn.id = 7;
    stage->conn.fd = -1;
    stage->conn.authenticated = true;
}

void fuzz_begin(void) {
    begin_once();
    fuzz_set_protocol(2);
}

void fuzz_end(void) {
    rd_reply_truncate(&stage->reply, 0, 0);
    rd_store_clear(&stage->store);
    while (rd_flush_step(&stage->store)) {
    }
}

struct rd_store *fuzz_store(void) {
    return &stage->store;
}

void fuzz_set_protocol(uint8_t protocol) {
    stage->reply.protocol = protocol;
}

bool fuzz_line(const uint8_t **at, const uint8_t *end, struct rd_slice *line) {
    if (*at == end) return false;
    const uint8_t *feed = memchr(*at, '\n', (size_t)(end - *at));
    const uint8_t *stop = feed ? feed : end;
    *line = (struct rd_slice){(const char *)*at, (size_t)(stop - *at)};
    *at = feed ? feed + 1 : end;
    return true;
}

void fuzz_arguments_add(struct fuzz_arguments *arguments, const char *bytes, size_t length) {
    if (arguments->count == FUZZ_ARGUMENTS) return;
    char *copy = malloc(length ? length : 1);
    fuzz_require(copy);
    if (length) memcpy(copy, bytes, length);
    arguments->at[arguments->count++] = (struct rd_slice){copy, length};
}

void fuzz_arguments_read(struct fuzz_arguments *arguments, const uint8_t **at, const uint8_t *end) {
    struct rd_slice line;
    while (fuzz_line(at, end, &line) && line.length) fuzz_arguments_add(arguments, line.bytes, line.length);
}

void fuzz_arguments_free(struct fuzz_arguments *arguments) {
    for (uint32_t i = 0; i < arguments->count; i++) free((char *)arguments->at[i].bytes);
    arguments->count = 0;
}

struct rd_call fuzz_call(const struct fuzz_arguments *arguments) {
    rd_reply_truncate(&stage->reply, 0, 0);
    return (struct rd_call){
        .loop = &stage->loop,
        .conn = &stage->conn,
        .store = &stage->store,
        .command = rd_command_find(&stage->commands, (struct rd_slice){"get", 3}).row,
        .argv = arguments->at,
        .argc = arguments->count,
        .now = FUZZ_NOW,
        .reply = &stage->reply,
    };
}

/* The reply as it would be sent. */
static struct fuzz_answer gather(void) {
    const struct rd_reply *reply = &stage->reply;
    size_t length = reply->length, from = 0, to = 0;
    for (uint32_t i = 0; i < reply->blob_count; i++) length += reply->blobs[i].length;
    free(stage->answer);
    stage->answer = malloc(length ? length : 1);
    fuzz_require(stage->answer && !reply->failed);
    for (uint32_t i = 0; i < reply->blob_count; i++) {
        const struct rd_reply_blob *part = &reply->blobs[i];
        memcpy(stage->answer + to, reply->bytes + from, part->at - from);
        to += part->at - from;
        memcpy(stage->answer + to, part->blob->bytes + part->offset, part->length);
        to += part->length;
        from = part->at;
    }
    if (reply->length > from) memcpy(stage->answer + to, reply->bytes + from, reply->length - from);
    return (struct fuzz_answer){stage->answer, length};
}

/* Behind the sound reply that stands at `at`. */
static const char *skip_reply(const char *at, const char *end) {
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    fuzz_require(feed && feed - at >= 2 && feed[-1] == '\r');
    int64_t number = 0;
    bool is_number = rd_parse_i64(at + 1, (size_t)(feed - 1 - at - 1), &number);
    switch (*at) {
    case '$':
    case '=':
        fuzz_require(is_number && number >= -1);
        if (number < 0) return feed + 1;
        fuzz_require(end - (feed + 1) >= number + 2 && memcmp(feed + 1 + number, "\r\n", 2) == 0);
        return feed + 1 + number + 2;
    case '*':
    case '~':
    case '%':
        fuzz_require(is_number && number >= -1);
        if (*at == '%') number *= 2;
        at = feed + 1;
        for (int64_t i = 0; i < number; i++) at = skip_reply(at, end);
        return at;
    case ':': fuzz_require(is_number); return feed + 1;
    default: fuzz_require(strchr("+-_,#", *at) != NULL); return feed + 1;
    }
}

struct fuzz_answer fuzz_run(const struct fuzz_arguments *arguments) {
    fuzz_require(arguments->count > 0);
    struct rd_call call = fuzz_call(arguments);
    struct rd_command_found found = rd_command_find(&stage->commands, arguments->at[0]);
    if (found.row && found.row->flags & RD_CMD_CONTAINER && arguments->count > 1) {
        found = rd_subcommand_find(&stage->commands, found.number, arguments->at[1]);
    }
    const struct rd_command *command = found.row;
    if (!command || !command->handler || !rd_command_arity_fits(command, arguments->count)) {
        return (struct fuzz_answer){"-ERR\r\n", 6};
    }
    call.command = command;
    if (command->flags & RD_CMD_ONE_KEY) {
        call.hash = rd_store_hash(call.store, call.argv[call.command->first_key]);
        call.shard = rd_store_shard(call.store, call.hash);
    }
    command->handler(&call);
    struct fuzz_answer answer = gather();
    const char *end = answer.bytes + answer.length;
    fuzz_require(answer.length > 0 && skip_reply(answer.bytes, end) == end);
    return answer;
}

struct fuzz_answer fuzz_ask(const char *word, ...) {
    struct fuzz_arguments arguments = {.count = 0};
    va_list words;
    va_start(words, word);
    for (; word; word = va_arg(words, const char *)) fuzz_arguments_add(&arguments, word, strlen(word));
    va_end(words);
    struct fuzz_answer answer = fuzz_run(&arguments);
    fuzz_arguments_free(&arguments);
    return answer;
}

int64_t fuzz_integer(struct fuzz_answer answer) {
    int64_t number;
    fuzz_require(answer.length > 3 && answer.bytes[0] == ':');
    fuzz_require(rd_parse_i64(answer.bytes + 1, answer.length - 3, &number));
    return number;
}

bool fuzz_is_error(struct fuzz_answer answer) {
    return answer.length > 0 && answer.bytes[0] == '-';
}
