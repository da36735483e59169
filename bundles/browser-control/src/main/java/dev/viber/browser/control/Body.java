package dev.viber.browser.control;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request, which fails at the first byte that is too many. */
final class Body extends FilterInputStream {
    private final long most;
    private long left;

    Body(InputStream in, long most) {
        super(in);
        this.most = most;
        left = most;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        took(read < 0 ? 0 : 1);
        return read;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int count = super.read(bytes, from, length);
        took(count);
        return count;
    }

    private void took(int count) {
        left -= Math.max(count, 0);
        if (left < 0) {
            throw new Failure(413, "too_large", "the body is larger than " + most + " bytes");
        }
    }
}
