package dev.viber.itest.process;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Texts that are almost right: good ones, bent at random. */
final class Mutations {
    private static final List<String> STRANGE = List.of(
            "null",
            "true",
            "-1",
            "1e999",
            "99999999999999999999",
            "0.1",
            "\"\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[]",
            "{}",
            "[[[[]]]]",
            "\"../../../etc/passwd\"",
            "\"" + "x".repeat(3_000) + "\"");

    private final RandomGenerator random;

    Mutations(RandomGenerator random) {
        this.random = random;
    }

    /** One of these, bent; now and then not at all. */
    byte[] of(List<String> good) {
        byte[] bytes = good.get(random.nextInt(good.size())).getBytes(StandardCharsets.UTF_8);
        for (int bends = random.nextInt(4); bends > 0; bends--) {
            bytes = bend(bytes, good);
        }
        return bytes;
    }

    private byte[] bend(byte[] bytes, List<String> good) {
        return switch (random.nextInt(8)) {
            case 0 -> flipped(bytes);
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> spliced(bytes, good.get(random.nextInt(good.size())).getBytes(StandardCharsets.UTF_8));
            case 3, 4, 5 -> otherValue(bytes);
            case 6 -> nested(random.nextInt(1, 4_000));
            default -> noise(random.nextInt(200));
        };
    }

    private byte[] flipped(byte[] bytes) {
        byte[] out = bytes.clone();
        if (out.length > 0) {
            out[random.nextInt(out.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return out;
    }

    private byte[] spliced(byte[] head, byte[] tail) {
        byte[] begin = Arrays.copyOf(head, random.nextInt(head.length + 1));
        int from = random.nextInt(tail.length + 1);
        byte[] out = Arrays.copyOf(begin, begin.length + tail.length - from);
        System.arraycopy(tail, from, out, begin.length, tail.length - from);
        return out;
    }

    /** Puts something strange where the value of a member stands. */
    private byte[] otherValue(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        long colons = text.chars().filter(c -> c == ':').count();
        if (colons == 0) {
            return bytes;
        }
        int at = -1;
        for (long skip = random.nextLong(colons); skip >= 0; skip--) {
            at = text.indexOf(':', at + 1);
        }
        int end = at + 1;
        while (end < text.length() && ",}]".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        String strange = STRANGE.get(random.nextInt(STRANGE.size()));
        return (text.substring(0, at + 1) + strange + text.substring(end)).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] nested(int depth) {
        return ("{\"type\":" + "[".repeat(depth) + "]".repeat(depth) + "}").getBytes(StandardCharsets.UTF_8);
    }

    private byte[] noise(int length) {
        byte[] out = new byte[length];
        random.nextBytes(out);
        return out;
    }
}
