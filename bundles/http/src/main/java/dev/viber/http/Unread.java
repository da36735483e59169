package dev.viber.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A response that says {@code Connection: close} where it ends before the request's body has come. Jetty closes the
 * connection then, which is told beforehand only by whoever asks for it (RFC 9112, 9.6); a client that does not know sends its
 * next request into the end of the connection, and may not repeat what is no GET.
 */
final class Unread extends Response.Wrapper {
    private Unread(Request request, Response wrapped) {
        super(request, wrapped);
    }

    /** The response itself where the request has no body. */
    static Response watched(Request request, Response response) {
        boolean hasBody = request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
        return hasBody ? new Unread(request, response) : response;
    }

    @Override
    public void write(boolean last, ByteBuffer content, Callback callback) {
        if (last && !isCommitted() && !getRequest().consumeAvailable()) {
            getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        }
        super.write(last, content, callback);
    }
}
