package dev.viber.tool.browser;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;

/** A tool that does one thing with the task's browser. */
final class BrowserTool implements Tool {
    /** Of a call that does not say. */
    private static final long DEFAULT_MS = 30_000;

    private final TaskBrowsers browsers;
    private final ToolInfo info;
    private final Predicate<Map<String, Object>> idempotent;
    private final Work work;

    /** What a call does. */
    @FunctionalInterface
    interface Work {
        Map<String, Object> with(TaskBrowser browser, Arguments arguments, ToolContext context)
                throws IOException, ToolException, InterruptedException;
    }

    /**
     * A tool.
     *
     * @param properties of its arguments, as a JSON Schema has them; {@code timeoutMs} comes with all
     * @param required names of arguments, each in quotation marks, with commas between
     */
    BrowserTool(
            TaskBrowsers browsers,
            String name,
            String description,
            String required,
            String properties,
            Predicate<Map<String, Object>> idempotent,
            Work work) {
        this(browsers, name, description, required, properties, Touches.of(Access.NETWORK), idempotent, work);
    }

    BrowserTool(
            TaskBrowsers browsers,
            String name,
            String description,
            String required,
            String properties,
            Touches touches,
            Predicate<Map<String, Object>> idempotent,
            Work work) {
        this.browsers = browsers;
        this.idempotent = idempotent;
        this.work = work;
        info = new ToolInfo(
                name, description, """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
                 "required":[%s],"properties":{%s
                 "timeoutMs":{"type":"integer","minimum":1,"maximum":3600000,"default":30000,"description":"how long it may take"}}}""".formatted(required, properties.isBlank() ? "" : properties + ","), touches);
    }

    @Override
    public ToolInfo info() {
        return info;
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return idempotent.test(arguments);
    }

    @Override
    public Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
            throws ToolException, InterruptedException {
        Arguments given = new Arguments(arguments);
        Duration timeout = Duration.ofMillis(given.number("timeoutMs", DEFAULT_MS));
        try {
            return browsers.use(
                    context, timeout, idempotent.test(arguments), browser -> work.with(browser, given, context));
        } catch (IOException | UncheckedIOException e) {
            throw new ToolException("%s: the browser was lost on the way: %s".formatted(info.name(), e), true, e);
        } catch (ToolException e) {
            throw new ToolException("%s: %s".formatted(info.name(), e.getMessage()), e.isRetryable(), e);
        } catch (IllegalArgumentException e) {
            throw new ToolException("%s: %s".formatted(info.name(), e.getMessage()));
        }
    }
}
