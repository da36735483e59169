package dev.viber.guest.chrome;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The first line and the headers of an HTTP message. */
final class RequestHead {
    private static final int LARGEST = 16 * 1024;
    /** What Chrome takes as a host: anything else could be a name that a web page made lead here. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?i)(localhost|\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+])(:\\d{1,5})?");

    private final String first;
    private final List<String[]> headers;

    private RequestHead(String first, List<String[]> headers) {
        this.first = first;
        this.headers = headers;
    }

    /**
     * Reads up to the empty line; null where the stream ends before anything came.
     *
     * @throws IllegalArgumentException where it is no head of HTTP or too large
     */
    static @Nullable RequestHead read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int size = 0;
        while (true) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            size++;
            if (size > LARGEST) {
                throw new IllegalArgumentException("the head of the request is larger than " + LARGEST + " bytes");
            }
            if (next != '\n') {
                line.write(next);
                continue;
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            line.reset();
            text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            if (text.isEmpty()) {
                return parse(lines);
            }
            lines.add(text);
        }
    }

    /** The value of the header, named in small letters; null where it is not there. */
    @Nullable
    String get(String name) {
        for (String[] each : headers) {
            if (each[0].toLowerCase(Locale.ROOT).equals(name)) {
                return each[1];
            }
        }
        return null;
    }

    /** Whether it asks for another protocol, as WebSocket does. */
    boolean isUpgrade() {
        String upgrade = get("upgrade");
        return upgrade != null && upgrade.equalsIgnoreCase("websocket");
    }

    /**
     * As Chrome may see it: without the token, without the origin that it would refuse, and with a host that is an address.
     * An address stays as it is, so that the addresses Chrome answers with lead back the same way.
     */
    byte[] forChrome(int port) {
        StringBuilder out = new StringBuilder(first).append("\r\n");
        String host = get("host");
        out.append("Host: ")
                .append(host != null && ADDRESS.matcher(host).matches() ? host : "127.0.0.1:" + port)
                .append("\r\n");
        for (String[] each : headers) {
            switch (each[0].toLowerCase(Locale.ROOT)) {
                case "host", "authorization", "origin", "cookie" -> {}
                default -> out.append(each[0]).append(": ").append(each[1]).append("\r\n");
            }
        }
        return out.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** As it is sent on where the connection ends behind it. */
    byte[] closing() {
        StringBuilder out = new StringBuilder(first).append("\r\n");
        for (String[] each : headers) {
            if (!each[0].equalsIgnoreCase("connection")) {
                out.append(each[0]).append(": ").append(each[1]).append("\r\n");
            }
        }
        return out.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static RequestHead parse(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().contains("HTTP/1.1")) {
            throw new IllegalArgumentException("wanted a request of HTTP/1.1");
        }
        List<String[]> headers = new ArrayList<>();
        for (String each : lines.subList(1, lines.size())) {
            int colon = each.indexOf(':');
            if (colon <= 0 || each.charAt(0) == ' ' || each.charAt(0) == '\t') {
                throw new IllegalArgumentException("a header that is no 'name: value'");
            }
            headers.add(new String[] {
                each.substring(0, colon), each.substring(colon + 1).strip()
            });
        }
        return new RequestHead(lines.getFirst(), headers);
    }
}
