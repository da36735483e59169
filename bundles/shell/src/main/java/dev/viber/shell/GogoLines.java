package dev.viber.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The OSGi shell, Felix Gogo: {@code lb}, {@code install}, {@code start}, {@code update} and all other commands there are. */
@Component(service = Lines.class)
public final class GogoLines implements Lines {
    private final CommandProcessor processor;

    /** Made by Declarative Services once there is a command processor. */
    @Activate
    public GogoLines(@Reference CommandProcessor processor) {
        this.processor = processor;
    }

    @Override
    public Session open() {
        LineStream output = new LineStream();
        PrintStream printed = new PrintStream(output, true, StandardCharsets.UTF_8);
        CommandSession session = processor.createSession(new ByteArrayInputStream(new byte[0]), printed, printed);
        return new Session() {
            @Override
            public void run(String line, Consumer<String> out) throws Exception {
                output.to = out;
                try {
                    Object result = session.execute(line);
                    if (result != null) {
                        printed.println(session.format(result, Converter.INSPECT));
                    }
                } finally {
                    printed.flush();
                    output.rest();
                    output.to = null;
                }
            }

            @Override
            public void close() {
                session.close();
            }
        };
    }

    /** Hands on what is printed, line by line. */
    private static final class LineStream extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private volatile @Nullable Consumer<String> to;

        @Override
        public synchronized void write(int b) {
            if (b == '\n') {
                tell();
            } else if (b != '\r') {
                line.write(b);
            }
        }

        private synchronized void rest() {
            if (line.size() > 0) {
                tell();
            }
        }

        private void tell() {
            Consumer<String> present = to;
            if (present != null) {
                present.accept(line.toString(StandardCharsets.UTF_8));
            }
            line.reset();
        }
    }
}
