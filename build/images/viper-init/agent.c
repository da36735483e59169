#include "agent.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "peer.h"
#include "user.h"

#define PROGRAM "/opt/viper-agent/bin/start"
#define SOCKET "/run/viper/control.sock"
#define TOKEN "/run/viper/token"

/* Each failure doubles the wait for the next start; one that held for a while makes up for those before. */
enum { FIRST_WAIT_MS = 250, LONGEST_WAIT_MS = 8000, HEALTHY_MS = 60000, FAILURES = 6, SETTINGS = 32 };

static enum { WAITING, STARTING, READY, BACKOFF, FAILED, STOPPED } state;
static char **command;
static struct user user;
static char *environment[SETTINGS + 8];
static pid_t agent_pid;
static long long started_at;
static long long start_again_at;
static int failures;
static struct peer peer;
static struct watch listener = {.fd = -1};
static struct writer ready;

static void take(struct peer *from, const struct line *line) {
    bool is_ready = strcmp(line->word, "ready") == 0;
    if (!is_ready && strcmp(line->word, "event") != 0) {
        struct writer refusal;
        writer_begin(&refusal, "error");
        writer_add(&refusal, "for", line->word);
        writer_add(&refusal, "text", "the agent says 'ready' or 'event'");
        peer_send(from, &refusal);
        return;
    }
    struct writer relayed;
    writer_begin(&relayed, line->word);
    if (is_ready) {
        writer_add_number(&relayed, "uptime-ms", uptime_ms());
    }
    for (size_t i = 0; i < line->count; i++) {
        writer_add(&relayed, line->pairs[i].name, line->pairs[i].value);
    }
    if (is_ready && state == STARTING) {
        state = READY;
        ready = relayed;
        say("the agent is ready");
    }
    control_tell(&relayed);
}

static void on_connection(struct watch *watch, uint32_t events) {
    (void)events;
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        peer.take = take;
        peer_open(&peer, fd);
    }
}

static void open_socket(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un here = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    /* No one else than the agent may say that the agent is ready. */
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0 || chmod(SOCKET, 0600) < 0 ||
        chown(SOCKET, user.uid, user.gid) < 0 || listen(fd, 4) < 0) {
        say_errno("cannot make the agent's socket " SOCKET);
        return;
    }
    listener = (struct watch){.fd = fd, .ready = on_connection};
    loop_watch(&listener, EPOLLIN);
}

static void set(const char *name, const char *value) {
    size_t at = 0;
    while (environment[at] != NULL) {
        at++;
    }
    size_t size = strlen(name) + strlen(value) + 2;
    environment[at] = malloc(size);
    if (environment[at] != NULL) {
        snprintf(environment[at], size, "%s=%s", name, value);
    }
}

static void make_homes(void) {
    static const char *const names[] = {"agent", "chrome"};
    mkdir("/var/lib", 0755);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct user owner;
        if (!user_find(names[i], &owner)) {
            say("/etc/passwd has no user '%s'", names[i]);
        } else if (mkdir(owner.home, 0700) < 0 || chown(owner.home, owner.uid, owner.gid) < 0) {
            say_errno("cannot make %s", owner.home);
        }
    }
}

void agent_open(char **once) {
    command = once;
    make_homes();
    if (!user_find("agent", &user)) {
        state = FAILED;
        return;
    }
    set("PATH", "/opt/java/bin:/usr/bin:/bin");
    set("LANG", "C.UTF-8");
    set("HOME", user.home);
    set("JAVA_HOME", "/opt/java");
    set("VIPER_CONTROL_SOCKET", SOCKET);
    open_socket();
}

static void run(void) {
    char *program[] = {PROGRAM, NULL};
    char **arguments = command == NULL ? program : command;
    pid_t child = fork();
    if (child < 0) {
        say_errno("cannot fork");
        state = FAILED;
        return;
    }
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        if (chdir(user.home) < 0 || !user_become(&user, true)) {
            say_errno("cannot become the user 'agent'");
            _exit(126);
        }
        execve(arguments[0], arguments, environment);
        say_errno("cannot run %s", arguments[0]);
        _exit(127);
    }
    agent_pid = child;
    started_at = uptime_ms();
    state = STARTING;
    say("agent started, process %d", (int)child);
}

static bool is_setting(const char *name) {
    if (strncmp(name, "VIPER_", 6) != 0) {
        return false;
    }
    for (; *name != '\0'; name++) {
        if (!isupper((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_') {
            return false;
        }
    }
    return true;
}

/* Beside the old one and then in its place: whoever reads it finds one of the two, whole. */
static const char *write_token(const char *token) {
    unlink(TOKEN ".new");
    int fd = open(TOKEN ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd < 0) {
        return "the token could not be written";
    }
    size_t size = strlen(token);
    bool written = write(fd, token, size) == (ssize_t)size && fchown(fd, user.uid, user.gid) == 0;
    close(fd);
    return written && rename(TOKEN ".new", TOKEN) == 0 ? NULL : "the token could not be written";
}

const char *agent_token(const struct line *line) {
    const char *token = line_get(line, "token");
    return token == NULL ? NULL : write_token(token);
}

const char *agent_start(const struct line *line) {
    if (state != WAITING) {
        return "the agent has been started already";
    }
    if (line->count > SETTINGS) {
        return "there are more than 32 settings";
    }
    for (size_t i = 0; i < line->count; i++) {
        const char *name = line->pairs[i].name;
        bool known = strcmp(name, "token") == 0 || strcmp(name, "id") == 0 ||
                     (strncmp(name, "env.", 4) == 0 && is_setting(name + 4));
        if (!known) {
            return "what the agent is started with is token= and env.VIPER_NAME=";
        }
    }
    const char *wrong = agent_token(line);
    if (wrong != NULL) {
        return wrong;
    }
    if (line_get(line, "token") != NULL) {
        set("VIPER_AGENT_TOKEN_FILE", TOKEN);
    }
    for (size_t i = 0; i < line->count; i++) {
        if (strncmp(line->pairs[i].name, "env.", 4) == 0) {
            set(line->pairs[i].name + 4, line->pairs[i].value);
        }
    }
    run();
    return NULL;
}

void agent_identity(const struct line *line) {
    struct writer writer;
    writer_begin(&writer, "identity");
    for (size_t i = 0; i < line->count; i++) {
        bool secret = strcmp(line->pairs[i].name, "entropy") == 0 || strcmp(line->pairs[i].name, "token") == 0;
        if (!secret) {
            writer_add(&writer, line->pairs[i].name, line->pairs[i].value);
        }
    }
    if (state == READY) {
        state = STARTING;
    }
    peer_send(&peer, &writer);
}

void agent_reaped(pid_t pid, int status) {
    if (pid != agent_pid) {
        return;
    }
    agent_pid = 0;
    /* What the agent started goes with it: all there is besides init is the agent's. */
    kill(-1, SIGKILL);
    long long now = uptime_ms();
    if (command != NULL) {
        state = STOPPED;
    }
    failures = now - started_at >= HEALTHY_MS ? 1 : failures + 1;
    long long wait = (long long)FIRST_WAIT_MS << (failures - 1);
    wait = wait > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : wait;
    struct writer writer;
    writer_begin(&writer, "agent-exited");
    const char *how = WIFSIGNALED(status) ? "signal" : "exit";
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    writer_add_number(&writer, how, number);
    writer_add_number(&writer, "ran-ms", now - started_at);
    if (state == STOPPED) {
        say("agent ended: %s %d", how, number);
    } else if (failures < FAILURES) {
        state = BACKOFF;
        start_again_at = now + wait;
        writer_add_number(&writer, "restart-ms", wait);
        say("agent ended: %s %d; next start in %lld ms", how, number, wait);
    } else {
        state = FAILED;
        say("agent ended: %s %d; that was the %dth time in a row, and it is given up", how, number, failures);
    }
    writer_add(&writer, "state", agent_state());
    control_tell(&writer);
}

void agent_stop(void) {
    state = STOPPED;
}

long long agent_deadline(void) {
    return state == BACKOFF ? start_again_at : -1;
}

void agent_tick(void) {
    if (state == BACKOFF && uptime_ms() >= start_again_at) {
        run();
    }
}

const char *agent_state(void) {
    static const char *const names[] = {"waiting", "starting", "ready", "starting", "failed", "stopped"};
    return names[state];
}

const struct writer *agent_ready(void) {
    return state == READY ? &ready : NULL;
}

bool agent_is_over(void) {
    return command != NULL && state == STOPPED;
}
