/* This file owns the opcodes of Redis's file, which stand where an entry's type would. Source: Redis's rdb.h. */
#ifndef RD_FILE_OPCODE_H
#define RD_FILE_OPCODE_H

enum rd_file_opcode {
    RD_FILE_SLOT_INFO = 244,  /* three lengths */
    RD_FILE_FUNCTION_2 = 245, /* a string */
    RD_FILE_MODULE_AUX = 247,
    RD_FILE_IDLE = 248,       /* a length: of the next key */
    RD_FILE_FREQUENCY = 249,  /* a byte: of the next key */
    RD_FILE_AUX = 250,        /* two strings */
    RD_FILE_RESIZE = 251,     /* two lengths: keys, and those that expire */
    RD_FILE_EXPIRY_MS = 252,  /* eight bytes: of the next key */
    RD_FILE_EXPIRY = 253,     /* four bytes, in seconds */
    RD_FILE_DATABASE = 254,   /* a length */
    RD_FILE_END = 255,        /* the checksum follows */
};

/* Types that are passed over. */
enum rd_file_foreign {
    RD_FILE_MODULE_2 = 7,
    RD_FILE_STREAM = 15,
    RD_FILE_STREAM_2 = 19,
    RD_FILE_STREAM_3 = 21,
};

/* "REDIS" and four digits, or "VALKEY" and three. */
#define RD_FILE_HEAD 9

#endif
