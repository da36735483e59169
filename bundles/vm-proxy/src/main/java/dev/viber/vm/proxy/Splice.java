package dev.viber.vm.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.FutureCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection joined to a guest's: bytes go both ways as they come, whatever they mean. Each side waits while
 * the other does not take; when one ends, so does the other.
 */
final class Splice extends AbstractConnection implements Connection.UpgradeTo {
    private static final Logger LOG = LoggerFactory.getLogger(Splice.class);
    private static final int CHUNK = 64 * 1024;

    /** When what a client says may be passed on. */
    @FunctionalInterface
    interface Turn {
        /** At any time. */
        Turn ALWAYS = () -> {};

        /** Waits for it. */
        void await() throws InterruptedException;
    }

    private final SocketChannel guest;
    private final Turn turn;
    private final ByteBuffer first;
    private final ByteBuffer fromClient = ByteBuffer.allocate(CHUNK).limit(0);
    private volatile Runnable onClose = () -> {};

    /**
     * A splice that begins when the client's connection has been upgraded.
     *
     * @param first what the guest said behind the head of its answer
     * @param turn is waited for before anything of the client's is passed on
     */
    Splice(EndPoint client, Executor executor, SocketChannel guest, ByteBuffer first, Turn turn) {
        super(client, executor);
        this.guest = guest;
        this.first = first;
        this.turn = turn;
    }

    /** Has this run when it closes. */
    void onClose(Runnable what) {
        onClose = what;
    }

    @Override
    public void onUpgradeTo(ByteBuffer early) {
        if (early.hasRemaining()) {
            pass(early);
        }
    }

    @Override
    public void onOpen() {
        super.onOpen();
        Thread.ofVirtual().name("vm-splice").start(this::toClient);
        fillInterested();
    }

    @Override
    public void onFillable() {
        try {
            while (true) {
                BufferUtil.clear(fromClient);
                int count = getEndPoint().fill(fromClient);
                if (count == 0) {
                    fillInterested();
                    return;
                }
                if (count < 0 || !pass(fromClient)) {
                    close();
                    return;
                }
            }
        } catch (IOException e) {
            LOG.debug("a client of a guest is gone", e);
            close();
        }
    }

    private boolean pass(ByteBuffer bytes) {
        try {
            turn.await();
            while (bytes.hasRemaining()) {
                guest.write(bytes);
            }
            return true;
        } catch (IOException e) {
            LOG.debug("a guest is gone", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void toClient() {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        try {
            write(first);
            while (guest.read(chunk.clear()) >= 0) {
                write(chunk.flip());
            }
        } catch (IOException e) {
            LOG.debug("a guest's connection is over", e);
        } finally {
            close();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        FutureCallback written = new FutureCallback();
        getEndPoint().write(written, bytes);
        written.block();
    }

    @Override
    public boolean onIdleExpired(java.util.concurrent.TimeoutException timeout) {
        return false; // a browser may be silent for long
    }

    @Override
    public void close() {
        onClose.run();
        try {
            guest.close();
        } catch (IOException e) {
            LOG.debug("closing a guest's connection", e);
        }
        super.close();
    }
}
