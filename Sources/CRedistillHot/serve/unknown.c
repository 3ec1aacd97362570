/* This file owns which commands of Redis are not here, and what is said of them. */
#include "serve/unknown.h"

#include <stdio.h>

#include "admin/category.h"

#define SHOWN 128 /* bytes of a name, and of all arguments together, as in Redis */

static const struct absent {
    const char *names;
    const char *instead;
} absent[] = {
    {"blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin", "blocking commands are not supported by Redistill"},
    {"xack xackdel xadd xautoclaim xcfgset xclaim xdel xdelex xgroup xinfo xlen xpending xrange xread xreadgroup xrevrange "
     "xsetid xtrim",
     "Redistill has no streams"},
    {"pfadd pfcount pfdebug pfmerge pfselftest", "Redistill has no HyperLogLogs"},
    {"geoadd geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch geosearchstore",
     "Redistill has no geospatial indexes"},
    {"psubscribe publish punsubscribe spublish ssubscribe subscribe sunsubscribe unsubscribe",
     "Redistill has no pub/sub; CLIENT TRACKING tells a client of changed keys"},
    {"failover psync replconf replicaof slaveof sync", "Redistill has no replication"},
    {"migrate restore-asking", "no keys are moved between nodes of a cluster; DUMP and RESTORE copy one"},
    {"fcall fcall_ro function", "Redistill has no functions; EVAL and EVALSHA run scripts"},
};

static const char *what_instead(struct rd_slice name) {
    char lower[32];
    if (name.length > sizeof lower) return NULL;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.bytes[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        if (rd_words_have(absent[i].names, lower, name.length)) return absent[i].instead;
    }
    return NULL;
}

void rd_reply_unknown(struct rd_reply *reply, const struct rd_slice *argv, uint32_t argc) {
    char arguments[SHOWN + 32];
    size_t used = 0;
    for (uint32_t i = 1; i < argc && used < SHOWN; i++) {
        int room = (int)(SHOWN - used);
        int shown = argv[i].length < (size_t)room ? (int)argv[i].length : room;
        int written = snprintf(arguments + used, sizeof arguments - used, "'%.*s' ", shown, argv[i].bytes);
        if (written < 0) break;
        used += (size_t)written;
    }
    arguments[used < sizeof arguments ? used : sizeof arguments - 1] = 0;
    int shown = argv[0].length < SHOWN ? (int)argv[0].length : SHOWN;
    const char *instead = what_instead(argv[0]);
    rd_reply_format_error(reply, "ERR unknown command '%.*s', with args beginning with: %s%s%s%s", shown, argv[0].bytes,
                          arguments, instead ? "(" : "", instead ? instead : "", instead ? ")" : "");
}
