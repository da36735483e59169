/* The agent: the one program a guest is for. Started, kept alive, and told about what changes. */
#ifndef VIPER_AGENT_H
#define VIPER_AGENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "line.h"

/* Makes the socket the agent speaks to init by. `command`, where not NULL, is run once in the agent's place. */
void agent_open(char **command);

/* Starts it with the token= and env.VIPER_NAME= of that line. NULL, or why not. */
const char *agent_start(const struct line *line);

/* The token= of that line is the agent's from now on, where there is one. NULL, or why not. */
const char *agent_token(const struct line *line);

/* The clone has a new identity: the agent is told, and is not ready until it says so again. */
void agent_identity(const struct line *line);

/* Has this process been the agent? Then its end is told, and a new start planned. */
void agent_reaped(pid_t pid, int status);

/* No more starts. */
void agent_stop(void);

/* When agent_tick must be called, in uptime_ms(); -1: not at all. */
long long agent_deadline(void);
void agent_tick(void);

/* "waiting" (for the host's start), "starting", "ready", "failed" or "stopped". */
const char *agent_state(void);

/* What the agent said when it became ready, NULL while it is not. */
const struct writer *agent_ready(void);

/* True once a command that was run once is over. */
bool agent_is_over(void);

#endif
