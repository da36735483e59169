package dev.viber.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.auth.Audit.AuditEntry;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.DeviceGrants.Ask;
import dev.viber.api.auth.DeviceGrants.Poll;
import dev.viber.api.auth.DeviceGrants.Reason;
import dev.viber.api.auth.DeviceGrants.Started;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {
    private static final String HERE = "192.0.2.7";
    private static final Principal OWNER = new Principal("o", Role.OWNER, null, "owner");

    @TempDir
    Path folder = Path.of("");

    private Bench bench;

    @BeforeEach
    void open() {
        Map<String, Object> settings = new HashMap<>(Bench.settings(folder));
        settings.put("device_per_address", 3);
        bench = new Bench(folder, settings);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Started start(@Nullable String viberId) throws Exception {
        return bench.devices
                .start(new Ask("test", viberId, "Box", List.of("file"), HERE))
                .getValue();
    }

    private Poll poll(Started started) throws Exception {
        bench.now = bench.now.plus(started.interval());
        return bench.devices.poll("test", started.deviceCode()).getValue();
    }

    private static Poll refused(Reason reason) {
        return new Poll.Refused(reason);
    }

    @Test
    void anApprovedGrantGivesOneTokenOnceAndOutlivesARestart() throws Exception {
        Started started = start("box");
        assertThat(started.userCode()).matches("[B-Z]{4}-[B-Z]{4}");
        assertThat(poll(started)).isEqualTo(refused(Reason.AUTHORIZATION_PENDING));

        bench.close();
        var now = bench.now;
        open();
        bench.now = now;
        String typed = started.userCode().toLowerCase(java.util.Locale.ROOT).replace("-", " ");
        assertThat(bench.devices.find(typed, HERE).viberId()).isEqualTo("box");
        bench.devices.decide(typed, true, OWNER, HERE).getValue();
        assertThat(bench.devices.poll("other", started.deviceCode()).getValue())
                .isEqualTo(refused(Reason.INVALID_GRANT));

        Poll.Granted granted = (Poll.Granted) poll(started);
        assertThat(bench.tokens.authenticate(granted.issued().token()))
                .contains(new Principal(granted.issued().id(), Role.VIBER, "box", "Box"));
        assertThat(poll(started)).isEqualTo(refused(Reason.INVALID_GRANT));
        assertThatThrownBy(() -> bench.devices.find(started.userCode(), HERE)).isInstanceOf(ProblemException.class);
        assertThat(bench.store.<Long>read(tables -> tables.deviceGrants().count(null)))
                .isZero();
    }

    @Test
    void aGrantIsDeniedOrExpiresOrIsPolledTooFast() throws Exception {
        Started denied = start("a");
        bench.devices.decide(denied.userCode(), false, OWNER, HERE).getValue();
        assertThat(poll(denied)).isEqualTo(refused(Reason.ACCESS_DENIED));

        Started fast = start(null);
        assertThat(fast.viberId()).matches("viber-box-[b-z]{4}");
        assertThat(poll(fast)).isEqualTo(refused(Reason.AUTHORIZATION_PENDING));
        assertThat(bench.devices.poll("test", fast.deviceCode()).getValue()).isEqualTo(refused(Reason.SLOW_DOWN));
        assertThat(poll(fast)).as("5 s longer from now on").isEqualTo(refused(Reason.SLOW_DOWN));
        bench.now = bench.now.plus(Duration.ofSeconds(30));
        assertThat(poll(fast)).isEqualTo(refused(Reason.AUTHORIZATION_PENDING));

        bench.now = bench.now.plus(fast.lifetime());
        assertThat(poll(fast)).isEqualTo(refused(Reason.EXPIRED_TOKEN));
        assertThatThrownBy(() -> bench.devices.decide(fast.userCode(), true, OWNER, HERE))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void countsAndSizesAreBounded() throws Exception {
        for (int i = 0; i < 3; i++) {
            start("v" + i);
        }
        assertThatThrownBy(() -> start("v3"))
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_MANY));
        bench.now = bench.now.plus(Duration.ofHours(1));
        start("v4");
        for (Ask wrong : List.of(
                new Ask("", "v", null, List.of(), HERE),
                new Ask("c", "../v", null, List.of(), HERE),
                new Ask("c", "v", "x".repeat(201), List.of(), HERE),
                new Ask("c", "v", "a\nb", List.of(), HERE),
                new Ask("c", "v", null, List.of("A b"), HERE))) {
            assertThatThrownBy(() -> bench.devices.start(wrong)).isInstanceOf(ProblemException.class);
        }
        for (int i = 0; i < 30; i++) {
            assertThatThrownBy(() -> bench.devices.find("BBBB-BBBB", HERE))
                    .isInstanceOfSatisfying(
                            ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
        }
        assertThatThrownBy(() -> bench.devices.find("BBBB-BBBB", HERE))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_MANY));
        assertThatThrownBy(() -> bench.devices.find("BBBB-BBBB", "192.0.2.9"))
                .as("by code, too")
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_MANY));
    }

    @Test
    void theAuditLogIsReadBackwardsAndStrangersCannotFillIt() throws Exception {
        for (int i = 1; i <= 5; i++) {
            bench.audit
                    .add(new Deed(OWNER, HERE, "act" + i, "t", Outcome.DONE, Map.of("status", i)))
                    .getValue();
        }
        List<AuditEntry> newest = bench.audit.list(0, 2);
        assertThat(newest).extracting(AuditEntry::seq).containsExactly(5L, 4L);
        assertThat(bench.audit.list(4, 10)).extracting(AuditEntry::action).containsExactly("act3", "act2", "act1");
        assertThat(newest.getFirst())
                .isEqualTo(new AuditEntry(
                        5,
                        java.time.Instant.ofEpochMilli(bench.now.toEpochMilli()),
                        "o",
                        "owner",
                        Role.OWNER,
                        HERE,
                        "act5",
                        "t",
                        Outcome.DONE,
                        Map.of("status", 5)));

        Deed stranger = new Deed(null, HERE, "x".repeat(500), null, Outcome.DENIED, Map.of());
        for (int i = 0; i < 200; i++) {
            bench.audit.add(stranger).getValue();
        }
        assertThat(bench.audit.list(0, 1).getFirst().seq()).isEqualTo(5 + AuditLog.STRANGERS_A_MINUTE);
        bench.now = bench.now.plusSeconds(60);
        bench.audit.add(stranger).getValue();
        AuditEntry last = bench.audit.list(0, 1).getFirst();
        assertThat(last.detail()).containsEntry("leftOutBefore", 200 - AuditLog.STRANGERS_A_MINUTE);
        assertThat(last.action()).hasSize(200);
    }
}
