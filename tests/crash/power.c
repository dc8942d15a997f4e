/*
 * Cut the power of a database whose program ran under powercut_shim and is dead now.
 *
 *   power cut SHADOW-FOLDER FILE LUCK SEED    LUCK: none, prefix or blocks (see shadow.h)
 *   power clear SHADOW-FOLDER FILE            what is in the files counts as synced
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shadow.h"

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "clear") == 0) {
        shadow_clear(argv[2], argv[3]);
        return 0;
    }
    if (argc != 6 || strcmp(argv[1], "cut") != 0) {
        fprintf(stderr, "usage: power cut FOLDER FILE none|prefix|blocks SEED\n"
                        "       power clear FOLDER FILE\n");
        return 2;
    }
    enum shadow_luck luck = strcmp(argv[4], "none") == 0     ? SHADOW_NONE
                            : strcmp(argv[4], "prefix") == 0 ? SHADOW_PREFIX
                                                             : SHADOW_BLOCKS;
    if (!shadow_restore(argv[2], argv[3], luck, strtoull(argv[5], NULL, 10))) {
        perror("power");
        return 1;
    }
    return 0;
}
