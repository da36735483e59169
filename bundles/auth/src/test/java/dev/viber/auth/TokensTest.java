package dev.viber.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens.Issued;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private static final String HERE = "192.0.2.7";

    @TempDir
    Path folder = Path.of("");

    private Bench bench;
    private final LinkedBlockingQueue<Principal> ended = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws Exception {
        bench = new Bench(folder, Bench.settings(folder));
        bench.tokens.bindListener(ended::add);
        // The owner token is made on the writer's thread; whatever is written after it comes after it.
        bench.tokens.issue(Role.VIEWER, null, "first", null).getValue();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private boolean opens(String token) {
        return bench.tokens.authenticate(token, HERE).isPresent();
    }

    @Test
    void aRotatedTokenKeepsItsIdAndItsOldSecretForAGraceAlone() throws Exception {
        Issued first = bench.tokens.issue(Role.OPERATOR, null, "build", null).getValue();
        Issued second = bench.tokens.rotate(first.id(), Duration.ofMinutes(5)).getValue();

        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.token()).isNotEqualTo(first.token());
        assertThat(opens(first.token())).isTrue();
        assertThat(bench.tokens.authenticate(second.token(), HERE))
                .contains(new Principal(first.id(), Role.OPERATOR, null, "build"));
        assertThat(ended).isEmpty();

        Issued third = bench.tokens.rotate(first.id(), Duration.ZERO).getValue();
        assertThat(opens(first.token())).isFalse();
        assertThat(opens(second.token())).isFalse();
        assertThat(opens(third.token())).isTrue();
        assertThat(ended.poll(60, TimeUnit.SECONDS))
                .extracting(Principal::tokenId)
                .isEqualTo(first.id());

        bench.tokens.revoke(first.id()).getValue();
        assertThat(opens(third.token())).isFalse();
        assertThatThrownBy(() -> bench.tokens.rotate(first.id(), Duration.ZERO).getValue())
                .isInstanceOf(InvocationTargetException.class)
                .hasRootCauseMessage("The token '%s' is revoked; issue a new one".formatted(first.id()));
        assertThatThrownBy(() -> bench.tokens.rotate(first.id(), Duration.ofDays(31)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("/grace");
    }

    @Test
    void whoeverListensHearsOfAnExpiryAtOnce() throws Exception {
        Issued brief = bench.tokens
                .issue(Role.VIBER, "box", null, Duration.ofMillis(200))
                .getValue();
        Principal heard = ended.poll(60, TimeUnit.SECONDS);
        assertThat(heard).isEqualTo(new Principal(brief.id(), Role.VIBER, "box"));
        assertThat(opens(brief.token())).isFalse();
    }

    @Test
    void theOwnersFileFollowsARotationAndOutlivesARestart() throws Exception {
        Path file = folder.resolve("owner.token");
        String before = Files.readString(file).strip();
        String id = Secrets.idOf(before).orElseThrow();
        String after = bench.tokens.rotate(id, Duration.ZERO).getValue().token();

        assertThat(file).hasContent(after);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        bench.close();
        open();
        assertThat(opens(before)).isFalse();
        assertThat(opens(after)).isTrue();

        bench.tokens.revoke(id).getValue();
        bench.close();
        open();
        assertThat(opens(after)).as("what was revoked stays so").isFalse();
    }

    @Test
    void guessesAreCountedByAddressAndWhoeverWorksGoesOnWorking() throws Exception {
        String working =
                bench.tokens.issue(Role.VIEWER, null, null, null).getValue().token();
        Issued over = bench.tokens.issue(Role.VIEWER, null, null, null).getValue();
        bench.tokens.revoke(over.id()).getValue();
        assertThat(opens(working)).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(opens(over.token())).as("a revoked token is no guess").isFalse();
        }
        for (int i = 0; i < 30; i++) {
            assertThat(opens("vbr_%d_wrong".formatted(i))).isFalse();
        }
        assertThatThrownBy(() -> opens("vbr_x_wrong")).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.TOO_MANY);
            assertThat(e.extensions()).containsEntry(Guesses.RETRY_AFTER, 2L);
        });
        String fresh =
                bench.tokens.issue(Role.VIEWER, null, null, null).getValue().token();
        assertThatThrownBy(() -> opens(fresh)).as("not seen before").isInstanceOf(ProblemException.class);
        assertThat(opens(working)).isTrue();
        assertThat(bench.tokens.authenticate(fresh, "192.0.2.8")).isPresent();

        bench.now = bench.now.plusSeconds(2);
        assertThat(opens(fresh)).isTrue();
    }

    @Test
    void theMemoryOfGuessesIsBounded() {
        for (int i = 0; i < 2 * GuessLimits.MOST_KEYS; i++) {
            bench.guesses.wrong("k" + i);
        }
        assertThat(bench.guesses.size()).isEqualTo(GuessLimits.MOST_KEYS);
        assertThat(bench.guesses.caller("2001:db8:1:2:3:4:5:6")).isEqualTo(bench.guesses.caller("[2001:db8:1:2::9]"));
        assertThat(bench.guesses.caller("2001:db8:1:2::1")).isNotEqualTo(bench.guesses.caller("2001:db8:1:3::1"));
        assertThat(bench.guesses.caller("not an address")).isEqualTo("not an address");
    }
}
