/* This file owns the sending of requests and the account of answers. */
#include "client.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "value.h"

/* No cut within so many bytes: they are of a large argument. */
#define LARGE_CUT 8000

_Noreturn void client_complain(const struct client *client, const char *what, const char *expected, const char *came) {
    client_show(client);
    fprintf(stderr, "fuzz: client %u: %s\n  expected: %.600s\n  came:     %.600s\n", client->number, what, expected, came);
    abort();
}

void client_open(struct client *client, int fd, bool is_unix, struct tls *tls) {
    client->fd = fd;
    client->tls = tls;
    client->is_unix = is_unix;
    client->is_doomed = client->has_ended = client->does_not_read = client->queues = false;
}

static void forget_owed(struct client *client) {
    for (size_t i = client->owed_first; i < client->owed_count; i++) free(client->owed[i].text);
    client->owed_first = client->owed_count = 0;
}

void client_close(struct client *client, bool with_reset) {
    if (client->fd >= 0) {
        struct linger linger = {.l_onoff = 1, .l_linger = 0};
        if (with_reset) setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        close(client->fd);
    }
    client->fd = -1;
    tls_close(client->tls);
    client->tls = NULL;
    forget_owed(client);
    bytes_free(&client->out);
    bytes_free(&client->in);
    bytes_free(&client->said);
    free(client->cuts);
    free(client->owed);
    client->cuts = NULL;
    client->owed = NULL;
    client->sent = client->cut_count = client->cut_room = client->owed_room = 0;
}

static void add_cut(struct client *client, size_t at) {
    if (client->cut_count == client->cut_room) {
        client->cut_room = client->cut_room * 2 + 64;
        client->cuts = realloc(client->cuts, client->cut_room * sizeof client->cuts[0]);
        if (!client->cuts) abort();
    }
    client->cuts[client->cut_count++] = at;
}

/* A header with its number, and every place in it. */
static void add_header(struct client *client, char type, size_t number) {
    char text[32];
    size_t length = (size_t)snprintf(text, sizeof text, "%c%zu\r\n", type, number), start = client->out.length;
    bytes_add(&client->out, text, length);
    for (size_t i = 1; i <= length; i++) add_cut(client, start + i);
}

static bool fits_line(const struct request *request) {
    for (uint32_t i = 0; i < request->count; i++) {
        if (request_argument(request, i).length == 0) return false;
    }
    for (size_t i = 0; i < request->bytes.length; i++) {
        unsigned char c = (unsigned char)request->bytes.at[i];
        if (c <= ' ' || c >= 127 || c == '"' || c == '\'' || c == '\\') return false;
    }
    char first = request->bytes.length ? request->bytes.at[0] : '*';
    return first != '*' && first != '$' && request->bytes.length < 8000;
}

/* Remembers the request in short. */
static void remember(struct client *client, const struct request *request) {
    struct bytes *said = &client->said;
    size_t start = said->length;
    for (uint32_t i = 0; i < request->count && i < 12; i++) {
        struct rd_slice argument = request_argument(request, i);
        char *at = bytes_room(said, 64);
        size_t shown = argument.length < 40 ? argument.length : 40;
        for (size_t j = 0; j < shown; j++) at[j] = argument.bytes[j] > ' ' && argument.bytes[j] < 127 ? argument.bytes[j] : '?';
        said->length += shown;
        if (shown < argument.length) said->length += (size_t)snprintf(at + shown, 24, "...(%zu)", argument.length);
        bytes_text(said, " ");
    }
    bytes_text(said, "\n");
    if (client->is_verbose) fprintf(stderr, "  %u> %.*s", client->number, (int)(said->length - start), said->at + start);
    if (said->length > 16384) bytes_drop(said, said->length - 4096);
}

void client_show(const struct client *client) {
    size_t shown = client->said.length < 2500 ? client->said.length : 2500;
    fprintf(stderr, "client %u said of late:\n%.*s\n", client->number, (int)shown, client->said.at + client->said.length - shown);
}

void client_add(struct client *client, const struct request *request, bool as_line) {
    struct bytes *out = &client->out;
    remember(client, request);
    if (as_line && fits_line(request)) {
        for (uint32_t i = 0; i < request->count; i++) {
            struct rd_slice argument = request_argument(request, i);
            if (i) bytes_text(out, i % 3 ? " " : "  ");
            if (i % 2) bytes_text(out, "\"");
            bytes_add(out, argument.bytes, argument.length);
            if (i % 2) bytes_text(out, "\"");
            add_cut(client, out->length);
        }
        bytes_text(out, request->count % 2 ? "\n" : "\r\n");
        add_cut(client, out->length - 1);
        add_cut(client, out->length);
        return;
    }
    add_header(client, '*', request->count);
    for (uint32_t i = 0; i < request->count; i++) {
        struct rd_slice argument = request_argument(request, i);
        add_header(client, '$', argument.length);
        if (argument.length > 1) add_cut(client, out->length + 1);
        if (argument.length > 40000) add_cut(client, out->length + argument.length / 2);
        if (argument.length > 2) add_cut(client, out->length + argument.length - 1);
        bytes_add(out, argument.bytes, argument.length);
        add_cut(client, out->length);
        bytes_text(out, "\r\n");
        add_cut(client, out->length - 1);
        add_cut(client, out->length);
    }
}

void client_add_raw(struct client *client, const char *bytes, size_t length) {
    bytes_add(&client->out, bytes, length);
    add_cut(client, client->out.length);
}

void client_owe(struct client *client, enum owed_kind kind, const char *text, size_t length) {
    if (client->owed_count == client->owed_room) {
        client->owed_room = client->owed_room * 2 + 64;
        client->owed = realloc(client->owed, client->owed_room * sizeof client->owed[0]);
        if (!client->owed) abort();
    }
    char *copy = malloc(length + 1);
    if (!copy) abort();
    if (length) memcpy(copy, text, length);
    copy[length] = 0;
    client->owed[client->owed_count++] = (struct owed){.kind = kind, .text = copy};
}

void client_owe_answer(struct client *client, const struct model_answer *answer) {
    client_owe(client, answer->is_payload ? OWED_PAYLOAD : OWED_EXACT, answer->text.at, answer->text.length);
    client->owed[client->owed_count - 1].group = answer->group;
}

void client_add_token(struct client *client) {
    char token[48];
    int length = snprintf(token, sizeof token, "~token-%u-%u~", client->number, client->tokens++);
    static struct request request;
    request_clear(&request);
    request_text(&request, "ECHO");
    request_add(&request, token, (size_t)length);
    client_add(client, &request, false);
    client_owe(client, OWED_TOKEN, token, (size_t)length);
}

/* Not even sealed. */
static size_t unsaid(const struct client *client) {
    return client->out.length - client->sent;
}

size_t client_unsent(const struct client *client) {
    const struct tls *tls = client->tls;
    if (!tls) return unsaid(client);
    bool shakes_hands = tls->is_begun && !tls->is_ready && !tls->has_failed;
    return unsaid(client) + tls_unsent(tls) + shakes_hands;
}

static void forget_sent(struct client *client) {
    if (client->sent < client->out.length) return;
    client->out.length = client->sent = client->cut_count = 0;
    if (client->out.room > 1 << 20) bytes_free(&client->out);
}

/* How much becomes records at once: the piece that is sent, little, or more than is sent of it now. */
static size_t choose_sealed(size_t unsaid, size_t most, struct fuzz_random *random) {
    uint32_t dice = fuzz_below(random, 100);
    size_t length = dice < 45 ? most : dice < 55 ? 1 + fuzz_below(random, 64) : dice < 65 ? 1 + fuzz_below(random, 20000) : unsaid;
    return length < unsaid ? length : unsaid;
}

static void seal_piece(struct client *client, size_t most, struct fuzz_random *random) {
    size_t length = choose_sealed(unsaid(client), most, random);
    tls_seal(client->tls, client->out.at + client->sent, length, random);
    client->sent += length;
}

void client_seal(struct client *client) {
    struct tls *tls = client->tls;
    while (tls && tls_can_seal(tls) && unsaid(client)) {
        struct fuzz_random random = tls_dice(tls);
        seal_piece(client, 1 + fuzz_below(&random, 200), &random);
    }
    forget_sent(client);
}

/* In one piece of the records that wait, unless all is to be sent. */
static bool send_sealed(struct client *client, size_t most) {
    struct tls *tls = client->tls;
    bool again;
    if (unsaid(client)) tls_begin(tls);
    do {
        struct fuzz_random random = tls_dice(tls);
        if (tls_unsent(tls) == 0 && tls_can_seal(tls) && unsaid(client)) seal_piece(client, most, &random);
        size_t piece = most == SIZE_MAX || most == 1 ? most : tls_next_cut(tls, &random);
        if (!tls_send(tls, client->fd, piece)) return false;
        again = most == SIZE_MAX && tls_unsent(tls) == 0 && tls_can_seal(tls) && unsaid(client);
    } while (again);
    forget_sent(client);
    return true;
}

bool client_send(struct client *client, size_t most) {
    if (client->tls) return send_sealed(client, most);
    while (most > 0 && client->sent < client->out.length) {
        size_t length = client->out.length - client->sent;
        if (length > most) length = most;
        ssize_t count = send(client->fd, client->out.at + client->sent, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return true;
        if (count < 0) return false;
        client->sent += (size_t)count;
        most -= (size_t)count;
    }
    forget_sent(client);
    return true;
}

size_t client_next_cut(const struct client *client, struct fuzz_random *random) {
    size_t low = 0, high = client->cut_count;
    while (low < high) { /* the first cut behind what was sent */
        size_t middle = (low + high) / 2;
        if (client->cuts[middle] > client->sent) high = middle;
        else low = middle + 1;
    }
    if (low == client->cut_count) return unsaid(client);
    size_t ahead = low + fuzz_below(random, fuzz_chance(random, 50) ? 4 : 60);
    if (fuzz_chance(random, 25)) { /* behind the next large argument: its end, or within CRLF */
        size_t at = low;
        while (at + 1 < client->cut_count && client->cuts[at + 1] - client->cuts[at] < LARGE_CUT) at++;
        ahead = at + 1 + fuzz_below(random, 4);
    }
    if (ahead >= client->cut_count) ahead = client->cut_count - 1;
    return client->cuts[ahead] - client->sent;
}

static void pop(struct client *client) {
    free(client->owed[client->owed_first++].text);
    if (client->owed_first == client->owed_count) client->owed_first = client->owed_count = 0;
}

static bool is_string(const struct answer *answer, const char *text) {
    return answer->string.bytes && strlen(text) == answer->string.length &&
           memcmp(answer->string.bytes, text, answer->string.length) == 0;
}

static void check_named(const struct client *client, const struct answer *answer, const char *key, const char *text) {
    if (answer->type == '-' || answer->type == '_' || (answer->type == '+' && client->queues)) return;
    if (answer->type == '$' && !answer->string.bytes) return;
    struct rd_slice named = {NULL, 0};
    enum value_verdict verdict = answer->type == '$' ? value_check(answer->string, &named) : VALUE_OTHER;
    bool is_of_key = named.length == strlen(key) && memcmp(named.bytes, key, named.length) == 0;
    if (verdict != VALUE_RIGHT || !is_of_key) client_complain(client, "a value that nobody wrote to this key", key, text);
}

static bool is_token(const struct answer *answer) {
    return answer->type == '$' && answer->string.length > 7 && memcmp(answer->string.bytes, "~token-", 7) == 0;
}

/* Also that of an EXEC. */
static bool is_busy(const struct answer *answer) {
    return answer->type == '-' && memmem(answer->string.bytes, answer->string.length, "BUSY Redis is busy", 18);
}

static void settle(struct client *client, const struct answer *answer, const char *text) {
    if (client->is_doomed) return;
    static const char *const refusals[] = {"ERR max number of clients reached", "ERR max number of clients",
                                           "ERR Too many connections"};
    for (size_t i = 0; client->leniency->closes && i < sizeof refusals / sizeof refusals[0]; i++) {
        if (answer->type != '-' || !is_string(answer, refusals[i])) continue;
        client->is_doomed = true;
        return;
    }
    if (client->owed_first == client->owed_count) client_complain(client, "an answer that nobody asked for", "none", text);
    struct owed *owed = &client->owed[client->owed_first];
    if (client->leniency->busy && is_busy(answer)) {
        pop(client);
        return;
    }
    if (owed->kind == OWED_LOOSE) {
        if (!is_token(answer) || !is_string(answer, owed[1].text)) return;
        pop(client);
        pop(client);
        return;
    }
    if (is_token(answer) && owed->kind != OWED_TOKEN) {
        client_complain(client, "an answer is missing before this token", owed->text, text);
    }
    bool may_refuse = client->leniency->refuses && answer->type == '-';
    switch (owed->kind) {
    case OWED_ANY: case OWED_LOOSE: break;
    case OWED_EXACT:
        if (strcmp(owed->text, text) != 0 && !may_refuse) client_complain(client, "not what the model says", owed->text, text);
        break;
    case OWED_PAYLOAD:
        if (answer->type != '$') client_complain(client, "not a payload", "", text);
        bytes_add(&client->model.payload, answer->string.bytes, answer->string.length);
        break;
    case OWED_NAMED: check_named(client, answer, owed->text, text); break;
    case OWED_TOKEN:
        if (is_string(answer, owed->text) && answer->type == '$') break;
        if (client->queues && (is_string(answer, "QUEUED") || answer->type == '-')) break;
        if (!may_refuse) client_complain(client, "not the token", owed->text, text);
    }
    pop(client);
}

static void read_answers(struct client *client) {
    static struct bytes text;
    size_t at = 0;
    while (at < client->in.length) {
        struct answer answer = answer_read(client->in.at + at, client->in.length - at, &text);
        if (answer.kind == ANSWER_MORE) break;
        bytes_room(&text, 1)[0] = 0;
        if (answer.kind == ANSWER_BAD) {
            client->in.at[client->in.length - 1] = 0;
            client_complain(client, "no RESP", "", client->in.at + at);
        }
        if (answer.corrupt) client_complain(client, "a value's bytes are not its own", "", text.at);
        if (client->is_verbose) fprintf(stderr, "  %u< %.200s\n", client->number, text.at);
        at += answer.length;
        if (answer.kind != ANSWER_WHOLE) continue;
        uint32_t group = client->owed_first < client->owed_count ? client->owed[client->owed_first].group : 0;
        if (group) {
            answer_sort(client->in.at + at - answer.length, answer.length, group, &text);
            bytes_room(&text, 1)[0] = 0;
        }
        settle(client, &answer, text.at);
    }
    bytes_drop(&client->in, at);
    if (client->in.length == 0 && client->in.room > 1 << 20) bytes_free(&client->in);
    if (text.room > 1 << 20) bytes_free(&text);
}

static void note_end(struct client *client) {
    bool is_fine = client->is_doomed || client->leniency->closes || 
                   (client->has_ended && (client_is_quits(client) || client->leniency->paused));
    if (!is_fine) client_complain(client, "the server closed the connection", client->owed_count ? "an answer" : "", "");
    client_close(client, false);
}

/* What was received, as it is or out of its records. */
static void take(struct client *client, const char *bytes, size_t length) {
    enum tls_verdict verdict = TLS_FINE;
    if (client->tls) verdict = tls_take(client->tls, bytes, length, &client->in);
    else bytes_add(&client->in, bytes, length);
    const char *reason = verdict == TLS_FINE ? NULL : tls_reason();
    read_answers(client);
    if (verdict == TLS_FINE || client->is_doomed) return;
    bool is_fine = client->leniency->garbles || (verdict == TLS_ALERTED && client->leniency->closes);
    if (!is_fine) client_complain(client, "TLS is broken", "", reason);
    client->is_doomed = true;
}

size_t client_read(struct client *client, size_t most) {
    static char bytes[65536];
    size_t all = 0;
    while (client->fd >= 0 && all < most) {
        size_t want = most - all < sizeof bytes ? most - all : sizeof bytes;
        ssize_t count = recv(client->fd, bytes, want, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count <= 0) {
            note_end(client);
            break;
        }
        all += (size_t)count;
        take(client, bytes, (size_t)count);
    }
    return all;
}
