#include "line.h"

#include <stdio.h>
#include <string.h>

static bool is_name(const char *text) {
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        bool fits = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                    (*text >= '0' && *text <= '9') || *text == '-' || *text == '_' || *text == '.';
        if (!fits) {
            return false;
        }
    }
    return true;
}

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

/* Values are printable ASCII, everything else as %XX; a value holds no NUL, since it ends up in C strings. */
static const char *unescape(char *text) {
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (*in < '!' || *in > '~') {
            return "a byte that is not printable ASCII";
        }
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = hex_digit(in[1]);
        int low = high < 0 ? -1 : hex_digit(in[2]);
        if (low < 0 || (high == 0 && low == 0)) {
            return "a percent sign that no two hexadecimal digits other than 00 follow";
        }
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return NULL;
}

const char *line_parse(char *text, struct line *line) {
    line->count = 0;
    char *rest = text;
    line->word = strsep(&rest, " ");
    if (!is_name(line->word)) {
        return "the word is not made of letters, digits, '-', '_' and '.'";
    }
    while (rest != NULL) {
        char *value = strsep(&rest, " ");
        char *name = strsep(&value, "=");
        if (!is_name(name) || value == NULL) {
            return "what follows the word is not name=value, one blank apart";
        }
        if (line_get(line, name) != NULL) {
            return "a name is there twice";
        }
        if (line->count == LINE_PAIRS) {
            return "there are more than 64 values";
        }
        const char *wrong = unescape(value);
        if (wrong != NULL) {
            return wrong;
        }
        line->pairs[line->count++] = (struct pair){name, value};
    }
    return NULL;
}

const char *line_get(const struct line *line, const char *name) {
    for (size_t i = 0; i < line->count; i++) {
        if (strcmp(line->pairs[i].name, name) == 0) {
            return line->pairs[i].value;
        }
    }
    return NULL;
}

static void put(struct writer *writer, char byte) {
    if (writer->size == sizeof writer->text) {
        writer->overflow = true;
        return;
    }
    writer->text[writer->size++] = byte;
}

static void put_plain(struct writer *writer, const char *text) {
    while (*text != '\0') {
        put(writer, *text++);
    }
}

void writer_begin(struct writer *writer, const char *word) {
    writer->size = 0;
    writer->overflow = false;
    put_plain(writer, word);
}

void writer_add(struct writer *writer, const char *name, const char *value) {
    static const char digits[] = "0123456789abcdef";
    put(writer, ' ');
    put_plain(writer, name);
    put(writer, '=');
    for (; *value != '\0'; value++) {
        if (*value >= '!' && *value <= '~' && *value != '%') {
            put(writer, *value);
            continue;
        }
        put(writer, '%');
        put(writer, digits[(unsigned char)*value >> 4]);
        put(writer, digits[(unsigned char)*value & 15]);
    }
}

void writer_add_number(struct writer *writer, const char *name, long long value) {
    char text[24];
    snprintf(text, sizeof text, "%lld", value);
    writer_add(writer, name, text);
}

bool writer_end(struct writer *writer) {
    put(writer, '\n');
    return !writer->overflow;
}

void reader_feed(struct reader *reader, const char *bytes, size_t count, void (*take)(void *context, char *text),
                 void *context) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            size_t length = reader->used;
            reader->used = 0;
            if (reader->skipping) {
                reader->skipping = false;
            } else if (length > 0) {
                reader->bytes[length] = '\0';
                take(context, reader->bytes);
            }
        } else if (!reader->skipping) {
            /* A NUL would cut the line short in silence; as another byte it is refused by the parser. */
            reader->bytes[reader->used++] = bytes[i] == '\0' ? '\x7f' : bytes[i];
            if (reader->used == sizeof reader->bytes) {
                reader->used = 0;
                reader->skipping = true;
                take(context, NULL);
            }
        }
    }
}
