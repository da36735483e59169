package dev.viber.tool.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutlineTest {
    private static final Map<String, Object> TREE = Map.of(
            "role",
            "RootWebArea",
            "name",
            "Shop",
            "children",
            List.of(
                    Map.of(
                            "role",
                            "heading",
                            "name",
                            "Your order",
                            "level",
                            1,
                            "ref",
                            "e3-aaaa",
                            "children",
                            List.of(Map.of("role", "StaticText", "name", "Your order"))),
                    Map.of(
                            "role",
                            "generic",
                            "name",
                            "",
                            "ref",
                            "e4-aaaa",
                            "children",
                            List.of(
                                    Map.of("role", "StaticText", "name", "Pay"),
                                    Map.of("role", "checkbox", "name", "Gift", "checked", "true", "ref", "e5-aaaa"),
                                    Map.of(
                                            "role",
                                            "button",
                                            "name",
                                            "Send \"it\"",
                                            "disabled",
                                            true,
                                            "ref",
                                            "e6-aaaa")))));

    @Test
    void showsWhatIsThereWithItsReferences() {
        assertThat(new Outline(1000)
                        .add("", TREE)
                        .add("frame http://ads.example/", TREE)
                        .toString())
                .isEqualTo("""
                        - heading "Your order" level=1 [ref=e3-aaaa]
                        - text: Pay
                        - checkbox "Gift" checked [ref=e5-aaaa]
                        - button "Send \\"it\\"" disabled [ref=e6-aaaa]
                        - frame http://ads.example/
                          - heading "Your order" level=1 [ref=e3-aaaa]
                          - text: Pay
                          - checkbox "Gift" checked [ref=e5-aaaa]
                          - button "Send \\"it\\"" disabled [ref=e6-aaaa]
                        """);
    }

    @Test
    void endsWithAWholeLine() {
        Outline cut = new Outline(70).add("", TREE);
        assertThat(cut.isCut()).isTrue();
        assertThat(cut.toString()).isEqualTo("""
                - heading "Your order" level=1 [ref=e3-aaaa]
                - text: Pay
                """);
        assertThat(new Outline(1000).add("", TREE).isCut()).isFalse();
    }
}
