package dev.viber.playbook;

/** An expression or a template that cannot be used; the message is for people. */
final class ExpressionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExpressionException(String message) {
        super(message);
    }
}
