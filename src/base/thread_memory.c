#include "base/thread_memory.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

struct piece {
    struct piece *older;
    _Alignas(16) unsigned char bytes[];
};

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void give_back(void *newest) {
    for (struct piece *piece = newest, *older; piece; piece = older) {
        older = piece->older;
        free(piece);
    }
}

static void key_make(void) {
    pthread_key_create(&key, give_back);
}

void *thread_memory(size_t n) {
    pthread_once(&key_once, key_make);
    struct piece *piece = calloc(1, sizeof *piece + n);
    if (!piece) {
        memory_exhausted(n);
    }
    piece->older = pthread_getspecific(key);
    pthread_setspecific(key, piece);
    return piece->bytes;
}
