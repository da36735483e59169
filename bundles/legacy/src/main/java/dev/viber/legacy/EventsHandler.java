package dev.viber.legacy;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
 * {@code GET /api/v1/events/vms}: the first Viper's events of VMs, each {@code data:} line a whole one. Better than it did:
 * the headers come at once, a comment each 15 s, and {@code Last-Event-ID} gives what was missed.
 */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/api/v1/events/vms",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class EventsHandler extends Handler.Abstract {
    private final VmEvents events;

    /** Tells what is read there. */
    @Activate
    public EventsHandler(@Reference VmEvents events) {
        this.events = events;
    }

    /** Ends every stream, so that its reader comes back elsewhere with its Last-Event-ID. */
    @Override
    protected void doStop() throws Exception {
        events.close();
        super.doStop();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!request.getMethod().equals("GET")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET");
            Answers.refuse(response, callback, Kind.METHOD_NOT_ALLOWED, "wanted GET, not " + request.getMethod());
            return true;
        }
        long after = after(request.getHeaders().get("Last-Event-ID"));
        try (VmEvents.Reading reading =
                events.follow(VmEvents.by(request.getAttribute(HttpContribution.PRINCIPAL)), after)) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            write(response, ":\n\n");
            reading.run(new VmEvents.Sink() {
                @Override
                public void event(long position, FirstWords.Told told) throws IOException {
                    write(response, "id: %d\nevent: %s\ndata: %s\n\n".formatted(position, told.type(), told.json()));
                }

                @Override
                public void idle() throws IOException {
                    write(response, ":\n\n");
                }
            });
            response.write(true, null, callback);
        } catch (GateShutException e) {
            Answers.refuse(response, callback, Kind.UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            callback.failed(e);
        }
        return true;
    }

    private static long after(@Nullable String lastEventId) {
        try {
            return lastEventId == null ? EventBus.END : Math.max(0, Long.parseLong(lastEventId.strip()));
        } catch (NumberFormatException e) {
            return EventBus.END;
        }
    }

    private static void write(Response response, String text) throws IOException {
        Content.Sink.write(response, false, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
