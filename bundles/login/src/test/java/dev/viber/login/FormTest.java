package dev.viber.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.DeviceGrants.Request;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.login.Form.BadFormException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormTest {
    @Test
    void fieldsAreDecodedAndEmptyOnesAreNotThere() throws BadFormException {
        Form form = Form.parse("a=1%202&b=&c&d=x=y&%C3%A4=+");
        assertThat(form.get("a")).contains("1 2");
        assertThat(form.get("b")).isEmpty();
        assertThat(form.get("c")).isEmpty();
        assertThat(form.get("d")).contains("x=y");
        assertThat(form.get("ä")).contains(" ");
        assertThat(Form.parse("").fields()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1&a=2", "a=%", "a=%zz", "%=1"})
    void whatIsAmbiguousOrBrokenIsRefused(String text) {
        assertThatThrownBy(() -> Form.parse(text)).isInstanceOf(BadFormException.class);
    }

    @Test
    void thereAreOnlySoManyFields() {
        assertThatThrownBy(() -> Form.parse("a&".repeat(100))).isInstanceOf(BadFormException.class);
    }

    @Test
    void noTextOfAStrangerIsMarkup() {
        String evil = "<script>alert('\"&')</script>\u202E";
        Request request = new Request(
                evil,
                evil,
                evil,
                List.of(evil),
                evil,
                Instant.now(),
                Instant.now().plusSeconds(60));
        Principal principal = new Principal("t", Role.OWNER, null, evil);
        for (String page : List.of(
                Page.signIn(evil, evil),
                Page.askCode(evil, evil, principal, evil),
                Page.decide(evil, request, true, evil, principal),
                Page.decided(request, true),
                Page.trouble(evil, evil))) {
            assertThat(page).doesNotContain("<script", "\u202E").contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)");
            assertThat(page).doesNotContain("style=", "onclick", "http:", "https:");
        }
    }
}
