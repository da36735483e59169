package dev.viber.itest.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Playbooks whose effects can be counted from outside: each appended line is unique, each task has a file of its own. */
final class Workload {
    /** What every task may read. */
    static final String SOURCE = "source.txt";

    /**
     * A task to hand in.
     *
     * @param key unique; also its Idempotency-Key
     * @param file it appends to, in the workspace
     * @param lines it appends, each once
     */
    record Job(String key, String playbook, String file, List<String> lines) {
        Map<String, Object> body(String viberId) {
            return Map.of("goal", "job " + key, "viberId", viberId, "options", Map.of("playbook", playbook));
        }
    }

    private static final int KIND_ASKS = 4;

    private final RandomGenerator random;
    private int made;

    Workload(RandomGenerator random) {
        this.random = random;
    }

    synchronized Job next() {
        String key = "j%04d".formatted(made++);
        List<String> lines = new ArrayList<>();
        StringBuilder steps = new StringBuilder("name: job-" + key + "\nsteps:\n");
        step(steps, "look", "file.read", "{path: " + SOURCE + "}", "");
        switch (made % 12 == 7 ? KIND_ASKS : made % 4) {
            case 0 -> { // a chain
                step(steps, "first", "file.write", append(key, "first", lines), "look");
                step(steps, "pause", "wait", "{for: " + random.nextInt(20, 400) + "ms}", "first");
                step(steps, "second", "file.write", append(key, "second", lines), "pause");
                step(steps, "third", "file.write", append(key, "third", lines), "second");
                step(steps, "say", "log", "{message: done}", "third");
            }
            case 1 -> { // beside each other
                for (String name : List.of("a", "b", "c")) {
                    step(steps, name, "file.write", append(key, name, lines), "look");
                }
                step(steps, "pause", "wait", "{for: " + random.nextInt(20, 1200) + "ms}", "");
                step(steps, "say", "log", "{message: done}", "a, b, c, pause");
            }
            case 2 -> { // one after another over a list
                int rounds = random.nextInt(2, 30);
                for (int i = 0; i < rounds; i++) {
                    lines.add("%s each %d".formatted(key, i));
                }
                step(
                        steps,
                        "each",
                        "file.write",
                        "{path: %s.txt, mode: append, text: \"%s each ${{ index }}\\n\"}".formatted(key, key),
                        "look");
                steps.append("    forEach: \"${{ inputs.rounds }}\"\n");
                steps.insert(
                        steps.indexOf("steps:"),
                        "inputs: {rounds: {type: array, default: %s}}\n".formatted(range(rounds)));
                step(steps, "pause", "wait", "{for: " + random.nextInt(20, 200) + "ms}", "each");
                step(steps, "say", "log", "{message: done}", "pause");
            }
            case KIND_ASKS -> { // asks before it goes on
                step(steps, "gate", "file.read", "{path: %s}".formatted(gate(key)), "look");
                steps.append("    onError: ask\n");
                step(steps, "only", "file.write", append(key, "only", lines), "gate");
                step(steps, "say", "log", "{message: done}", "only");
            }
            default -> { // the smallest
                step(steps, "only", "file.write", append(key, "only", lines), "look");
                step(steps, "pause", "wait", "{for: 50ms}", "only");
                step(steps, "say", "log", "{message: done}", "pause");
            }
        }
        return new Job(key, steps.toString(), key + ".txt", List.copyOf(lines));
    }

    /** The file without which the job of this key asks whether to try again. */
    static String gate(String key) {
        return "gate-" + key + ".txt";
    }

    private static String range(int rounds) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            all.add(i);
        }
        return all.toString();
    }

    private static String append(String key, String step, List<String> lines) {
        lines.add(key + " " + step);
        return "{path: %s.txt, mode: append, text: \"%s %s\\n\"}".formatted(key, key, step);
    }

    private static void step(StringBuilder out, String id, String tool, String with, String needs) {
        out.append("  - id: ").append(id).append('\n');
        out.append("    tool: ").append(tool).append('\n');
        out.append("    with: ").append(with).append('\n');
        if (!needs.isEmpty()) {
            out.append("    needs: [").append(needs).append("]\n");
        }
    }
}
