package dev.viber.browser.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTest {
    private final Route route = Route.post("/v1/x/{id}/y", "url:text! count:int", _ -> Answer.OK);

    @Test
    void aPathIsMatchedByItsParts() {
        assertThat(route.match("/v1/x/7/y")).containsEntry("id", "7");
        assertThat(route.match("/v1/x/7")).isNull();
        assertThat(route.match("/v1/x/7/z")).isNull();
    }

    @Test
    void membersAreChecked() {
        assertThat(route.complete(route.checkBody(Json.read("{\"url\": \"u\", \"count\": 3, \"tab\": null}"))))
                .isEqualTo(Map.of("url", "u", "count", 3L));
        assertThatThrownBy(() -> route.checkBody(Json.read("{\"ulr\": \"u\"}"))).hasMessageContaining("'ulr'");
        assertThatThrownBy(() -> route.checkBody(Json.read("{\"count\": 1.5}"))).hasMessageContaining("a whole number");
        assertThatThrownBy(() -> route.checkBody(Json.read("[]"))).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> route.complete(Map.of())).hasMessageContaining("url missing");
        assertThat(route.checkQuery(Map.of("count", "12"))).isEqualTo(Map.of("count", 12L));
        assertThatThrownBy(() -> route.checkQuery(Map.of("count", "x"))).hasMessageContaining("a whole number");
    }

    @Test
    void timesAreReadAsGoWritesThem() {
        assertThat(BrowserControl.defaultTimeout(null)).isEqualTo(60_000);
        assertThat(BrowserControl.defaultTimeout("1500")).isEqualTo(1_500);
        assertThat(BrowserControl.defaultTimeout("250ms")).isEqualTo(250);
        assertThat(BrowserControl.defaultTimeout("1m30s")).isEqualTo(90_000);
        assertThatThrownBy(() -> BrowserControl.defaultTimeout("soon"))
                .hasMessageContaining("VIPER_AGENT_DEFAULT_TIMEOUT");
    }

    @Test
    void jsonComesBackAsItWas() {
        String text = "{\"a\":[1,2.5,\"x\\n\",null,true],\"b\":{}}";
        assertThat(Json.write(Json.read(text))).isEqualTo(text);
        assertThat(new Tree(Json.read(text)).get("b", "c", "d").text()).isEmpty();
    }

    @Test
    void ringsTellWhatIsGone() {
        Ring ring = new Ring(2);
        for (int i = 0; i < 5; i++) {
            ring.add(Map.of("n", (long) i));
        }
        assertThat(ring.after("all", 1, 10)).containsEntry("lost", 2L).containsEntry("last", 5L);
    }
}
