package dev.viber.cli;

/** What a command's end tells scripts. */
final class Exit {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NO_SERVER = 3;
    static final int NOT_ALLOWED = 4;
    static final int STOPPED = 5;
    static final int OUT_OF_TIME = 6;
    static final int OUT_OF_BUDGET = 7;

    private Exit() {}
}
