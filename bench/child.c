#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void give_up(const char *program, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", program, why);
    exit(EXIT_FAILURE);
}

/* In the new process: it must not outlive the bench. */
static _Noreturn void run(const char *const arguments[], int in, int out) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    give_up(arguments[0], strerror(errno));
}

static int port_read(const char *program, int out) {
    char line[256];
    size_t n = 0;
    while (n < sizeof line - 1 && read(out, line + n, 1) == 1 && line[n] != '\n') {
        n++;
    }
    line[n] = '\0';
    while (n > 0 && line[n - 1] >= '0' && line[n - 1] <= '9') {
        n--;
    }
    int port = (int)strtol(line + n, NULL, 10);
    if (port <= 0) {
        give_up(program, "says no port");
    }
    return port;
}

struct child child_start(const char *const arguments[]) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        give_up(arguments[0], strerror(errno));
    }
    struct child child = {.pid = fork(), .in = in[1], .out = out[0]};
    if (child.pid < 0) {
        give_up(arguments[0], strerror(errno));
    }
    if (child.pid == 0) {
        run(arguments, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    child.port = port_read(arguments[0], child.out);
    return child;
}

void child_stop(struct child *child) {
    int status;
    close(child->in);
    kill(child->pid, SIGTERM);
    waitpid(child->pid, &status, 0);
    close(child->out);
}

double child_cpu(const struct child *child) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child->pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    unsigned long user = 0, system = 0;
    text[n] = '\0';
    char *rest = strrchr(text, ')');
    if (rest) {
        sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    }
    if (f) {
        fclose(f);
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double child_memory(const struct child *child, double *most) {
    char path[64], line[256];
    long now = 0, peak = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)child->pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        sscanf(line, "VmRSS: %ld", &now);
        sscanf(line, "VmHWM: %ld", &peak);
    }
    if (f) {
        fclose(f);
    }
    *most = (double)peak / 1024;
    return (double)now / 1024;
}
