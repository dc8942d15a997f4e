/* Programs that a bench starts, listens to and stops. */
#ifndef GUANTONG_BENCH_CHILD_H
#define GUANTONG_BENCH_CHILD_H

#include <sys/types.h>

struct child {
    pid_t pid;
    int in, out; /* pipes to its standard input and from its standard output */
    int port;    /* the number that its first line of output ends with */
};

/* Start a program; its standard error goes where the bench's goes. Ends the process when the
 * program does not start or says no port. */
struct child child_start(const char *const arguments[]);
/* Ask it to end, and wait until it has. */
void child_stop(struct child *child);

/* Processor time it has used, s; memory it holds and held at most, MB. */
double child_cpu(const struct child *child);
double child_memory(const struct child *child, double *most);

#endif
