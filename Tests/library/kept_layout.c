/*
 * This file owns the test that ties the number of a kept store's format (store/keep.h) to how its structs lie: whoever
 * changes one of these learns here that two builds no longer hand over to each other, and gives the format a new number.
 */
#include <stdio.h>

#include "server/kept_layout.h"
#include "store/keep.h"

static const struct {
    uint32_t format;
    uint64_t fingerprint;
} known = {2, 0x9b9a347267f3401c};

int main(void) {
    uint64_t fingerprint = rd_kept_fingerprint();
    if (RD_KEPT_FORMAT == known.format && fingerprint == known.fingerprint) return 0;
    fprintf(stderr, "kept_layout: format %u has the fingerprint 0x%llx here, and format %u had 0x%llx: change RD_KEPT_FORMAT, and both here\n",
            RD_KEPT_FORMAT, (unsigned long long)fingerprint, known.format, (unsigned long long)known.fingerprint);
    return 1;
}
