package dev.viber.plugins;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The configuration, read.
 *
 * @param state the viber's state folder
 * @param allowUnsigned whether jars without a signature are let in
 * @param start how long a version may take to start, and to stop
 * @param health how long it may take, once started, until all it promises is there
 * @param mostBytes of a jar
 */
record Settings(Path state, boolean allowUnsigned, Duration start, Duration health, long mostBytes) {
    /** Where installed jars lie, each under its digest. */
    Path jars() {
        return state.resolve("plugin-jars");
    }

    /** Where people drop jars. */
    Path dropped() {
        return state.resolve("plugins");
    }

    /** The publishers' keys, a file for each, named after its id. */
    Path trust() {
        return state.resolve("trust");
    }
}
