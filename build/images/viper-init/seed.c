#include "seed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <linux/random.h>

#include "address.h"
#include "log.h"

enum { ENTROPY_BYTES = 512, MACHINE_ID_BYTES = 16 };

static void add_entropy(const uint8_t *bytes, int count) {
    struct rand_pool_info *pool = malloc(sizeof *pool + (size_t)count);
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (pool != NULL) {
        pool->entropy_count = count * 8;
        pool->buf_size = count;
        memcpy(pool->buf, bytes, (size_t)count);
    }
    if (pool == NULL || fd < 0 || ioctl(fd, RNDADDENTROPY, pool) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0) {
        say_errno("cannot add entropy");
    }
    if (fd >= 0) {
        close(fd);
    }
    free(pool);
}

static void write_machine_id(const uint8_t *id) {
    FILE *file = fopen("/run/viper/machine-id", "we");
    if (file == NULL) {
        say_errno("cannot write /run/viper/machine-id");
        return;
    }
    for (int i = 0; i < MACHINE_ID_BYTES; i++) {
        fprintf(file, "%02x", id[i]);
    }
    fputc('\n', file);
    fclose(file);
}

const char *seed_apply(const struct line *line) {
    uint8_t entropy[ENTROPY_BYTES];
    const char *entropy_text = line_get(line, "entropy");
    int entropy_count = entropy_text == NULL ? 0 : hex_parse(entropy_text, entropy, sizeof entropy);
    if (entropy_count < 0) {
        return "entropy is not up to 512 bytes in hexadecimal";
    }
    uint8_t machine_id[MACHINE_ID_BYTES];
    const char *id_text = line_get(line, "machine-id");
    if (id_text != NULL && hex_parse(id_text, machine_id, sizeof machine_id) != MACHINE_ID_BYTES) {
        return "machine-id is not 32 hexadecimal digits";
    }
    int64_t seconds = 0;
    int32_t nanos = 0;
    const char *time_text = line_get(line, "time");
    if (time_text != NULL && !time_parse(time_text, &seconds, &nanos)) {
        return "time is not seconds since 1970, such as 1766000000.123";
    }
    if (entropy_count > 0) {
        add_entropy(entropy, entropy_count);
    }
    if (id_text != NULL) {
        write_machine_id(machine_id);
    }
    struct timespec now = {.tv_sec = seconds, .tv_nsec = nanos};
    if (time_text != NULL && clock_settime(CLOCK_REALTIME, &now) < 0) {
        say_errno("cannot set the clock");
    }
    return NULL;
}

void seed_machine_id(void) {
    uint8_t id[MACHINE_ID_BYTES];
    if (getrandom(id, sizeof id, 0) == sizeof id) {
        write_machine_id(id);
    }
}
