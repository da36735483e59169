package dev.viber.cli;

/**
 * What a check found.
 *
 * @param name of what was looked at, such as {@code disk}
 * @param found what there is
 * @param fix what to do about it; empty where there is nothing to do
 */
record Finding(String name, State state, String found, String fix) {
    /** How a check came out. */
    enum State {
        OK,
        /** It works, but not as well or as safely as it could. */
        WARN,
        /** Something does not work. */
        FAIL,
        /** Not looked at, or not there and not needed. */
        SKIP
    }

    static Finding ok(String name, String found) {
        return new Finding(name, State.OK, found, "");
    }

    static Finding warn(String name, String found, String fix) {
        return new Finding(name, State.WARN, found, fix);
    }

    static Finding fail(String name, String found, String fix) {
        return new Finding(name, State.FAIL, found, fix);
    }

    static Finding skip(String name, String found, String fix) {
        return new Finding(name, State.SKIP, found, fix);
    }
}
