/* viper-init, the first process of a guest: makes the machine usable, tells the host, runs the agent, ends it all. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "agent.h"
#include "control.h"
#include "generators.h"
#include "log.h"
#include "loop.h"
#include "modules.h"
#include "mounts.h"
#include "net.h"
#include "seed.h"
#include "user.h"

/* GRACE_MS: what processes have to end by themselves. POWER_BUTTON: ACPI_TINY_POWER_BUTTON's signal to init. */
enum { PROTOCOL = 1, GRACE_MS = 3000, POWER_BUTTON = 38, COMMAND_WORDS = 32 };

static char cmdline[4096];
static long long init_at;
static long long off_at = -1;

static void read_cmdline(void) {
    int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t size = read(fd, cmdline, sizeof cmdline - 1);
        cmdline[size > 0 ? size : 0] = '\0';
        close(fd);
    }
}

static void describe(struct writer *writer, const char *word) {
    struct utsname names;
    uname(&names);
    writer_begin(writer, word);
    writer_add_number(writer, "protocol", PROTOCOL);
    writer_add(writer, "kernel", names.release);
    writer_add(writer, "hostname", names.nodename);
    writer_add(writer, "state", agent_state());
    writer_add_number(writer, "init-ms", init_at);
    writer_add_number(writer, "uptime-ms", uptime_ms());
}

__attribute__((noreturn)) static void end(void) {
    sync();
    /* Without ACPI nothing can cut the power; a reset ends QEMU too, which runs with -no-reboot. */
    bool acpi = access("/sys/firmware/acpi", F_OK) == 0;
    say("%s", acpi ? "power off" : "reset");
    reboot(acpi ? RB_POWER_OFF : RB_AUTOBOOT);
    say_errno("cannot end the machine");
    for (;;) {
        pause();
    }
}

static void power_off(const char *why) {
    if (off_at >= 0) {
        return;
    }
    say("powering off: %s", why);
    struct writer writer;
    writer_begin(&writer, "powering-off");
    writer_add(&writer, "reason", why);
    control_tell(&writer);
    agent_stop();
    kill(-1, SIGTERM);
    off_at = uptime_ms() + GRACE_MS;
}

static const char *do_identity(const struct line *line) {
    struct address address;
    const char *wrong = address_from_line(line, &address);
    if (wrong == NULL) {
        wrong = seed_apply(line);
    }
    if (wrong == NULL) {
        generators_renew();
        wrong = agent_token(line);
    }
    if (wrong == NULL) {
        wrong = net_configure(&address);
    }
    if (wrong == NULL) {
        agent_identity(line);
    }
    return wrong;
}

static const char *do_prepare(const struct line *line) {
    (void)line;
    generators_find();
    return NULL;
}

static const char *do_power_off(const struct line *line) {
    const char *reason = line_get(line, "reason");
    power_off(reason == NULL ? "the host said so" : reason);
    return NULL;
}

static void tell_state(struct peer *host, const char *word, const char *id) {
    struct writer writer;
    describe(&writer, word);
    if (id != NULL) {
        writer_add(&writer, "id", id);
    }
    peer_send(host, &writer);
    if (agent_ready() != NULL) {
        writer = *agent_ready();
        peer_send(host, &writer);
    }
}

static void greet(struct peer *host) {
    static bool told;
    tell_state(host, told ? "hello" : "booted", NULL);
    told = true;
}

static void take(struct peer *host, const struct line *line) {
    static const struct {
        const char *word;
        const char *(*perform)(const struct line *line);
    } orders[] = {
        {"start", agent_start},
        {"prepare", do_prepare},
        {"identity", do_identity},
        {"seed", seed_apply},
        {"power-off", do_power_off},
    };
    if (strcmp(line->word, "hello") == 0) {
        tell_state(host, "hello", line_get(line, "id"));
        return;
    }
    const char *wrong = "the words are hello, start, prepare, identity, seed and power-off";
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strcmp(line->word, orders[i].word) == 0) {
            wrong = orders[i].perform(line);
        }
    }
    struct writer writer;
    writer_begin(&writer, wrong == NULL ? "ok" : "error");
    writer_add(&writer, "for", line->word);
    const char *id = line_get(line, "id");
    if (id != NULL) {
        writer_add(&writer, "id", id);
    }
    if (wrong != NULL) {
        writer_add(&writer, "text", wrong);
        say("%s refused: %s", line->word, wrong);
    }
    peer_send(host, &writer);
}

/* True: init is alone. */
static bool reap(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        agent_reaped(pid, status);
    }
    return pid < 0 && errno == ECHILD;
}

static void on_signal(struct watch *watch, uint32_t events) {
    (void)events;
    struct signalfd_siginfo signal;
    if (read(watch->fd, &signal, sizeof signal) != sizeof signal) {
        return;
    }
    /* Children are reaped after every event; a pipe that broke is told by the write. */
    if (signal.ssi_signo != SIGCHLD && signal.ssi_signo != SIGPIPE) {
        power_off(signal.ssi_signo == POWER_BUTTON ? "the power button" : "a signal");
    }
}

static void watch_signals(void) {
    static struct watch signals;
    static const int numbers[] = {SIGCHLD, SIGPIPE, SIGTERM, SIGINT, SIGPWR, POWER_BUTTON};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaddset(&set, numbers[i]);
    }
    sigprocmask(SIG_SETMASK, &set, NULL);
    signals = (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signal};
    loop_watch(&signals, EPOLLIN);
}

static void address_from_boot(void) {
    char ip[256];
    struct address address;
    net_loopback();
    if (!cmdline_get(cmdline, "ip", ip, sizeof ip)) {
        return;
    }
    const char *wrong = address_from_cmdline(ip, &address);
    if (wrong == NULL) {
        wrong = net_configure(&address);
    }
    if (wrong != NULL) {
        say("ip=%s: %s", ip, wrong);
    }
}

/* viper.run="/path argument ...": run once in place of the agent, and power off. For looking into an image. */
static char **command_from_boot(void) {
    static char text[1024];
    static char *words[COMMAND_WORDS + 1];
    if (!cmdline_get(cmdline, "viper.run", text, sizeof text)) {
        return NULL;
    }
    char *rest = text;
    for (size_t count = 0; rest != NULL && count < COMMAND_WORDS;) {
        char *word = strsep(&rest, " ");
        if (*word != '\0') {
            words[count++] = word;
        }
    }
    return words[0] == NULL ? NULL : words;
}

static void boot(void) {
    char device[128];
    char type[32];
    mounts_first();
    log_open();
    read_cmdline();
    modules_load();
    if (access("/init", F_OK) == 0 && cmdline_get(cmdline, "root", device, sizeof device)) {
        if (!cmdline_get(cmdline, "rootfstype", type, sizeof type)) {
            strcpy(type, "erofs");
        }
        root_switch(device, type);
        end();
    }
    init_at = uptime_ms();
    say("up");
    mounts_rest();
    mkdir("/run/viper", 0755);
    sethostname("viper", 5);
    seed_machine_id();
    watch_signals();
    address_from_boot();
}

/* Of two instants, of which -1 is never. */
static long long sooner(long long one, long long other) {
    return one < 0 || (other >= 0 && other < one) ? other : one;
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "as") == 0) {
        return user_main(count - 2, arguments + 2);
    }
    if (getpid() != 1) {
        fprintf(stderr, "viper-init: it is the first process of a guest; otherwise: as USER COMMAND [ARGUMENT...]\n");
        return 2;
    }
    boot();
    char **command = command_from_boot();
    agent_open(command);
    control_open(greet, take);
    if (command != NULL) {
        agent_start(&(struct line){.word = "start"});
    }
    for (;;) {
        loop_once(off_at >= 0 ? off_at : sooner(agent_deadline(), generators_deadline()));
        agent_tick();
        generators_tick();
        bool alone = reap();
        if (agent_is_over()) {
            power_off("the command is over");
        }
        if (off_at >= 0 && (alone || uptime_ms() >= off_at)) {
            kill(-1, SIGKILL);
            end();
        }
    }
}
