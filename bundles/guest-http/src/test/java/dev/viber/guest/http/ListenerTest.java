package dev.viber.guest.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.guest.AgentRoutes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListenerTest {
    @Test
    void aHandlerThatFailsIsAnsweredForInJson() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Listener listener = new Listener(new TokenAccess((String) null), any, null);
        try (HttpClient client = HttpClient.newHttpClient()) {
            listener.bindHandler(
                    _ -> {
                        throw new IllegalStateException("no \"luck\"");
                    },
                    Map.of(AgentRoutes.PATH, "/v1"));
            URI uri = URI.create("http://127.0.0.1:" + listener.address().getPort() + "/v1/tabs");
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("\"code\":\"internal\"", "no \\\"luck\\\"");
        } finally {
            listener.close();
        }
    }
}
