package dev.viber.launcher;

import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Each record of the log as the JDK writes it for people. */
public final class TextLines extends SimpleFormatter {
    /** Made by the JDK's logging, by its name. */
    public TextLines() {
        super();
    }

    @Override
    public String format(LogRecord record) {
        return Redaction.of(super.format(record));
    }
}
