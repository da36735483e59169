package dev.viber.rest;

import dev.viber.api.store.JournalEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How an event is written, as an object and as a server-sent event. */
sealed interface Framing {
    /** The event as a JSON object. */
    void object(JsonBytes out, long position, String topic, long seq, JournalEvent event);

    /** The event as a server-sent event. */
    void sent(JsonBytes out, long position, String topic, long seq, JournalEvent event);

    /** An event of a task: {@code {"taskId","seq","at","kind",...}}, where the dots are the journal's own members. */
    final class OfTask implements Framing {
        private static final byte[] ID = ascii("id: ");
        private static final byte[] EVENT = ascii("\nevent: ");
        private static final byte[] DATA = ascii("\ndata: ");
        private static final byte[] AT = ascii(",\"at\":\"");
        private static final byte[] KIND = ascii("\",\"kind\":\"");
        private final byte[] head;

        OfTask(String taskId) {
            head = ("{\"taskId\":" + Json.text(taskId) + ",\"seq\":").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void object(JsonBytes out, long position, String topic, long seq, JournalEvent event) {
            out.put(head).put(seq).put(AT).putInstant(event.at());
            out.put(KIND).put(event.kind()).put(QUOTE);
            out.putMembers(event.data(), "taskId", "seq", "at", "kind").put(BRACE);
        }

        @Override
        public void sent(JsonBytes out, long position, String topic, long seq, JournalEvent event) {
            out.put(ID).put(seq).put(EVENT).put(event.kind()).put(DATA);
            object(out, position, topic, seq, event);
            out.put(END);
        }
    }

    /** An event of any topic as a CloudEvent; its {@code id} is its position in the journal. */
    final class AsCloudEvent implements Framing {
        private static final byte[] ID = ascii("id: ");
        private static final byte[] DATA = ascii("\ndata: ");
        private static final byte[] HEAD = ascii("{\"specversion\":\"1.0\",\"id\":\"");
        private static final byte[] TYPE = ascii("\",\"source\":\"/api/v1\",\"type\":\"dev.viber.");
        private static final byte[] SUBJECT = ascii("\",\"subject\":");
        private static final byte[] TIME = ascii(",\"time\":\"");
        private static final byte[] SEQ = ascii("\",\"seq\":");
        private static final byte[] CONTENT = ascii(",\"datacontenttype\":\"application/json\",\"data\":");

        @Override
        public void object(JsonBytes out, long position, String topic, long seq, JournalEvent event) {
            int slash = topic.indexOf('/');
            out.put(HEAD).put(position).put(TYPE);
            out.put(topic, 0, slash < 0 ? topic.length() : slash).put(DOT).put(event.kind());
            out.put(SUBJECT).put(Json.text(topic)).put(TIME).putInstant(event.at());
            out.put(SEQ).put(seq).put(CONTENT).put(event.data()).put(BRACE);
        }

        @Override
        public void sent(JsonBytes out, long position, String topic, long seq, JournalEvent event) {
            out.put(ID).put(position).put(DATA);
            object(out, position, topic, seq, event);
            out.put(END);
        }
    }

    /** The kinds that may be a task's last event. */
    List<String> LAST_KINDS = List.of("completed", "error", "stopped");

    /** A quote. */
    byte[] QUOTE = ascii("\"");

    /** A closing brace. */
    byte[] BRACE = ascii("}");

    /** A dot. */
    byte[] DOT = ascii(".");

    /** What ends a server-sent event. */
    byte[] END = ascii("\n\n");

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
