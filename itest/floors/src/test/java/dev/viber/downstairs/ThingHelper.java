package dev.viber.downstairs;

/** Named after no thing. */
public final class ThingHelper {
    /** A thing. */
    public String thing() {
        return "thing";
    }
}
