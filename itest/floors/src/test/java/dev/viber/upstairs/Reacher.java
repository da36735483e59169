package dev.viber.upstairs;

import dev.viber.downstairs.ThingHelper;

/** Reaches into another bundle. */
public final class Reacher {
    /** What it took. */
    public String open = new ThingHelper().thing();
}
