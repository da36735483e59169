package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class JpegTest {
    @Test
    void readsTheSizeOfWhatAnEncoderMade() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(801, 599, BufferedImage.TYPE_INT_RGB), "jpeg", out);
        assertThat(Jpeg.size(out.toByteArray())).isEqualTo(new Jpeg.Size(801, 599));
    }

    @Test
    void refusesWhatIsNone() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpeg", out);
        byte[] cut = Arrays.copyOf(out.toByteArray(), 40);
        assertThatThrownBy(() -> Jpeg.size(cut)).hasMessageContaining("40 bytes");
        assertThatThrownBy(
                        () -> Jpeg.size(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Jpeg.size(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
