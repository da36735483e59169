package dev.viber.browser.local;

import java.util.concurrent.Semaphore;

/** How many sessions there may be at once; whoever waits for one gets it in turn. */
final class Slots extends Semaphore {
    private static final long serialVersionUID = 1;

    Slots(int most) {
        super(most, true);
    }

    /** For a session that is there, even where there may be fewer now. */
    void occupy() {
        reducePermits(1);
    }
}
