package dev.viber.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class BlobsTest {
    private static final String TEXT = "what the task made";
    private static final String SHA256 = sha256(TEXT);

    @TempDir
    Path root;

    private static String sha256(String text) {
        return HexFormat.of().formatHex(Blobs.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream breaking(String text) {
        return new SequenceInputStream(bytes(text), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut off");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("cut off");
            }
        });
    }

    private static String receive(Blobs blobs, long from, InputStream in) throws IOException {
        return blobs.receive("t1", "a.txt", SHA256, TEXT.length(), from, in, () -> "kept");
    }

    private static String read(Blobs blobs) throws IOException {
        try (InputStream in = Channels.newInputStream(blobs.open(SHA256))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatCameBeforeABreakIsKeptAlsoForThoseWhoComeLater() throws Exception {
        assertThatThrownBy(() -> receive(new Blobs(root), 0, breaking("what the")))
                .hasMessage("cut off");
        Blobs later = new Blobs(root);
        assertThat(later.offset("t1", "a.txt", SHA256)).isEqualTo(8);
        assertThatThrownBy(() -> receive(later, 0, bytes(TEXT))).satisfies(e -> offset(e, 8L));
        assertThat(receive(later, 8, bytes(" task made"))).isEqualTo("kept");
        assertThat(read(later)).isEqualTo(TEXT);
        assertThat(later.offset("t1", "a.txt", SHA256)).isZero();
    }

    private static void offset(Throwable e, long wanted) {
        assertThat(((ProblemException) e).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(((ProblemException) e).extensions()).containsEntry("offset", wanted);
    }

    @Test
    void otherBytesThanThoseOfTheDigestAreRefusedAndForgotten() throws Exception {
        Blobs blobs = new Blobs(root);
        assertThatThrownBy(() -> receive(blobs, 0, bytes("what the task fake")))
                .satisfies(e -> assertThat(((ProblemException) e).kind()).isEqualTo(Kind.INVALID));
        assertThatThrownBy(() -> receive(blobs, 0, breaking("WHAT the"))).hasMessage("cut off");
        assertThatThrownBy(() -> receive(blobs, 8, bytes(" task made"))).satisfies(e -> offset(e, 0L));
        assertThatThrownBy(() -> receive(blobs, 0, bytes(TEXT + "!")))
                .satisfies(e -> assertThat(((ProblemException) e).kind()).isEqualTo(Kind.MALFORMED));
    }

    @Test
    void whatNobodyNamesIsSweptAndWhatIsBeingNamedIsNot() throws Exception {
        Blobs blobs = new Blobs(root);
        String during = blobs.receive("t1", "a.txt", SHA256, TEXT.length(), 0, bytes(TEXT), () -> {
            assertThat(blobs.sweep(sha256 -> false, taskId -> true)).isZero();
            return "kept";
        });
        assertThat(during).isEqualTo("kept");
        assertThat(blobs.sweep(SHA256::equals, taskId -> true)).isZero();
        assertThat(read(blobs)).isEqualTo(TEXT);
        assertThat(blobs.sweep(sha256 -> false, taskId -> true)).isEqualTo(1);
        assertThatThrownBy(() -> blobs.open(SHA256)).isInstanceOf(IOException.class);

        assertThatThrownBy(() -> receive(blobs, 0, breaking("what"))).hasMessage("cut off");
        assertThat(blobs.sweep(sha256 -> false, "t1"::equals)).isZero();
        assertThat(blobs.sweep(sha256 -> false, taskId -> false)).isEqualTo(1);
        assertThat(Files.exists(root.resolve("partial/t1"))).isFalse();
    }
}
