package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process asked of the kernel, in the order strace saw it: a call's end is logged before its thread goes on, so what
 * is logged later may depend on it, and what is logged earlier does not.
 */
final class Trace {
    private static final Set<String> CALLS =
            Set.of("write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg", "fsync", "fdatasync", "ftruncate");
    private static final Pattern LINE = Pattern.compile("^(\\d+) +[0-9.]+ (.*)$", Pattern.DOTALL);
    private static final Pattern RESUMED = Pattern.compile("^<\\.\\.\\. (\\w+) resumed>(.*)$", Pattern.DOTALL);
    private static final Pattern HEAD = Pattern.compile("^(\\w+)\\(\\d+<(.*?)>(?:\\(deleted\\))?(?=[,)])");
    private static final Pattern NUMBERS = Pattern.compile(", (\\d+)(?:, (\\d+))?\\)\\s+= (-?\\d+)");
    private static final Pattern RESULT = Pattern.compile("\\)\\s+= (-?\\d+)");
    private static final String UNFINISHED = "<unfinished ...>";

    /**
     * A call that came back.
     *
     * @param begin the line on which it was entered
     * @param end the line on which it had returned
     * @param target a file's path, or a socket's two ends
     * @param data the bytes written; empty for the others
     * @param offset of a pwrite, or the size of an ftruncate
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and too many for copies
    record Call(int begin, int end, String name, String target, byte[] data, long offset) {
        boolean isSync() {
            return name.equals("fsync") || name.equals("fdatasync");
        }
    }

    private record Entered(int line, String text) {}

    private Trace() {}

    /** The command to put in front of another one, so that its calls are logged to this file. */
    static List<String> command(Path log) {
        return List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-ttt",
                "-yy",
                "-xx",
                "-s",
                "1000000",
                "-e",
                "signal=none",
                "-e",
                "trace=" + String.join(",", CALLS),
                "-o",
                log.toString());
    }

    /** The calls on these targets that succeeded, by their ends. */
    static List<Call> read(Path log, Predicate<String> targets) throws IOException {
        List<Call> calls = new ArrayList<>();
        Map<String, Entered> entered = new HashMap<>();
        try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                Matcher parts = LINE.matcher(line);
                if (!parts.matches()) {
                    throw new IOException("line %d of the trace is none of strace's: %.200s".formatted(number, line));
                }
                String thread = parts.group(1);
                String text = parts.group(2);
                int begin = number;
                Matcher resumed = RESUMED.matcher(text);
                if (resumed.matches()) {
                    Entered earlier = entered.remove(thread);
                    if (earlier == null) {
                        throw new IOException("line %d resumes what was never entered".formatted(number));
                    }
                    begin = earlier.line();
                    text = earlier.text() + resumed.group(2);
                } else if (text.endsWith(UNFINISHED)) {
                    String head = text.substring(0, text.length() - UNFINISHED.length());
                    entered.put(thread, new Entered(number, head.stripTrailing()));
                    continue;
                }
                Call call = call(begin, number, text, targets);
                if (call != null) {
                    calls.add(call);
                }
            }
        }
        return calls;
    }

    private static Call call(int begin, int end, String text, Predicate<String> targets) throws IOException {
        Matcher head = HEAD.matcher(text);
        if (!head.find() || !CALLS.contains(head.group(1))) {
            return null;
        }
        String name = head.group(1);
        String target = plain(head.group(2));
        int tail = Math.max(text.lastIndexOf('"'), head.end() - 1);
        Matcher result = RESULT.matcher(text);
        if (!targets.test(target) || !result.find(tail) || result.group(1).startsWith("-")) {
            return null;
        }
        long offset = 0;
        if (name.equals("pwrite64") || name.equals("ftruncate")) {
            Matcher numbers = NUMBERS.matcher(text);
            if (!numbers.find(tail)) {
                throw new IOException("no numbers in %.100s...%s".formatted(text, text.substring(tail)));
            }
            offset = Long.parseLong(numbers.group(name.equals("pwrite64") ? 2 : 1));
        }
        byte[] data = data(text, head.end());
        if (name.contains("write") || name.startsWith("send")) {
            int written = Integer.parseInt(result.group(1));
            if (written > data.length) {
                throw new IOException("strace cut off the data of %.100s".formatted(text));
            }
            data = Arrays.copyOf(data, written);
        }
        return new Call(begin, end, name, target, data, offset);
    }

    // With -xx every byte is two hexadecimal digits, so that a quote is never part of the data.
    private static byte[] data(String text, int from) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int open = text.indexOf('"', from); open >= 0; ) {
            int close = text.indexOf('"', open + 1);
            out.writeBytes(bytes(text, open + 1, close));
            open = text.indexOf('"', close + 1);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(String text, int from, int to) {
        byte[] out = new byte[(to - from) / 4];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) HexFormat.fromHexDigits(text, from + 4 * i + 2, from + 4 * i + 4);
        }
        return out;
    }

    private static String plain(String target) {
        return target.startsWith("\\x")
                ? new String(bytes(target, 0, target.length()), StandardCharsets.UTF_8)
                : target;
    }
}
