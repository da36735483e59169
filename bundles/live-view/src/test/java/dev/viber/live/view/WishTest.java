package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.live.view.Wish.BadWishException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WishTest {
    @Test
    void readsWhatTheProtocolHas() throws Exception {
        assertThat(Wish.of("{\"type\":\"ack\",\"seq\":7}")).isEqualTo(new Wish.Ack(7));
        assertThat(Wish.of("{\"type\":\"take\"}")).isEqualTo(new Wish.Take());
        assertThat(Wish.of("{\"type\":\"mouse\",\"action\":\"wheel\",\"x\":1.5,\"y\":2,\"deltaY\":-120}"))
                .isEqualTo(new Wish.Mouse("wheel", 1.5, 2, "left", 0, 1, 0, -120, 0));
        assertThat(Wish.of("{\"type\":\"key\",\"action\":\"up\",\"key\":\"a\",\"modifiers\":8}"))
                .isEqualTo(new Wish.Key(false, "a", "", 0, 8));
        assertThat(Wish.of("{\"type\":\"paste\",\"text\":\"ü\"}")).isEqualTo(new Wish.Text("ü"));
        assertThat(Wish.of("{\"type\":\"back\"}")).isEqualTo(new Wish.Move("back"));
        assertThat(Wish.of("{\"type\":\"navigate\",\"url\":\" example.org:81/ä \"}"))
                .isEqualTo(new Wish.Navigate("https://example.org:81/ä"));
        assertThat(Wish.of("{\"type\":\"navigate\",\"url\":\"data:text/html,x y\"}"))
                .isEqualTo(new Wish.Navigate("data:text/html,x y"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            nothing                                               | the message is not JSON
            [1]                                                   | no JSON object
            {}                                                    | type is ''; wanted one of ack, back
            {"type":5}                                            | type is 5; wanted a text
            {"type":"fly"}                                        | type is 'fly'
            {"type":"take","force":true}                          | 'take' has no member 'force'
            {"type":"ack"}                                        | seq is missing; wanted a number
            {"type":"mouse","action":"throw","x":1,"y":1}         | action is 'throw'; wanted one of [move, down, up, wheel]
            {"type":"mouse","action":"move","x":"1","y":1}        | x is "1"; wanted a number from -100000 to 100000
            {"type":"mouse","action":"move","x":1e99,"y":1}       | x is 1.0E99
            {"type":"mouse","action":"down","x":1,"y":1,"button":"foot"} | button is 'foot'
            {"type":"key","action":"down"}                        | key is missing or empty
            {"type":"navigate","url":"file:///etc/passwd"}        | url has the scheme 'file'
            {"type":"navigate","url":"javascript:alert(1)"}       | url has the scheme 'javascript'
            {"type":"navigate","url":"chrome://settings"}         | url has the scheme 'chrome'
            """)
    void saysWhatWasWrong(String message, String told) {
        assertThatThrownBy(() -> Wish.of(message))
                .isInstanceOf(BadWishException.class)
                .hasMessageContaining(told);
    }
}
