package dev.viber.vm.proxy;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.vm.VmDesk;
import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        try (Opened.Entry entry = doors.opened().enter(request)) {
            if (source.equals("agent")) {
                agent(request, response, callback, entry, name);
            } else {
                file(
                        request,
                        response,
                        callback,
                        entry,
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
    private void agent(Request request, Response response, Callback callback, Opened.Entry entry, String name)
            throws IOException, InterruptedException {
        boolean follow = isToFollow(request);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, follow ? "text/event-stream" : "text/plain; charset=UTF-8");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        String after = request.getHeaders().get("Last-Event-ID");
        try (Stay stay = doors.enter(name)) {
            AgentLog.read(doors.guest(), stay, after, follow, new AgentLog.Sink() {
                @Override
                public void entry(AgentLog.Entry one) throws IOException {
                    String place = one.id().isEmpty() ? "" : "id: " + one.id() + "\n";
                    write(follow ? place + "data: " + one.text() + "\n\n" : one.text() + "\n");
                }

                @Override
                public void silent() throws IOException {
                    if (follow) {
                        write(":\n\n");
                    }
                }

                private void write(String text) throws IOException {
                    entry.check();
                    Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                }
            });
        }
        response.write(true, null, callback);
    }

    private void file(Request request, Response response, Callback callback, Opened.Entry entry, Path log)
            throws Exception {
        if (isToFollow(request)) {
            follow(request, response, callback, entry, log);
        } else {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=UTF-8");
            if (Files.exists(log)) {
                copy(log, response);
            }
            response.write(true, null, callback);
        }
    }

    /** As much as is there now, piece by piece: a guest prints as much as it likes. */
    private static void copy(Path log, Response response) throws IOException {
        try (FileChannel file = FileChannel.open(log)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            long left = file.size();
            while (left > 0 && file.read(chunk.clear().limit((int) Math.min(CHUNK, left))) > 0) {
                left -= chunk.flip().remaining();
                Content.Sink.write(response, false, chunk);
            }
        }
    }

    private void follow(Request request, Response response, Callback callback, Opened.Entry entry, Path log)
            throws Exception {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        Runnable forget = () -> {};
        try (Growths.Wait growth = doors.growths().of(log)) {
            forget = entry.opens(growth::wake);
            long place = place(request.getHeaders().get("Last-Event-ID"));
            write(response, ":\n\n");
            while (!stopping) {
                entry.check();
                place = tell(response, log, place);
                if (!growth.await(HEARTBEAT_S)) {
                    write(response, ":\n\n"); // which also finds out whether the reader is still there
                }
            }
            response.write(true, null, callback);
        } catch (IOException e) {
            callback.failed(e);
        } finally {
            forget.run();
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
