package dev.viber.vm.proxy;

import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Passes an upgrade to a WebSocket on to a guest; once the guest agrees, the connections are spliced. */
final class Upgrade {
    private static final int CONNECT_MS = 10_000;
    private static final long ANSWER_S = 30;
    private static final int HEAD = 16 * 1024;

    private Upgrade() {}

    static boolean isAsked(Request request) {
        return "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE));
    }

    /**
     * Asks a guest.
     *
     * @param stay is closed with the connection, or where that comes to nothing; its end is the connection's, too
     * @param address the guest's
     * @param target the guest's path, with its query
     * @param entry the caller's, whose connection is closed when the token ends
     * @param told is told the status before it is answered, while the request is there to be asked
     * @param turn is waited for before anything of the client's is passed on
     * @throws dev.viber.api.problem.ProblemException where the token has ended meanwhile
     * @throws IOException where the guest does not answer, or not with HTTP
     */
    static void pass(
            Request request,
            Response response,
            Callback callback,
            Stay stay,
            InetSocketAddress address,
            String target,
            Opened.Entry entry,
            IntConsumer told,
            Splice.Turn turn)
            throws IOException {
        boolean handedOver = false;
        SocketChannel guest = null;
        try {
            entry.check();
            guest = SocketChannel.open();
            guest.socket().connect(address, CONNECT_MS);
            guest.setOption(StandardSocketOptions.TCP_NODELAY, true);
            guest.write(ByteBuffer.wrap(
                    head(request, address, target, stay.door().token()).getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer in = ByteBuffer.allocate(HEAD);
            String head = readHead(guest, in);
            int status = Integer.parseInt(head.substring(9, 12));
            if (status != HttpStatus.SWITCHING_PROTOCOLS_101) {
                throw new IOException("the guest answered %d to the upgrade".formatted(status));
            }
            entry.check();
            response.setStatus(status);
            copy(head, response.getHeaders());
            var client = request.getConnectionMetaData().getConnection().getEndPoint();
            Splice splice = new Splice(client, request.getComponents().getExecutor(), guest, in, turn);
            Runnable forget = entry.opens(splice::close);
            splice.onClose(() -> {
                forget.run();
                stay.close();
            });
            stay.onEnd(splice::close);
            request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, splice);
            handedOver = true;
            told.accept(status);
            // A client that is gone by now never gets the connection, which then ends here.
            response.write(true, null, Callback.from(callback::succeeded, failure -> {
                splice.close();
                callback.failed(failure);
            }));
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            throw new IOException("the guest's answer is not HTTP", e);
        } finally {
            if (!handedOver) {
                stay.close();
                if (guest != null) {
                    guest.close();
                }
            }
        }
    }

    private static String head(Request request, InetSocketAddress address, String target, String token) {
        StringBuilder head = new StringBuilder("GET %s HTTP/1.1\r\nHost: %s:%d\r\n"
                .formatted(target, address.getAddress().getHostAddress(), address.getPort()));
        for (HttpField field : request.getHeaders()) {
            // Chrome takes no upgrade that bears an Origin, and this server has looked at it already.
            if (Guest.isPassed(field) && !field.is("Origin") && field.getValue() != null) {
                head.append(field.getName())
                        .append(": ")
                        .append(field.getValue())
                        .append("\r\n");
            }
        }
        return head.append("Connection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ")
                .append(token)
                .append("\r\n\r\n")
                .toString();
    }

    /** The head without its empty line; what came behind it stays in the buffer. */
    private static String readHead(SocketChannel guest, ByteBuffer in) throws IOException {
        ReadableByteChannel from =
                Channels.newChannel(guest.socket().getInputStream()); // a channel's own read knows no limit
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_S);
        while (true) {
            if (!in.hasRemaining()) {
                throw new IOException("the head of the guest's answer is longer than %d bytes".formatted(HEAD));
            }
            guest.socket().setSoTimeout(left(limit));
            if (from.read(in) < 0) {
                throw new IOException("the guest closed before it answered");
            }
            String text =
                    StandardCharsets.ISO_8859_1.decode(in.duplicate().flip()).toString();
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                in.flip().position(end + 4);
                return text.substring(0, end);
            }
        }
    }

    private static int left(long limit) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(limit - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("the guest has not answered for %d s".formatted(ANSWER_S));
        }
        return (int) left;
    }

    private static void copy(String head, HttpFields.Mutable headers) {
        head.lines().skip(1).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
    }
}
