package dev.viber.gateway;

/** The codes a gateway closes with; {@code docs/protocols/viber-gateway.md} says what a viber does then. */
final class CloseCode {
    static final int PROTOCOL = 1002;
    static final int MALFORMED = 1007;
    static final int NOT_YOURS = 1008;
    static final int TOO_LARGE = 1009;
    static final int RESTART = 1012;
    static final int TOO_SLOW = 1013;
    static final int REVOKED = 4401;
    static final int TAKEN_OVER = 4409;

    private CloseCode() {}
}
