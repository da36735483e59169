/* Messages of the control channel: one a line, a word and named values; see docs/protocols/guest-control.md. */
#ifndef VIPER_LINE_H
#define VIPER_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_BYTES = 4096, LINE_PAIRS = 64 };

struct pair {
    const char *name;
    const char *value;
};

struct line {
    const char *word;
    size_t count;
    struct pair pairs[LINE_PAIRS];
};

/* Takes a line (without its end) apart in place. Returns NULL, or what is wrong with it. */
const char *line_parse(char *text, struct line *line);

/* The value of that name, NULL where there is none. */
const char *line_get(const struct line *line, const char *name);

/* A message being written; one that does not fit is marked and must not be sent. */
struct writer {
    char text[LINE_BYTES];
    size_t size;
    bool overflow;
};

void writer_begin(struct writer *writer, const char *word);
void writer_add(struct writer *writer, const char *name, const char *value);
void writer_add_number(struct writer *writer, const char *name, long long value);
/* Ends the line. False: it did not fit. */
bool writer_end(struct writer *writer);

/* Cuts a stream into lines. */
struct reader {
    char bytes[LINE_BYTES];
    size_t used;
    bool skipping;
};

/* Calls take for each line that is whole (empty ones are left out), with NULL for one longer than LINE_BYTES. */
void reader_feed(struct reader *reader, const char *bytes, size_t count, void (*take)(void *context, char *text),
                 void *context);

#endif
