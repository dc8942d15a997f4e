/* The script that sites load (tracker.js), as scripts/embed puts it into the program. */
#ifndef GUANTONG_MARKETING_TRACKER_H
#define GUANTONG_MARKETING_TRACKER_H

#include <stddef.h>

extern const char tracker_script[]; /* no NUL at its end */
extern const size_t tracker_script_size;
extern const char tracker_script_tag[]; /* quoted, for ETag */

#endif
