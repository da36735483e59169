package dev.viber.vm.proxy;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.vm.VmDesk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /api/v1/vms/NAME/logs?source=serial|hypervisor}: what came out of a VM's serial port, or its hypervisor said; all
 * of it as text, or from behind {@code Last-Event-ID} and on as server-sent events, whose ids are places in the file.
 */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/vms/*/logs",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class LogsHandler extends Handler.Abstract {
    private static final long HEARTBEAT_S = 15;
    private static final int CHUNK = 64 * 1024;

    private final Doors doors;
    private volatile boolean stopping;

    /** Serves the logs of these VMs. */
    @Activate
    public LogsHandler(@Reference Doors doors) {
        this.doors = doors;
    }

    @Override
    protected void doStop() throws Exception {
        stopping = true; // a stream ends at its next heartbeat, or is cut by the listener
        super.doStop();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Fields query = Request.extractQueryParameters(request);
        String source = query.getValue("source");
        if (source != null && !source.equals("serial") && !source.equals("hypervisor")) {
            Doors.refuse(
                    response,
                    callback,
                    422,
                    "invalid",
                    "source is '%s'; wanted serial or hypervisor".formatted(source));
            return true;
        }
        Path log;
        try {
            log = doors.log(
                    Place.of(request, "logs").name(),
                    "hypervisor".equals(source) ? VmDesk.Log.HYPERVISOR : VmDesk.Log.SERIAL);
        } catch (RuntimeException e) {
            Doors.refuse(response, callback, e);
            return true;
        }
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        if (accept != null && accept.contains("text/event-stream")) {
            follow(request, response, callback, log);
        } else {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=UTF-8");
            byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
            response.write(true, ByteBuffer.wrap(all), callback);
        }
        return true;
    }

    private void follow(Request request, Response response, Callback callback, Path log) throws Exception {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Path folder = log.toAbsolutePath().getParent();
        try (WatchService watch = log.getFileSystem().newWatchService()) {
            if (folder != null) {
                folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            }
            long place = place(request.getHeaders().get("Last-Event-ID"));
            write(response, ":\n\n");
            while (!stopping) {
                place = tell(response, log, place);
                WatchKey key = watch.poll(HEARTBEAT_S, TimeUnit.SECONDS);
                if (key == null) {
                    write(response, ":\n\n"); // which also finds out whether the reader is still there
                } else {
                    key.pollEvents();
                    key.reset();
                }
            }
            response.write(true, null, callback);
        } catch (IOException e) {
            callback.failed(e);
        }
    }

    private static long place(@Nullable String lastEventId) {
        try {
            return lastEventId == null ? 0 : Math.max(0, Long.parseLong(lastEventId.strip()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Tells the whole lines behind a place; returns the place behind them. */
    private static long tell(Response response, Path log, long place) throws IOException {
        if (!Files.exists(log)) {
            return 0;
        }
        try (FileChannel file = FileChannel.open(log)) {
            long from = file.size() < place ? 0 : place; // it was begun anew
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            while (file.read(chunk.clear(), from) > 0) {
                String text = StandardCharsets.ISO_8859_1.decode(chunk.flip()).toString();
                int end = text.lastIndexOf('\n') + 1;
                if (end == 0) {
                    if (text.length() < CHUNK) {
                        return from; // the line goes on
                    }
                    end = text.length();
                }
                from += end;
                StringBuilder events = new StringBuilder();
                long at = from - end;
                for (String line : text.substring(0, end).split("(?<=\n)", -1)) {
                    at += line.length();
                    if (!line.isEmpty()) {
                        events.append("id: ")
                                .append(at)
                                .append("\ndata: ")
                                .append(line.replaceAll("[\r\n]", ""))
                                .append("\n\n");
                    }
                }
                write(response, events.toString());
            }
            return from;
        }
    }

    private static void write(Response response, String text) throws IOException {
        // The bytes of the file, one by one: what they spell is for the reader.
        Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
