package dev.viber.http;

import java.util.zip.Deflater;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.internal.PerMessageDeflateExtension;

/**
 * Jetty's permessage-deflate, used without context takeover, minus two of its flaws there (seen in 12.1.12): it takes a
 * new deflater right after it gave the last one back, so that an idle connection holds 90 KB; and a ping between two
 * fragments of a message resets the message's state.
 */
public final class LeanDeflate extends PerMessageDeflateExtension {
    /** Takes the empty input that is meant for a deflater already given back. */
    private static final Deflater IDLE = new Deflater(Deflater.NO_COMPRESSION, true);

    // Each is used by one direction alone, whose frames come one after the other.
    private boolean keepInflater;
    private boolean keepDeflater;
    private boolean givenBack;

    @Override
    protected void nextIncomingFrame(Frame frame, Callback callback) {
        keepInflater = frame.isControlFrame();
        super.nextIncomingFrame(frame, callback);
    }

    @Override
    public void releaseInflater() {
        if (keepInflater) {
            keepInflater = false;
            return;
        }
        super.releaseInflater();
    }

    @Override
    protected void nextOutgoingFrame(OutgoingEntry entry) {
        keepDeflater = entry.getFrame().isControlFrame();
        givenBack = !keepDeflater && entry.getFrame().isFin();
        super.nextOutgoingFrame(entry);
    }

    @Override
    public void releaseDeflater() {
        if (keepDeflater) {
            keepDeflater = false;
            return;
        }
        super.releaseDeflater();
    }

    @Override
    public Deflater getDeflater() {
        if (givenBack) {
            givenBack = false;
            return IDLE;
        }
        return super.getDeflater();
    }

    @Override
    public void close() {
        keepInflater = false;
        keepDeflater = false;
        super.close();
    }
}
