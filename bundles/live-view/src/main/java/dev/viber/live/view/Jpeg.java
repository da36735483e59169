package dev.viber.live.view;

/** What is read of a JPEG: how large it is. */
final class Jpeg {
    private static final int HEAD = 4;

    /** In pixels. */
    record Size(int width, int height) {}

    private Jpeg() {}

    /**
     * The size in its frame header.
     *
     * @throws IllegalArgumentException where it has none
     */
    static Size size(byte[] jpeg) {
        int at = 2;
        while (at + 9 <= jpeg.length && u8(jpeg, at) == 0xFF) {
            int marker = u8(jpeg, at + 1);
            // SOF0 to SOF15, but for those that are tables: DHT, JPG and DAC.
            if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
                return new Size(u16(jpeg, at + 7), u16(jpeg, at + 5));
            }
            int length = u16(jpeg, at + 2);
            if (length < 2) {
                break;
            }
            at += length + HEAD - 2;
        }
        throw new IllegalArgumentException("%d bytes without the frame header of a JPEG".formatted(jpeg.length));
    }

    private static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    private static int u16(byte[] bytes, int at) {
        return u8(bytes, at) << 8 | u8(bytes, at + 1);
    }
}
