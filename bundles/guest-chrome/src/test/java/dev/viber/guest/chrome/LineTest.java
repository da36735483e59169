package dev.viber.guest.chrome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineTest {
    @Test
    void whatIsWrittenIsRead() {
        Line line = new Line("ready", Map.of("user-agent", "Mozilla/5.0 (X11) 100% ü\n"));
        String text = new String(line.bytes(), StandardCharsets.US_ASCII);
        assertThat(text).isEqualTo("ready user-agent=Mozilla/5.0%20(X11)%20100%25%20%c3%bc%0a\n");
        assertThat(Line.parse(text.strip())).isEqualTo(line);
        assertThat(Line.parse("identity a= b=x=y").values())
                .containsEntry("a", "")
                .containsEntry("b", "x=y");
    }

    @Test
    void whatIsNoMessageIsRefused() {
        for (String bad :
                new String[] {"", " a=b", "word  a=b", "word a", "word a=1 a=2", "word a=%2", "word a=%zz", "word ä=1"
                }) {
            assertThatThrownBy(() -> Line.parse(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Line("event", Map.of("a", "x".repeat(Line.LONGEST))).bytes())
                .hasMessageContaining("longer than");
    }
}
