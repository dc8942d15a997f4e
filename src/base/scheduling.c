#include "base/scheduling.h"

#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

/* The length of a turn asked for, and how much lower slow handlers are scheduled. */
enum { PROMPT_NS = 100000, USUAL_NS = 0, SLOW_NICE = 10, TURN_NS = 200000 };

/* From Linux 6.12 on a thread that wakes takes over from one whose turns are longer; otherwise
 * it waits for the end of that turn, some milliseconds. Older systems ignore the wish. */
void scheduling_prompt(bool on) {
    struct sched_attr wish = {.size = sizeof wish};
    if (syscall(SYS_sched_getattr, 0, &wish, sizeof wish, 0) == 0) {
        wish.sched_runtime = on ? PROMPT_NS : USUAL_NS;
        syscall(SYS_sched_setattr, 0, &wish, 0);
    }
}

/* On Linux niceness belongs to the thread. Turns are given up as a whole, so they are short. */
void scheduling_yielding(void) {
    setpriority(PRIO_PROCESS, (id_t)gettid(), SLOW_NICE);
    scheduling_prompt(true);
}

/* Who wakes having just had more than its share is not let in at once, and then only the end of
 * the turn that runs helps: the system looks for it at its ticks, 4 ms apart. */
void scheduling_end_turn(void) {
    static _Thread_local int64_t began_ns;
    int64_t now_ns = clock_steady_ns();
    if (now_ns - began_ns >= TURN_NS) {
        syscall(SYS_sched_yield);
        began_ns = clock_steady_ns();
    }
}
