package dev.viber.store.sqlite;

import dev.viber.api.store.JournalEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The body of a journal row: for each event its time (8 bytes), the length of its kind (2) and of its data (4), then both
 * in UTF-8.
 */
final class SegmentCodec {
    private static final int HEAD = 8 + 2 + 4;

    private SegmentCodec() {}

    static byte[] encode(List<JournalEvent> events) {
        byte[][] texts = new byte[events.size() * 2][];
        int size = 0;
        for (int i = 0; i < events.size(); i++) {
            texts[2 * i] = events.get(i).kind().getBytes(StandardCharsets.UTF_8);
            texts[2 * i + 1] = events.get(i).data().getBytes(StandardCharsets.UTF_8);
            size += HEAD + texts[2 * i].length + texts[2 * i + 1].length;
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        for (int i = 0; i < events.size(); i++) {
            body.putLong(events.get(i).at())
                    .putShort((short) texts[2 * i].length)
                    .putInt(texts[2 * i + 1].length)
                    .put(texts[2 * i])
                    .put(texts[2 * i + 1]);
        }
        return body.array();
    }

    static List<JournalEvent> decode(byte[] body, int count) {
        List<JournalEvent> events = new ArrayList<>(count);
        ByteBuffer in = ByteBuffer.wrap(body);
        for (int i = 0; i < count; i++) {
            long at = in.getLong();
            int kind = Short.toUnsignedInt(in.getShort());
            int data = in.getInt();
            events.add(new JournalEvent(text(body, in, kind), at, text(body, in, data)));
        }
        return events;
    }

    private static String text(byte[] body, ByteBuffer in, int length) {
        String text = new String(body, in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }
}
