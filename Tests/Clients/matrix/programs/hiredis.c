/* hiredis: blocking calls, a pipeline, binary arguments. Arguments: the port, the port with a password, the password. */
/* `make style` compiles every C file, also where hiredis is not installed. */
#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
expect(redisContext *context, redisReply *reply, int type, const char *text, long long number) {
    if (!reply || reply->type != type || (text && strncmp(reply->str, text, strlen(text)) != 0) ||
        (type == REDIS_REPLY_INTEGER && reply->integer != number)) {
        fprintf(stderr, "wanted type %d, %s, %lld; got type %d, %s, %lld; %s\n", type, text ? text : "", number,
                reply ? reply->type : -1, reply && reply->str ? reply->str : "", reply ? reply->integer : -1,
                context->errstr);
        exit(1);
    }
    freeReplyObject(reply);
}

static redisContext *
connect_to(const char *port) {
    redisContext *context = redisConnect("127.0.0.1", atoi(port));
    if (!context || context->err) {
        fprintf(stderr, "no connection: %s\n", context ? context->errstr : "");
        exit(1);
    }
    return context;
}

int
main(int count, char **arguments) {
    if (count != 4)
        return 2;
    redisContext *c = connect_to(arguments[1]);
    char binary[259];
    for (size_t i = 0; i < sizeof(binary); i++)
        binary[i] = (char)i;

    expect(c, redisCommand(c, "SET k %b EX 100", binary, sizeof(binary)), REDIS_REPLY_STATUS, "OK", 0);
    redisReply *reply = redisCommand(c, "GET k");
    if (!reply || reply->len != sizeof(binary) || memcmp(reply->str, binary, sizeof(binary)) != 0) {
        fprintf(stderr, "a binary value came back changed\n");
        return 1;
    }
    freeReplyObject(reply);
    expect(c, redisCommand(c, "GET none"), REDIS_REPLY_NIL, NULL, 0);
    expect(c, redisCommand(c, "MSET a 1 b 2"), REDIS_REPLY_STATUS, "OK", 0);
    reply = redisCommand(c, "MGET a none b");
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        reply->element[1]->type != REDIS_REPLY_NIL || strcmp(reply->element[2]->str, "2") != 0) {
        fprintf(stderr, "MGET is wrong\n");
        return 1;
    }
    freeReplyObject(reply);

    /* 10,000 commands are written before the first reply is read. */
    for (int i = 0; i < 10000; i++)
        redisAppendCommand(c, "INCR n");
    for (int i = 1; i <= 10000; i++) {
        void *next = NULL;
        redisGetReply(c, &next);
        expect(c, next, REDIS_REPLY_INTEGER, NULL, i);
    }

    expect(c, redisCommand(c, "MULTI"), REDIS_REPLY_STATUS, "OK", 0);
    expect(c, redisCommand(c, "INCR n"), REDIS_REPLY_STATUS, "QUEUED", 0);
    reply = redisCommand(c, "EXEC");
    if (!reply || reply->elements != 1 || reply->element[0]->integer != 10001) {
        fprintf(stderr, "EXEC is wrong\n");
        return 1;
    }
    freeReplyObject(reply);

    expect(c, redisCommand(c, "INCR k"), REDIS_REPLY_ERROR, "ERR value is not an integer or out of range", 0);
    expect(c, redisCommand(c, "PFADD many x"), REDIS_REPLY_ERROR, "ERR unknown command 'PFADD'", 0);

    expect(c, redisCommand(c, "HSET hash a %b b 2", binary, sizeof(binary)), REDIS_REPLY_INTEGER, NULL, 2);
    reply = redisCommand(c, "HGETALL hash");
    if (!reply || reply->elements != 4 || reply->element[1]->len != sizeof(binary)) {
        fprintf(stderr, "HGETALL is wrong\n");
        return 1;
    }
    freeReplyObject(reply);
    expect(c, redisCommand(c, "RPUSH list x y"), REDIS_REPLY_INTEGER, NULL, 2);
    expect(c, redisCommand(c, "LINDEX list -1"), REDIS_REPLY_STRING, "y", 0);
    expect(c, redisCommand(c, "SADD set x y"), REDIS_REPLY_INTEGER, NULL, 2);
    expect(c, redisCommand(c, "ZADD z 1.5 x"), REDIS_REPLY_INTEGER, NULL, 1);
    expect(c, redisCommand(c, "ZINCRBY z 1 x"), REDIS_REPLY_STRING, "2.5", 0);
    expect(c, redisCommand(c, "GET hash"), REDIS_REPLY_ERROR, "WRONGTYPE Operation", 0);
    expect(c, redisCommand(c, "PING"), REDIS_REPLY_STATUS, "PONG", 0);
    redisFree(c);

    c = connect_to(arguments[2]);
    expect(c, redisCommand(c, "GET k"), REDIS_REPLY_ERROR, "NOAUTH Authentication required.", 0);
    expect(c, redisCommand(c, "AUTH %s", arguments[3]), REDIS_REPLY_STATUS, "OK", 0);
    expect(c, redisCommand(c, "SET k v"), REDIS_REPLY_STATUS, "OK", 0);
    redisFree(c);
    return 0;
}
#endif
