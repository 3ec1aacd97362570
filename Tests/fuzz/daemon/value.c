/* This file owns writing and checking named values. */
#include "value.h"

#include "random.h"

static void fill(char *at, size_t length, uint64_t seed) {
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = fuzz_mix(seed + i);
        memcpy(at + i, &word, length - i < 8 ? length - i : 8);
    }
}

static uint64_t seed_of(uint32_t writer, uint32_t write) {
    return fuzz_mix((uint64_t)writer << 32 | write);
}

void value_add(struct bytes *bytes, struct rd_slice key, uint32_t writer, uint32_t write, size_t wanted) {
    char header[512];
    /* The length counts itself; ten digits always. */
    int length = snprintf(header, sizeof header, "\1%.*s|%u.%u|", (int)key.length, key.bytes, writer, write);
    size_t all = (size_t)length + 11;
    if (all < wanted) all = wanted;
    length += snprintf(header + length, sizeof header - (size_t)length, "%010zu|", all);
    bytes_add(bytes, header, (size_t)length);
    fill(bytes_room(bytes, all - (size_t)length), all - (size_t)length, seed_of(writer, write));
    bytes->length += all - (size_t)length;
}

enum value_verdict value_check(struct rd_slice value, struct rd_slice *key) {
    if (value.length < 16 || value.bytes[0] != 1) return VALUE_OTHER;
    char head[512];
    size_t shown = value.length < sizeof head - 1 ? value.length : sizeof head - 1;
    memcpy(head, value.bytes, shown);
    head[shown] = 0;
    const char *bar = strchr(head, '|');
    unsigned writer, write;
    unsigned long long length;
    int end = 0;
    if (!bar || sscanf(bar, "|%u.%u|%10llu|%n", &writer, &write, &length, &end) != 3 || end == 0) return VALUE_OTHER;
    if (length != value.length) return VALUE_OTHER;
    /* The slow log's cut of one may have the length of the whole by chance. */
    if (memcmp(value.bytes + value.length - 12, " more bytes)", 12) == 0) return VALUE_OTHER;
    *key = (struct rd_slice){value.bytes + 1, (size_t)(bar - head) - 1};
    uint64_t seed = seed_of(writer, write);
    const char *at = value.bytes + (bar - head) + end;
    size_t rest = value.length - (size_t)(at - value.bytes);
    for (size_t i = 0; i < rest; i += 8) {
        uint64_t word = fuzz_mix(seed + i);
        if (memcmp(at + i, &word, rest - i < 8 ? rest - i : 8) != 0) return VALUE_WRONG;
    }
    return VALUE_RIGHT;
}
