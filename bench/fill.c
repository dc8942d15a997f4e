/* A database with the company of company.h, for benches to copy or to share: fill URL LEADS */
#include <stdio.h>
#include <stdlib.h>

#include "company.h"

int main(int argc, char **argv) {
    static struct company company;
    if (argc < 3) {
        fputs("usage: fill URL LEADS\n", stderr);
        return 2;
    }
    company_open(&company, argv[1], strtoll(argv[2], NULL, 10));
    company_close(&company);
    return EXIT_SUCCESS;
}
