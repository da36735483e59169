package dev.viber.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginSignature;
import dev.viber.api.plugin.PluginSource;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.PluginRow;
import dev.viber.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.apache.felix.framework.FrameworkFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.launch.Framework;

/** Roll-outs in a real framework over a real store, taken up again from each phase in which a viber may have ended. */
class HostTest {
    private static final String NAME = "guest";

    @TempDir
    Path dir;

    private final Gate<Store> store = new Gate<>("store", Duration.ofSeconds(10));
    private Framework framework;
    private SqliteStore sqlite;
    private Host host;
    private KeyPair publisher;

    @BeforeEach
    void start() throws Exception {
        publisher = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.createDirectories(settings().trust());
        Files.createFile(settings().trust().resolve(PluginSignature.keyId(publisher.getPublic())));
        sqlite = new SqliteStore((SqliteStore.Config) Proxy.newProxyInstance(
                HostTest.class.getClassLoader(),
                new Class<?>[] {SqliteStore.Config.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "path" -> dir.resolve("state/test.db").toString();
                    case "store" -> "viber";
                    default -> method.getDefaultValue();
                }));
        store.open(sqlite);
        boot();
    }

    @AfterEach
    void stop() throws Exception {
        end();
        sqlite.close();
    }

    private Settings settings() {
        return new Settings(dir.resolve("state"), false, Duration.ofSeconds(20), Duration.ofSeconds(2), 1 << 20);
    }

    /** A viber begins: a framework without any plugin, and a host that brings back what the rows say. */
    private void boot() throws Exception {
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        "org.osgi.framework.storage", dir.resolve("framework").toString(),
                        "org.osgi.framework.storage.clean", "onFirstInit",
                        "org.osgi.framework.bsnversion", "multiple",
                        "felix.log.level", "1",
                        "org.osgi.framework.system.packages.extra", "dev.viber.api.tool;version=1.0.0"));
        framework.start();
        Rows rows = new Rows(store);
        JarFolder jars = new JarFolder(settings().jars());
        Rollout rollout = new Rollout(
                rows,
                jars,
                new Trust(settings().trust(), false),
                new Bundles(framework.getBundleContext(), settings().start()),
                new Health(framework.getBundleContext(), settings().health()),
                settings());
        CountDownLatch restored = new CountDownLatch(1);
        host = new Host(
                rows,
                rollout,
                jars,
                settings().mostBytes(),
                new Gate<PluginSource>("gateway", Duration.ZERO),
                restored::countDown);
        host.start();
        restored.await();
    }

    private void end() throws Exception {
        host.close();
        framework.stop();
        framework.waitForStop(10_000);
    }

    private Path jar(String version, String does, String more) throws IOException {
        Path jar = dir.resolve("guest-%s-%s.jar".formatted(version, does));
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", NAME + (more.startsWith(";") ? more : ""));
        main.putValue("Bundle-Version", version);
        main.putValue("Bundle-Activator", "dev.viber.plugins.guest.GuestActivator");
        main.putValue("Guest-Does", does);
        main.putValue("Import-Package", "dev.viber.api.tool,org.osgi.framework" + (more.startsWith(",") ? more : ""));
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out, manifest)) {
            for (String type : List.of("GuestActivator", "GuestActivator$1")) {
                String path = "dev/viber/plugins/guest/" + type + ".class";
                zip.putNextEntry(new ZipEntry(path));
                try (InputStream in = HostTest.class.getResourceAsStream("/" + path)) {
                    assertThat(in).as(path).isNotNull();
                    in.transferTo(zip);
                }
            }
        }
        return jar;
    }

    private String sign(Path jar) throws Exception {
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initSign(publisher.getPrivate());
        ed25519.update(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        return PluginSignature.keyId(publisher.getPublic()) + ":"
                + Base64.getEncoder().encodeToString(ed25519.sign());
    }

    private Plugin install(Path jar) throws Exception {
        return install(jar, sign(jar), false);
    }

    private Plugin install(Path jar, @Nullable String signature, boolean downgrade) throws Exception {
        try {
            return host.install(jar, signature, downgrade).getValue();
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    private List<String> serving() {
        return Arrays.stream(framework.getBundleContext().getBundles())
                .filter(bundle -> NAME.equals(bundle.getSymbolicName()) && bundle.getState() == Bundle.ACTIVE)
                .map(bundle -> bundle.getVersion().toString())
                .toList();
    }

    private Plugin row() {
        return host.list().getFirst();
    }

    @Test
    void aVersionTakesThePlaceOfAnotherAndServesAfterARestart() throws Exception {
        assertThat(install(jar("1.0.0", "well", "")).services()).containsExactly("guest.v1_0_0");
        assertThat(install(jar("1.1.0", "well", "")).services()).containsExactly("guest.v1_1_0");
        assertThat(serving()).containsExactly("1.1.0");
        end();
        boot();
        assertThat(serving()).containsExactly("1.1.0");
        assertThat(host.remove(NAME).getValue().version()).isEqualTo("1.1.0");
        assertThat(serving()).isEmpty();
        assertThat(host.list()).isEmpty();
    }

    @Test
    void whatDoesNotComeUpIsRolledBack() throws Exception {
        install(jar("1.0.0", "well", ""));
        assertThatThrownBy(() -> install(jar("1.1.0", "fail", "")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContainingAll("there is no database", "rolled back to 1.0.0");
        assertThatThrownBy(() -> install(jar("1.2.0", "sick", ""))).hasMessageContaining("the queue is full");
        assertThatThrownBy(() -> install(jar("1.3.0", "nothing", "")))
                .hasMessageContaining("within 2 s there was no service");
        assertThatThrownBy(() -> install(jar("1.4.0", "well", ",org.example.missing;version=\"[3,4)\"")))
                .hasMessageContaining("nothing here provides package")
                .hasMessageContaining("org.example.missing");
        assertThat(serving()).containsExactly("1.0.0");
        assertThat(row().version()).isEqualTo("1.0.0");
        assertThat(row().state()).isEqualTo("active");
    }

    @Test
    void aSingletonMakesRoomForItsNextVersion() throws Exception {
        install(jar("1.0.0", "well", ";singleton:=true"));
        install(jar("1.1.0", "well", ";singleton:=true"));
        assertThat(serving()).containsExactly("1.1.0");
        assertThatThrownBy(() -> install(jar("1.2.0", "fail", ";singleton:=true")))
                .hasMessageContaining("rolled back to 1.1.0");
        assertThat(serving()).containsExactly("1.1.0");
    }

    @Test
    void onlyWhatATrustedPublisherSignedIsLetIn() throws Exception {
        Path good = jar("1.0.0", "well", "");
        assertThatThrownBy(() -> install(good, null, false)).hasMessageContaining("is not signed");
        assertThatThrownBy(() -> install(jar("1.0.1", "well", ""), sign(good), false))
                .hasMessageContaining("does not fit");
        assertThat(row().state()).isEqualTo(Phase.REFUSED.word());
        Path key = settings().trust().resolve(PluginSignature.keyId(publisher.getPublic()));
        install(good);
        Files.delete(key);
        assertThatThrownBy(() -> install(jar("1.0.2", "well", ""))).hasMessageContaining("does not trust");
        end();
        boot();
        assertThat(serving()).as("a key that was taken out").isEmpty();
        assertThat(row().state()).isEqualTo(Phase.FAILED.word());
        Files.createFile(key);
        end();
        boot();
        assertThat(serving()).containsExactly("1.0.0");
        assertThat(row().state()).isEqualTo(Phase.ACTIVE.word());
    }

    @Test
    void anOlderVersionHasToBeAskedFor() throws Exception {
        install(jar("2.0.0", "well", ""));
        Path older = jar("1.9.0", "well", "");
        assertThatThrownBy(() -> install(older)).hasMessageContaining("older than 2.0.0");
        assertThat(serving()).containsExactly("2.0.0");
        install(older, sign(older), true);
        assertThat(serving()).containsExactly("1.9.0");
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"OFFERED", "FETCHED", "RESOLVED", "STARTING"})
    void aViberThatEndedInTheMiddleGoesOn(Phase phase) throws Exception {
        cutOff(phase, "well");
        assertThat(install(jar("1.1.0", "well", "")).version()).isEqualTo("1.1.0");
        assertThat(serving()).containsExactly("1.1.0");
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"STARTING", "ROLLING_BACK"})
    void aViberThatEndedWithABadVersionHasTheFormerOne(Phase phase) throws Exception {
        cutOff(phase, "fail");
        host.remove("nobody").getFailure(); // behind what was taken up again
        assertThat(serving()).containsExactly("1.0.0");
        assertThat(row().version()).isEqualTo("1.0.0");
        assertThat(row().state()).isEqualTo("active");
    }

    @Test
    void aRemovalThatWasCutOffIsFinished() throws Exception {
        install(jar("1.0.0", "well", ""));
        PluginRow row = new Rows(store).find(NAME).orElseThrow();
        end();
        new Rows(store).put(PluginEdit.of(row).on(dev.viber.api.plugin.PluginLifecycle.Trigger.REMOVE));
        boot();
        host.remove("nobody").getFailure();
        assertThat(serving()).isEmpty();
        assertThat(host.list()).isEmpty();
    }

    /** Leaves the rows as they are when a viber with 1.0.0 ends while 1.1.0 is in this phase, and begins anew. */
    private void cutOff(Phase phase, String does) throws Exception {
        install(jar("1.0.0", "well", ""));
        PluginRow served = new Rows(store).find(NAME).orElseThrow();
        Path next = jar("1.1.0", does, "");
        JarFolder jars = new JarFolder(settings().jars());
        String digest;
        try (InputStream in = Files.newInputStream(next)) {
            digest = jars.lay(in, 1 << 20);
        }
        PluginRow offered = PluginEdit.of(served)
                .offered(
                        new PluginEdit.Version(
                                "1.1.0", digest, sign(next), jars.path(digest).toString(), "shell", List.of()),
                        "l-1")
                .row();
        end();
        sqlite.write(tables -> Rows.put(tables, inPhase(offered, phase))).getValue();
        boot();
    }

    private static PluginRow inPhase(PluginRow row, Phase phase) {
        return new PluginRow(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                phase.word(),
                row.signature(),
                row.location(),
                row.former(),
                row.services(),
                "it was not well",
                row.source(),
                row.offer(),
                1,
                row.createdAt(),
                row.updatedAt());
    }
}
