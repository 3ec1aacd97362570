/* This file owns how long values of each type are in a file. Source: Redis's rdb.c (rdbLoadObject). */
#include "snapshot/opcode.h"
#include "snapshot/reader.h"

enum module_part { MODULE_END, MODULE_SIGNED, MODULE_UNSIGNED, MODULE_FLOAT, MODULE_DOUBLE, MODULE_STRING };

#define STREAM_ID 16

static bool damaged(struct rd_file_reader *reader) {
    reader->state = RD_READ_DAMAGED;
    return false;
}

/* A count, and so many items, each of these lengths, then strings, then bytes. */
static bool pass_items(struct rd_file_reader *reader, int lengths, int strings, uint64_t bytes) {
    uint64_t count;
    if (!rd_file_reader_length(reader, &count)) return false;
    for (; count > 0; count--) {
        if (!rd_file_reader_pass_lengths(reader, lengths)) return false;
        for (int i = 0; i < strings; i++) {
            if (!rd_file_reader_pass_string(reader)) return false;
        }
        if (!rd_file_reader_pass(reader, bytes)) return false;
    }
    return true;
}

/* A member, and its score as a text with its length in one byte; 253 and more stand for themselves. */
static bool pass_scored_texts(struct rd_file_reader *reader) {
    uint64_t count;
    uint8_t length;
    if (!rd_file_reader_length(reader, &count)) return false;
    for (; count > 0; count--) {
        if (!rd_file_reader_pass_string(reader) || !rd_file_reader_byte(reader, &length)) return false;
        if (length < 253 && !rd_file_reader_pass(reader, length)) return false;
    }
    return true;
}

/* Entries that a group or a consumer has not acknowledged; of a group with time and count of deliveries. */
static bool pass_pending(struct rd_file_reader *reader, bool is_of_group) {
    uint64_t count, deliveries;
    if (!rd_file_reader_length(reader, &count)) return false;
    for (; count > 0; count--) {
        if (!rd_file_reader_pass(reader, STREAM_ID)) return false;
        if (is_of_group && (!rd_file_reader_pass(reader, 8) || !rd_file_reader_length(reader, &deliveries))) return false;
    }
    return true;
}

static bool pass_consumers(struct rd_file_reader *reader, uint8_t form) {
    uint64_t count;
    if (!rd_file_reader_length(reader, &count)) return false;
    for (; count > 0; count--) {
        if (!rd_file_reader_pass_string(reader) || !rd_file_reader_pass(reader, form >= RD_FILE_STREAM_3 ? 16 : 8)) return false;
        if (!pass_pending(reader, false)) return false;
    }
    return true;
}

static bool pass_stream(struct rd_file_reader *reader, uint8_t form) {
    uint64_t groups;
    bool is_newer = form >= RD_FILE_STREAM_2;
    if (!pass_items(reader, 0, 2, 0)) return false;
    if (!rd_file_reader_pass_lengths(reader, is_newer ? 8 : 3) || !rd_file_reader_length(reader, &groups)) return false;
    for (; groups > 0; groups--) {
        if (!rd_file_reader_pass_string(reader) || !rd_file_reader_pass_lengths(reader, is_newer ? 3 : 2)) return false;
        if (!pass_pending(reader, true) || !pass_consumers(reader, form)) return false;
    }
    return true;
}

bool rd_file_reader_pass_module(struct rd_file_reader *reader) {
    for (;;) {
        uint64_t part, value;
        bool fine;
        if (!rd_file_reader_length(reader, &part)) return false;
        switch (part) {
        case MODULE_END: return true;
        case MODULE_SIGNED:
        case MODULE_UNSIGNED: fine = rd_file_reader_length(reader, &value); break;
        case MODULE_FLOAT: fine = rd_file_reader_pass(reader, 4); break;
        case MODULE_DOUBLE: fine = rd_file_reader_pass(reader, 8); break;
        case MODULE_STRING: fine = rd_file_reader_pass_string(reader); break;
        default: fine = damaged(reader); break;
        }
        if (!fine) return false;
    }
}

bool rd_file_reader_pass_value(struct rd_file_reader *reader, uint8_t form, unsigned version) {
    uint64_t module;
    switch (form) {
    case RD_RDB_LIST:
    case RD_RDB_SET:
    case RD_RDB_LIST_QUICKLIST: return pass_items(reader, 0, 1, 0);
    case RD_RDB_HASH: return pass_items(reader, 0, 2, 0);
    case RD_RDB_ZSET: return pass_scored_texts(reader);
    case RD_RDB_ZSET_2: return pass_items(reader, 0, 1, 8);
    case RD_RDB_LIST_QUICKLIST_2: return pass_items(reader, 1, 1, 0);
    case RD_RDB_HASH_METADATA: return rd_file_reader_pass(reader, 8) && pass_items(reader, 1, 2, 0);
    case RD_RDB_HASH_LISTPACK_EX: return rd_file_reader_pass(reader, 8) && rd_file_reader_pass_string(reader);
    case RD_RDB_HASH_OF_VALKEY: return version >= RD_RDB_VERSION_VALKEY && pass_items(reader, 0, 2, 8);
    case RD_FILE_MODULE_2: return rd_file_reader_length(reader, &module) && rd_file_reader_pass_module(reader);
    case RD_FILE_STREAM:
    case RD_FILE_STREAM_2:
    case RD_FILE_STREAM_3: return pass_stream(reader, form);
    case RD_RDB_STRING:
    case RD_RDB_HASH_ZIPMAP:
    case RD_RDB_LIST_ZIPLIST:
    case RD_RDB_SET_INTSET:
    case RD_RDB_ZSET_ZIPLIST:
    case RD_RDB_HASH_ZIPLIST:
    case RD_RDB_HASH_LISTPACK:
    case RD_RDB_ZSET_LISTPACK:
    case RD_RDB_SET_LISTPACK: return rd_file_reader_pass_string(reader);
    default: return false;
    }
}
