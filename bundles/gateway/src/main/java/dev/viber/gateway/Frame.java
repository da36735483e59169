package dev.viber.gateway;

import org.jspecify.annotations.Nullable;

/**
 * A frame a viber sent, read as far as the gateway needs it.
 *
 * @param type {@code task:progress}, {@code heartbeat}...
 * @param taskId the task it is about; null for none
 * @param vseq the viber's own count; 0 where it does not count
 * @param attempt the attempt it belongs to; 0 where the viber does not say
 * @param cmd the command an {@code ack} is about; 0 for none
 * @param data a JSON object with the frame's other members, each exactly as it was sent
 */
record Frame(String type, @Nullable String taskId, long vseq, int attempt, long cmd, String data) {
    private static final String TASK = "task:";

    /** Whether this tells of a task, and so goes into its journal. */
    boolean isOfTask() {
        return type.startsWith(TASK) && taskId != null;
    }

    /** The part of the type behind {@code task:}. */
    String kind() {
        return type.substring(TASK.length());
    }

    /** About how much memory it holds, in bytes. */
    int size() {
        return 96 + data.length();
    }
}
