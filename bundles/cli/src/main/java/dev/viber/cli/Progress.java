package dev.viber.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work has come: one line on stderr that is written anew, with amount, rate and what is left, and is gone at the
 * end. For people at a terminal alone: elsewhere, with {@code --json} and with {@code --quiet}, nothing is written.
 */
final class Progress implements AutoCloseable {
    /** Set by the launcher, which can ask whether stderr is a terminal; Java can not. */
    static final String TERMINAL = "viber.terminal";

    private static final int WIDTH = 100;
    private static final long MEBIBYTE = 1024L * 1024;
    /** To the beginning of the line, which is cleared. */
    private static final String ANEW = "\r\u001b[K";

    private final @Nullable ProgressBar bar;
    private final @Nullable Line line;

    private Progress(@Nullable ProgressBar bar, @Nullable Line line) {
        this.bar = bar;
        this.line = line;
    }

    /** Of so many bytes. */
    static Progress ofBytes(Output output, String what, long bytes) {
        return of(output, what, bytes, bytes < MEBIBYTE ? " KiB" : " MiB", bytes < MEBIBYTE ? 1024 : MEBIBYTE);
    }

    /** Of so many steps; -1 where it is not known yet. */
    static Progress ofSteps(Output output, String what, long steps) {
        return of(output, what, steps, " steps", 1);
    }

    private static Progress of(Output output, String what, long most, String unit, long size) {
        if (!isShown(output)) {
            return new Progress(null, null);
        }
        Line line = new Line(output);
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(most)
                .setUnit(unit, size)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .setConsumer(line)
                .build();
        return new Progress(bar, line);
    }

    static boolean isShown(Output output) {
        return !output.json() && !output.quiet() && Boolean.getBoolean(TERMINAL);
    }

    /** The line, in the way that terminals take it. */
    private static final class Line extends DelegatingProgressBarConsumer {
        private final Output output;
        private boolean closed;

        Line(Output output) {
            super(text -> {}, WIDTH);
            this.output = output;
        }

        @Override
        public synchronized void accept(String text) {
            if (!closed) {
                draw(output, text);
            }
        }

        private static void draw(Output output, String text) {
            output.err().print(ANEW + text.strip());
            output.err().flush();
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                draw(output, "");
            }
        }
    }

    /** So much is done. */
    void to(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** There are so many in all. */
    void outOf(long most) {
        if (bar != null) {
            bar.maxHint(most);
        }
    }

    /** What is being done just now. */
    void now(String what) {
        if (bar != null) {
            bar.setExtraMessage(" " + Output.brief(what, 30));
        }
    }

    /** A stream whose bytes count. */
    OutputStream counting(OutputStream out) {
        return bar == null ? out : new Counting(out, bar);
    }

    private static final class Counting extends FilterOutputStream {
        private final ProgressBar bar;

        Counting(OutputStream out, ProgressBar bar) {
            super(out);
            this.bar = bar;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            bar.step();
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            out.write(bytes, offset, count);
            bar.stepBy(count);
        }
    }

    @Override
    public void close() {
        if (bar != null && line != null) {
            bar.close();
            line.close(); // which a bar does not do that is over before it was first drawn
        }
    }
}
