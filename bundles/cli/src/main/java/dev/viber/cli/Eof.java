package dev.viber.cli;

import java.io.IOException;

/** Ties this process to the one that holds the other end of its stdin, however that one ends. */
final class Eof {
    private Eof() {}

    /** From now on the end of stdin is a request to end. */
    static void exit() {
        Thread.ofPlatform().daemon().name("until-eof").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // what is said does not matter
                }
            } catch (IOException e) {
                // broken is as good as ended
            }
            System.exit(0);
        });
    }
}
