/*
 * This file owns LZF, the compression of strings in Redis's payloads. A stream is a row of
 *
 *   000LLLLL, L + 1 bytes                 bytes as they are, up to 32
 *   LLLooooo oooooooo                     L + 2 bytes (L up to 6) from o + 1 bytes ago
 *   111ooooo LLLLLLLL oooooooo            L + 9 bytes from o + 1 bytes ago
 *
 * Source: the stream format of Marc Lehmann's LibLZF. What a compressor finds is its own affair; this one finds what
 * LibLZF finds with the settings that Redis builds it with, so that a payload is the same whoever wrote it.
 */
#ifndef RD_LZF_H
#define RD_LZF_H

#include "redistill_hot.h"

/*
 * Packs value into out, which has room for `room` bytes. Returns the length of the stream, or 0 when the room does not
 * suffice, or memory is out.
 */
size_t rd_lzf_pack(struct rd_slice value, char *out, size_t room);

/*
 * Where bytes stood that were packed: 256 KB, which clearing takes longer than packing a short string does. Kept from
 * string to string of a payload, what is known of earlier ones counts as nothing. All zero at first.
 */
struct rd_lzf_places {
    uint32_t *slots; /* owned; NULL until they are needed */
    uint32_t before; /* places up to this are of earlier strings */
};
/* The same with places that are kept. */
size_t rd_lzf_pack_on(struct rd_lzf_places *places, struct rd_slice value, char *out, size_t room);
void rd_lzf_forget(struct rd_lzf_places *places);

/* Unpacks a stream into out, which has room for `length`. RD_ERR_INVALID: malformed, or of another length. */
RD_MUST_USE enum rd_status rd_lzf_unpack(struct rd_slice stream, char *out, uint64_t length);

#endif
