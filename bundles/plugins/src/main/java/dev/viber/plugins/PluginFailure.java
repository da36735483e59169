package dev.viber.plugins;

/** Why a version is not let in; the message is for people. */
final class PluginFailure extends Exception {
    private static final long serialVersionUID = 1L;

    PluginFailure(String message) {
        super(message);
    }
}
