/* This file owns the word that a part is: how what was read of one shape is looked for in, or added to, another. */
#ifndef RD_SHAPE_WORD_H
#define RD_SHAPE_WORD_H

#include "shape/part.h"

/* Its text is borrowed from the part. The same word as rd_word_of makes of the part's text. */
static inline struct rd_word rd_word_of_part(const char *part) {
    size_t room = rd_part_room(part), head = room;
    uint8_t tag = (uint8_t)*part;
    if (tag <= RD_PART_SHORT_MOST) head = 1;
    else if (tag == RD_PART_TEXT_16) head = 3;
    else if (tag == RD_PART_TEXT_32) head = 5;
    struct rd_word word = {.head_length = (uint8_t)head};
    memcpy(word.head, part, head);
    if (room > head) word.text = (struct rd_slice){part + head, room - head};
    word.is_integer = rd_part_integer(part, &word.integer);
    return word;
}

#endif
