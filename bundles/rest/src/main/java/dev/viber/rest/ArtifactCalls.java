package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.ArtifactOffer;
import dev.viber.api.rest.ArtifactOffset;
import dev.viber.api.rest.Routes;
import dev.viber.api.task.Artifact;
import dev.viber.api.task.ArtifactDesk;
import dev.viber.api.task.ArtifactDesk.Content;
import dev.viber.api.task.ArtifactDesk.Offer;
import dev.viber.api.task.TaskDesk.Page;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.io.Content.Source;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;

/** What the routes about artifacts do; bytes go through in pieces, both ways. */
final class ArtifactCalls {
    private static final int CHUNK = 64 * 1024;
    private static final Pattern PUT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");
    private static final Pattern GET_RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");
    private static final Pattern DIGEST = Pattern.compile("(?:^|,)\\s*sha-256=:([A-Za-z0-9+/=]{44}):");

    private final Desks desks;

    ArtifactCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.LIST_ARTIFACTS, this::list),
                new Binding<>(Routes.GET_ARTIFACT, call -> Work.Answer.of(200, new byte[0]), this::get),
                new Binding<>(Routes.OFFER_ARTIFACT, this::offer),
                new Binding<>(Routes.PUT_ARTIFACT, this::put));
    }

    private Work.Answer<Page<Artifact>> list(Call<Void> call) {
        List<Artifact> artifacts = desks.artifacts.call(desk -> desk.list(call.text("taskId")));
        return Work.Answer.of(200, Pages.cut(artifacts, Artifact::name, call));
    }

    private Work.Answer<ArtifactOffset> offer(Call<ArtifactOffer> call) throws Exception {
        ArtifactOffer body = call.content();
        Offer offer = new Offer(
                call.viberId(),
                call.text("taskId"),
                body.attempt(),
                body.name(),
                body.type(),
                body.bytes(),
                body.sha256());
        return Work.Answer.of(200, new ArtifactOffset(desks.artifacts.call(desk -> desk.offset(offer))));
    }

    private Work.Answer<Artifact> put(Call<byte[]> call) throws Exception {
        Request request = call.request();
        HttpFields headers = request.getHeaders();
        long length = request.getLength();
        long from = 0;
        long total = length;
        String range = headers.get(HttpHeader.CONTENT_RANGE);
        if (range != null) {
            Matcher parts = PUT_RANGE.matcher(range);
            if (!parts.matches()) {
                throw malformed("Content-Range is '%s'; wanted such as bytes 100-199/200".formatted(range));
            }
            from = Long.parseLong(parts.group(1));
            total = Long.parseLong(parts.group(3));
            if (Long.parseLong(parts.group(2)) != total - 1
                    || from >= total
                    || (length >= 0 && length != total - from)) {
                throw malformed("Content-Range is '%s' with %d bytes; wanted a part that reaches to the end"
                        .formatted(range, length));
            }
        } else if (length < 0) {
            throw malformed("Neither Content-Length nor Content-Range says how much there is");
        }
        String type = Objects.requireNonNullElse(headers.get(HttpHeader.CONTENT_TYPE), "application/octet-stream");
        Offer offer = new Offer(
                call.viberId(),
                call.text("taskId"),
                (int) call.number("attempt"),
                call.text("name"),
                type,
                total,
                digest(headers.get("Repr-Digest")));
        long begin = from;
        try (InputStream in = new Body(Source.asInputStream(request))) {
            return Work.Answer.of(200, store(offer, begin, in));
        } catch (BrokenOff e) {
            throw malformed("The body broke off; what came is kept, offer it again to go on");
        }
    }

    /** The sender is gone. */
    private static final class BrokenOff extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenOff(IOException cause) {
            super(cause);
        }
    }

    /** The request's body, whose failures are told from those of the disk. */
    private static final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (IOException e) {
                throw new BrokenOff(e);
            }
        }
    }

    // Not inside the desk's gate: an upload of hours would hold up a desk that is being replaced.
    private Artifact store(Offer offer, long from, InputStream in) throws IOException, InterruptedException {
        ArtifactDesk desk = desks.artifacts.call(present -> present);
        return desk.store(offer, from, in);
    }

    private static String digest(@org.jspecify.annotations.Nullable String header) {
        Matcher found = DIGEST.matcher(header == null ? "" : header);
        if (!found.find()) {
            throw malformed("Repr-Digest is '%s'; wanted sha-256=:<base64>: (RFC 9530)".formatted(header));
        }
        byte[] digest;
        try {
            digest = Base64.getDecoder().decode(found.group(1));
        } catch (IllegalArgumentException e) {
            throw malformed("Repr-Digest is '%s': not base64".formatted(header));
        }
        return HexFormat.of().formatHex(digest);
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(Kind.MALFORMED, detail);
    }

    private void get(Call<?> call, Response response, Callback callback) throws Exception {
        try (Content content = desks.artifacts.call(desk -> desk.open(call.text("taskId"), call.text("name")))) {
            Artifact artifact = content.artifact();
            HttpFields asked = call.request().getHeaders();
            HttpFields.Mutable headers = response.getHeaders();
            String etag = "\"" + artifact.sha256() + "\"";
            headers.put(HttpHeader.ETAG, etag);
            headers.put(HttpHeader.CACHE_CONTROL, "private, no-cache");
            if (matches(asked.get(HttpHeader.IF_NONE_MATCH), etag)) {
                response.setStatus(304);
                callback.succeeded();
                return;
            }
            headers.put(HttpHeader.CONTENT_TYPE, artifact.type());
            headers.put(HttpHeader.CONTENT_DISPOSITION, "attachment; filename*=UTF-8''" + encoded(artifact.name()));
            headers.put("X-Content-Type-Options", "nosniff");
            // Whatever a viber made is never a page of this origin.
            headers.put("Content-Security-Policy", "sandbox; default-src 'none'");
            headers.put(HttpHeader.ACCEPT_RANGES, "bytes");
            headers.put(
                    "Repr-Digest",
                    "sha-256=:"
                            + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(artifact.sha256()))
                            + ":");
            String ifRange = asked.get(HttpHeader.IF_RANGE);
            String range = ifRange == null || ifRange.equals(etag) ? asked.get(HttpHeader.RANGE) : null;
            long[] part = part(range, artifact.bytes());
            response.setStatus(range != null && isOnePart(range) ? 206 : 200);
            headers.put(HttpHeader.CONTENT_LENGTH, part[1] - part[0]);
            if (response.getStatus() == 206) {
                headers.put(
                        HttpHeader.CONTENT_RANGE, "bytes %d-%d/%d".formatted(part[0], part[1] - 1, artifact.bytes()));
            }
            if (!call.request().getMethod().equals("HEAD")) {
                copy(content, part[0], part[1], response);
            }
        }
        callback.succeeded();
    }

    private static void copy(Content content, long from, long to, Response response) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        content.bytes().position(from);
        try (OutputStream out = Sink.asOutputStream(response)) {
            long left = to - from;
            while (left > 0) {
                buffer.clear().limit((int) Math.min(CHUNK, left));
                int n = content.bytes().read(buffer);
                if (n < 0) {
                    throw new IOException("an artifact is shorter than it was");
                }
                out.write(buffer.array(), 0, n);
                left -= n;
            }
        }
    }

    private static boolean matches(@org.jspecify.annotations.Nullable String ifNoneMatch, String etag) {
        return ifNoneMatch != null
                && (ifNoneMatch.strip().equals("*")
                        || List.of(ifNoneMatch.split("\\s*,\\s*", -1)).stream()
                                .anyMatch(tag -> tag.equals(etag) || tag.equals("W/" + etag)));
    }

    /** Several parts at once are answered with the whole, as a server may. */
    private static boolean isOnePart(String range) {
        Matcher one = GET_RANGE.matcher(range.strip());
        return one.matches() && !(one.group(1).isEmpty() && one.group(2).isEmpty());
    }

    /** The first byte wanted, and the one behind the last. */
    private static long[] part(@org.jspecify.annotations.Nullable String range, long bytes) {
        if (range == null || !isOnePart(range)) {
            return new long[] {0, bytes};
        }
        Matcher one = GET_RANGE.matcher(range.strip());
        if (!one.matches()) {
            throw new IllegalStateException("matched before");
        }
        long from;
        long to = bytes;
        if (one.group(1).isEmpty()) {
            from = Math.max(0, bytes - Long.parseLong(one.group(2)));
        } else {
            from = Long.parseLong(one.group(1));
            if (!one.group(2).isEmpty()) {
                to = Math.min(bytes, Long.parseLong(one.group(2)) + 1);
            }
        }
        if (from >= to) {
            throw new ProblemException(
                    Kind.RANGE,
                    "Range is '%s'; the artifact has %d bytes".formatted(range, bytes),
                    Map.of("contentRange", "bytes */" + bytes));
        }
        return new long[] {from, to};
    }

    // RFC 8187 wants all but a few characters percent-encoded.
    private static String encoded(String name) {
        return URIUtil.encodePath(name)
                .replace("'", "%27")
                .replace("(", "%28")
                .replace(")", "%29")
                .replace(";", "%3B")
                .replace(",", "%2C")
                .replace("*", "%2A")
                .replace("\"", "%22");
    }
}
