package dev.viber.cli;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.SystemStatus;
import dev.viber.cli.DoctorCommand.Finding;
import dev.viber.cli.DoctorCommand.Verdict;
import dev.viber.client.UnreachableException;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code viber doctor} asks the server. */
final class ServerChecks {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration CLOCKS_MAY_DIFFER = Duration.ofSeconds(30);

    private ServerChecks() {}

    static List<Finding> all(Discovery discovery, @Nullable String asked) {
        URI server = discovery.server(asked);
        boolean expected = discovery.named(asked) != null || discovery.running() != null;
        List<Finding> out = new ArrayList<>();
        String token = discovery.token();
        try (ViberClient client = new ViberClient(server, token)) {
            SystemStatus status = client.systemStatus();
            out.add(new Finding("server", Verdict.OK, server + ", vibers " + status.vibers(), ""));
            out.add(new Finding("token", Verdict.OK, "valid", ""));
        } catch (UnreachableException e) {
            out.add(
                    expected
                            ? new Finding(
                                    "server",
                                    Verdict.FAIL,
                                    String.valueOf(e.getMessage()),
                                    "start it (viber up), or name the right one with --server or VIBER_SERVER")
                            : new Finding(
                                    "server", Verdict.OK, "none runs at " + server + " (start one: viber up)", ""));
            return out;
        } catch (ProblemException e) {
            out.add(new Finding("server", Verdict.OK, server + " answers", ""));
            out.add(new Finding(
                    "token",
                    Verdict.FAIL,
                    (token == null ? "none found: " : "refused: ") + e.getMessage(),
                    "set VIBER_TOKEN, or --state to the server's state folder (its owner.token)"));
        }
        out.add(clock(server));
        return out;
    }

    private static Finding clock(URI server) {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/api/v1/system/status"))
                    .timeout(ANSWER)
                    .build();
            HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
            ZonedDateTime now = ZonedDateTime.now(java.time.ZoneOffset.UTC);
            String date = response.headers().firstValue("Date").orElse("");
            if (date.isEmpty()) {
                return new Finding("clock", Verdict.WARN, "the server does not tell its time", "");
            }
            Duration apart = Duration.between(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME), now)
                    .abs();
            return apart.compareTo(CLOCKS_MAY_DIFFER) <= 0
                    ? new Finding("clock", Verdict.OK, "as the server's, within " + (apart.toSeconds() + 1) + " s", "")
                    : new Finding(
                            "clock",
                            Verdict.WARN,
                            apart.toSeconds() + " s away from the server's",
                            "let both keep time by NTP; deadlines and tokens go by the clock");
        } catch (IOException | DateTimeException e) {
            return new Finding("clock", Verdict.WARN, "cannot be compared: " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Finding("clock", Verdict.WARN, "not compared: interrupted", "");
        }
    }
}
