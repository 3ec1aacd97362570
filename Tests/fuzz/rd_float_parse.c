/* Fuzzes rd_float_parse and rd_float_format: what was read is written so that reading it again changes nothing. */
#include "base/float_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1);
    if (size) memcpy(text, data, size);
    long double value, again;
    if (rd_float_parse((struct rd_slice){text, size}, &value)) {
        fuzz_require(!isnan(value) && size > 0);
        if (isfinite(value)) {
            char written[RD_FLOAT_TEXT], rewritten[RD_FLOAT_TEXT];
            size_t length = rd_float_format(written, value);
            fuzz_require(length > 0 && length < RD_FLOAT_TEXT);
            fuzz_require(strspn(written, "-.0123456789") >= length);
            /* Below 17 digits after the point everything is nothing. */
            fuzz_require(rd_float_parse((struct rd_slice){written, length}, &again) && fabsl(again - value) <= fabsl(value) / 2 + 1e-17L);
            fuzz_require(rd_float_format(rewritten, again) == length && memcmp(written, rewritten, length) == 0);
        }
    }
    free(text);
    return 0;
}
