/* This file owns what a test says that does not hold, before it aborts. */
#ifndef RD_REQUIRE_H
#define RD_REQUIRE_H

#include <stdio.h>
#include <stdlib.h>

/* Who has more to say of where it was defines this for itself. */
#ifndef REQUIRE
#define REQUIRE(holds) REQUIRE_WITH(holds, "%s", "")
#endif

#define REQUIRE_WITH(holds, ...)                                             \
    do {                                                                     \
        if (!(holds)) {                                                      \
            fprintf(stderr, "%s:%d: %s", __FILE__, __LINE__, #holds);        \
            fprintf(stderr, __VA_ARGS__);                                    \
            fputc('\n', stderr);                                             \
            abort();                                                         \
        }                                                                    \
    } while (0)

#endif
