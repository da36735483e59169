package dev.viber.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
    private static Frame read(String text) throws Exception {
        return FrameReader.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theOtherMembersStayAsTheyWereSent() throws Exception {
        Frame frame =
                read("{\"type\":\"task:progress\",\"taskId\":\"t1\",\"event\": {\"n\":1.50e2,\"s\":\"\\u00e9é😀\\/\"},"
                        + "\"vseq\":17,\"é\\\"\":-0.0,\"attempt\":2,\"a\":[1, [true,null ]],\"b\":\"\",\"z\":null}");
        assertThat(frame)
                .isEqualTo(
                        new Frame(
                                "task:progress",
                                "t1",
                                17,
                                2,
                                0,
                                "{\"event\":{\"n\":1.50e2,\"s\":\"\\u00e9é😀\\/\"},\"é\\\"\":-0.0,\"a\":[1, [true,null ]],\"b\":\"\",\"z\":null}"));
    }

    @Test
    void aFrameLargerThanTheParsersBuffersIsReadWhole() throws Exception {
        String text = "é".repeat(20_000) + "x".repeat(20_000);
        assertThat(read("{\"event\":\"" + text + "\",\"n\":12345,\"type\":\"x\"}")
                        .data())
                .isEqualTo("{\"event\":\"" + text + "\",\"n\":12345}");
    }

    @Test
    void whatWasPrintedNicelyBecomesOneLine() throws Exception {
        assertThat(read("{\n \"type\":\"x\",\r\n \"event\":{\n  \"s\":\"a\\nb\" }\n}\n")
                        .data())
                .isEqualTo("{\"event\":{\"s\":\"a\\nb\"}}");
    }

    @Test
    void whatIsNoFrameIsRefused() {
        for (String text : new String[] {
            "",
            " ",
            "[]",
            "\"x\"",
            "{}",
            "{\"type\":1}",
            "{\"type\":\"x\"",
            "{\"type\":\"x\"} {}",
            "{\"type\":\"x\",\"vseq\":\"1\"}",
            "{\"type\":\"x\",\"event\":{\"a\":}}",
            "{\"type\":\"x\",\"event\":tru}",
            "\uFEFF{\"type\":\"x\"}",
            "{\0\"\0t\0"
        }) {
            assertThatThrownBy(() -> read(text)).as(text).isInstanceOf(FrameReader.MalformedFrameException.class);
        }
    }

    @Test
    void whatIsNotUtf8IsToldApart() throws Exception {
        for (int[] bad :
                new int[][] {{0xFF}, {0xC3}, {0xC0, 0xAF}, {0xED, 0xA0, 0x80}, {0xF8, 0x88, 0x80, 0x80, 0x80}}) {
            byte[] text = "{\"type\":\"x\",\"s\":\"......\"}".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bad.length; i++) {
                text[text.length - 3 - bad.length + i] = (byte) bad[i];
            }
            assertThatThrownBy(() -> FrameReader.read(text)).isInstanceOf(CharacterCodingException.class);
        }
        assertThat(read("{\"type\":\"x\",\"s\":\"\uFFFD\"}").data()).isEqualTo("{\"s\":\"\uFFFD\"}");
    }
}
