package dev.viber.guest.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that ends with an error where it is longer than it may be. */
final class Limited extends FilterInputStream {
    private long left;

    /** Thrown at the first byte too many. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1;
    }

    Limited(InputStream in, long most) {
        super(in);
        left = most;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        if (read >= 0) {
            take(1);
        }
        return read;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int count = super.read(bytes, from, length);
        take(Math.max(count, 0));
        return count;
    }

    private void take(int count) throws TooLargeException {
        left -= count;
        if (left < 0) {
            throw new TooLargeException();
        }
    }
}
