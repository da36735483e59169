package dev.viber.launcher;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The JDK's logging, on stderr, still there while the process stops (the JDK's own manager closes its handlers in a hook
 * that runs beside ours).
 *
 * <p>{@code VIBER_LOG} sets the level of what is ours: {@code error}, {@code warn}, {@code info} (the default), {@code
 * debug} or {@code trace}; libraries are heard from {@code warn} on, with {@code trace} in full. {@code VIBER_LOG_FORMAT}
 * sets how both stderr and the file are written, {@code text} or {@code json}; without it stderr is text and the file is
 * JSON. The PID {@code dev.viber.log} sets the same, as {@code level} and {@code format}, from the configuration on.
 */
public final class LogsToTheEnd extends LogManager {
    private static final Map<String, String> LEVELS =
            Map.of("error", "SEVERE", "warn", "WARNING", "info", "INFO", "debug", "FINE", "trace", "FINER");

    /** The PID under which a file in {@code conf/} sets the log. */
    static final String PID = "dev.viber.log";

    private static final List<String> FORMATS = List.of("text", "json");

    private static final int FILE_BYTES = 10 << 20;
    private static final int FILES = 5;

    /** Held, since the JDK forgets the levels of loggers that nobody holds; made only when the log is set up. */
    private static final class Ours {
        static final Logger LOGGER = Logger.getLogger("dev.viber");
    }

    private volatile boolean settled;

    /** Made by the JDK, by its name. */
    public LogsToTheEnd() {
        super();
    }

    /**
     * Sets the log up; to be called before anything has logged, and without effect where a file of the JDK's sets it.
     *
     * <p>Only says where the settings are: they are read when something logs, which most commands never do.
     */
    public static void setUp(Map<String, String> environment) {
        if (System.getProperty("java.util.logging.config.file") != null) {
            return;
        }
        System.setProperty("java.util.logging.manager", LogsToTheEnd.class.getName());
        System.setProperty("java.util.logging.config.class", Settings.class.getName());
        String format = format(environment);
        if (!format.isEmpty() && !FORMATS.contains(format)) {
            Logger.getLogger("dev.viber").warning("VIBER_LOG_FORMAT=" + format + " is none; there are " + FORMATS);
        }
        String wanted = wanted(environment);
        if (!LEVELS.containsKey(wanted)) {
            Logger.getLogger("dev.viber").warning("VIBER_LOG=" + wanted + " is no level; there are " + LEVELS.keySet());
        }
    }

    private static String wanted(Map<String, String> environment) {
        return environment.getOrDefault("VIBER_LOG", "info").toLowerCase(Locale.ROOT);
    }

    private static String format(Map<String, String> environment) {
        return environment.getOrDefault("VIBER_LOG_FORMAT", "").strip().toLowerCase(Locale.ROOT);
    }

    /** Made by the JDK, by its name, to settle the log. */
    public static final class Settings {
        /** Reads {@code VIBER_LOG} and settles the log by it. */
        public Settings() throws IOException {
            String wanted = wanted(System.getenv());
            String level = LEVELS.getOrDefault(wanted, "INFO");
            String settings = """
                    handlers = java.util.logging.ConsoleHandler
                    .level = %s
                    dev.viber.level = %s
                    java.util.logging.ConsoleHandler.level = ALL
                    java.util.logging.ConsoleHandler.formatter = %s
                    java.util.logging.SimpleFormatter.format = %%1$tFT%%1$tT.%%1$tL %%4$s %%3$s: %%5$s%%6$s%%n
                    """.formatted(
                            wanted.equals("trace") ? "FINE" : wanted.equals("error") ? "SEVERE" : "WARNING",
                            level,
                            (format(System.getenv()).equals("json") ? JsonLines.class : TextLines.class).getName());
            LogManager manager = LogManager.getLogManager();
            manager.readConfiguration(new ByteArrayInputStream(settings.getBytes(StandardCharsets.ISO_8859_1)));
            if (manager instanceof LogsToTheEnd ours) {
                ours.settled = true;
            }
        }
    }

    /**
     * From now on the log is kept in this folder, too: {@code viber.0.log} is the present file, of at most 10 MiB, and four
     * older ones stay.
     *
     * @param quiet whether the console has only what is wrong
     */
    public static void keepIn(Path folder, boolean quiet) {
        Logger root = Logger.getLogger("");
        try {
            OwnerOnly.makeFolder(folder);
            FileHandler file = new FileHandler(folder.resolve("viber.%g.log").toString(), FILE_BYTES, FILES, true);
            file.setFormatter(format(System.getenv()).equals("text") ? new TextLines() : new JsonLines());
            file.setEncoding(StandardCharsets.UTF_8.name());
            root.addHandler(file);
        } catch (IOException e) {
            root.log(Level.WARNING, "there is no log in {0}: {1}", new Object[] {folder, e.getMessage()});
            return;
        }
        if (quiet && System.getenv("VIBER_LOG") == null) {
            for (Handler handler : root.getHandlers()) {
                if (handler instanceof ConsoleHandler) {
                    handler.setLevel(Level.WARNING);
                }
            }
        }
    }

    /**
     * Sets the log as the configuration says, where it does; the environment has won over it already.
     *
     * @throws LaunchException where it says what there is not
     */
    static void configure(Map<String, Object> configuration) throws LaunchException {
        for (Map.Entry<String, Object> each : configuration.entrySet()) {
            String value = String.valueOf(each.getValue()).strip().toLowerCase(Locale.ROOT);
            switch (each.getKey()) {
                case "format" -> {
                    require("format", value, FORMATS);
                    for (Handler handler : Logger.getLogger("").getHandlers()) {
                        handler.setFormatter(value.equals("json") ? new JsonLines() : new TextLines());
                    }
                }
                case "level" -> {
                    require("level", value, new TreeSet<>(LEVELS.keySet()));
                    if (System.getenv("VIBER_LOG") == null) {
                        Ours.LOGGER.setLevel(Level.parse(LEVELS.getOrDefault(value, "INFO")));
                    }
                }
                default ->
                    throw new LaunchException(
                            PID + " has no property '" + each.getKey() + "'; there are format and level");
            }
        }
    }

    private static void require(String what, String value, Collection<String> words) throws LaunchException {
        if (!words.contains(value)) {
            throw new LaunchException("%s: %s is '%s'; wanted one of %s".formatted(PID, what, value, words));
        }
    }

    /** Writes out what the handlers hold. */
    static void flush() {
        for (var handler : Logger.getLogger("").getHandlers()) {
            handler.flush();
        }
    }

    @Override
    public void reset() {
        if (!settled) {
            super.reset();
        }
    }
}
