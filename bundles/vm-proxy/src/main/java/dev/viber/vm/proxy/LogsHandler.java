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
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /api/v1/vms/NAME/logs?source=serial|hypervisor|agent}: what came out of a VM's serial port, its hypervisor said, or
 * the agent in its guest tells; all that is kept as text, or from behind {@code Last-Event-ID} and on as server-sent events,
 * whose ids are places in the file, or numbers of the agent's lines.
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
    private static final List<String> SOURCES = List.of("serial", "hypervisor", "agent");

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
        String asked = Request.extractQueryParameters(request).getValue("source");
        String source = asked == null ? "serial" : asked;
        if (!SOURCES.contains(source)) {
            Doors.refuse(
                    response,
                    callback,
                    422,
                    "invalid",
                    "source is '%s'; wanted one of %s".formatted(source, String.join(", ", SOURCES)));
            return true;
        }
        String name = Place.of(request, "logs").name();
        try {
            if (source.equals("agent")) {
                agent(request, response, callback, name);
            } else {
                file(
                        request,
                        response,
                        callback,
                        doors.log(name, source.equals("serial") ? VmDesk.Log.SERIAL : VmDesk.Log.HYPERVISOR));
            }
        } catch (IOException | RuntimeException e) {
            Doors.refuse(response, callback, e, "the agent of %s does".formatted(name), _ -> {});
        }
        return true;
    }

    private static boolean isToFollow(Request request) {
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        return accept != null && accept.contains("text/event-stream");
    }

    /** What the agent tells, while there is one: it is kept in the guest. */
    private void agent(Request request, Response response, Callback callback, String name)
            throws IOException, InterruptedException {
        boolean follow = isToFollow(request);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, follow ? "text/event-stream" : "text/plain; charset=UTF-8");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        String after = request.getHeaders().get("Last-Event-ID");
        AgentLog.read(doors.guest(), doors.of(name), after, follow, new AgentLog.Sink() {
            @Override
            public void entry(AgentLog.Entry entry) throws IOException {
                String place = entry.id().isEmpty() ? "" : "id: " + entry.id() + "\n";
                write(follow ? place + "data: " + entry.text() + "\n\n" : entry.text() + "\n");
            }

            @Override
            public void silent() throws IOException {
                if (follow) {
                    write(":\n\n");
                }
            }

            private void write(String text) throws IOException {
                Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            }
        });
        response.write(true, null, callback);
    }

    private void file(Request request, Response response, Callback callback, Path log) throws Exception {
        if (isToFollow(request)) {
            follow(request, response, callback, log);
        } else {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=UTF-8");
            byte[] all = Files.exists(log) ? Files.readAllBytes(log) : new byte[0];
            response.write(true, ByteBuffer.wrap(all), callback);
        }
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
