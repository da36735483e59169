package dev.viber.shell;

import java.util.function.Consumer;

/** A command language that takes lines; there where a shell is installed. */
interface Lines {
    /** A session: what one line sets, the next sees. */
    Session open();

    /** One person's lines. */
    interface Session extends AutoCloseable {
        /**
         * Does what the line says.
         *
         * @param out is given each line of output
         * @throws Exception whatever the command threw
         */
        void run(String line, Consumer<String> out) throws Exception;

        @Override
        void close();
    }
}
