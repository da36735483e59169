package dev.viber.itest.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive in an empty root, where there is no Java: installed, toured, upgraded, rolled back, taken away. */
class InstallIT {
    private static final Path ROOT =
            Path.of("").toAbsolutePath().resolve("../..").normalize();
    private static final String BASE = "/root/.local/lib/viber";
    private static final String VIBER = "/root/.local/bin/viber";
    private static final String ARCHIVE = "/viber.tar.gz";

    /** Makes another version of the archive inside the root: {@code $1} is its version, {@code $2} what is done to it. */
    private static final String DOCTOR = """
            set -e
            rm -rf /doctor && mkdir /doctor && cd /doctor
            tar -xzf /viber.tar.gz
            mv viber-* viber-$1
            cd viber-$1
            echo $1 | sha256sum | head -c 16 >digest && echo >>digest
            eval "$2"
            grep -v -e ' digest$' -e "${3:-nothing}" SHA256SUMS >sums
            sha256sum digest >>sums
            mv sums SHA256SUMS
            cd ..
            tar -c viber-$1 | gzip -1 >/viber-$1.tar.gz
            cd / && sha256sum viber-$1.tar.gz >viber-$1.tar.gz.sha256
            rm -rf /doctor
            """;

    @Test
    void installsToursUpgradesRollsBackAndLeaves(@TempDir Path folder) throws Exception {
        EmptyRoot root = new EmptyRoot(folder.resolve("root"));
        Path archive;
        try (Stream<Path> files = Files.list(ROOT.resolve("distribution/archive/target"))) {
            archive = files.filter(file -> file.toString().endsWith("-linux-x86_64.tar.gz"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.copy(archive, root.at(ARCHIVE));
        Files.copy(archive.resolveSibling(archive.getFileName() + ".sha256"), root.at(ARCHIVE + ".sha256"));
        Files.copy(ROOT.resolve("distribution/scripts/install.sh"), root.at("/install.sh"));
        Files.createDirectories(root.at("/docs/examples"));
        for (String each : List.of("tour.sh", "playbooks.md", "examples/hello.yaml", "examples/slow.yaml")) {
            Files.copy(ROOT.resolve("docs").resolve(each), root.at("/docs/" + each));
        }

        refusesWhatIsNotTheArchive(root);
        installs(root);
        root.ok("VIBER=" + VIBER + " sh /docs/tour.sh");
        String before = current(root);
        upgrades(root, before);
        staysWhereTheNewOneFails(root);
        root.ok("sh /install.sh --rollback");
        assertThat(current(root)).isEqualTo(before);
        assertThat(root.ok(VIBER + " version")).startsWith("viber 0.");
        uninstalls(root);
    }

    private static void refusesWhatIsNotTheArchive(EmptyRoot root) throws IOException, InterruptedException {
        assertThat(root.refused("sh /install.sh --sha256 0123 " + ARCHIVE)).contains("wanted SHA-256 0123, found");
        assertThat(root.refused("sh /install.sh /nowhere.tar.gz")).contains("there is no file /nowhere.tar.gz");
        root.ok("sh /install.sh --dry-run --units " + ARCHIVE);
        assertThat(root.at("/root/.local")).doesNotExist();
    }

    private static void installs(EmptyRoot root) throws IOException, InterruptedException {
        String said = root.ok("sh /install.sh --units " + ARCHIVE);
        assertThat(said).contains("trained;", "installed viber-");
        assertThat(root.ok("ls -A " + BASE + "/current/aot")).doesNotContain(".training");
        assertThat(root.ok("cat /root/.config/systemd/user/viber.service")).contains(BASE + "/current/bin/viber start");
        assertThat(root.ok("sh /install.sh " + ARCHIVE)).contains("is installed already");
        assertThat(root.ok(VIBER + " aot --if-missing")).contains("the caches are there");

        // A cache that is broken is no error, and nothing is said of it where scripts read.
        String cache = root.ok("ls " + BASE + "/current/aot/*/client.aot").strip();
        root.ok("cp " + cache + " /client.aot && head -c 100000 /client.aot >" + cache);
        assertThat(root.ok(VIBER + " version").lines()).hasSize(1);
        root.ok("mv /client.aot " + cache);
    }

    private static void upgrades(EmptyRoot root, String before) throws IOException, InterruptedException {
        doctor(root, "9.0.0", ":", "");
        root.ok("sh /install.sh /viber-9.0.0.tar.gz");
        assertThat(current(root)).startsWith("viber-9.0.0-");
        assertThat(root.ok("readlink " + BASE + "/previous").strip()).isEqualTo(before);
    }

    private static void staysWhereTheNewOneFails(EmptyRoot root) throws IOException, InterruptedException {
        String before = current(root);
        String jar = "dev.viber.gateway-";
        doctor(root, "9.1.0", "rm -r bundles/dev/viber/dev.viber.gateway", jar);
        String said = root.refused("sh /install.sh /viber-9.1.0.tar.gz");
        assertThat(said).contains("is missing", "does not run here", before + " stays");
        assertThat(current(root)).isEqualTo(before);
        assertThat(root.ok("ls -A " + BASE).lines())
                .noneMatch(name -> name.startsWith("viber-9.1.0") || name.startsWith(".new"));
        assertThat(root.ok(VIBER + " version")).startsWith("viber ");
    }

    private static void uninstalls(EmptyRoot root) throws IOException, InterruptedException {
        root.ok("mkdir -p /root/.viber && touch /root/.viber/kept");
        root.ok("sh /install.sh --uninstall");
        assertThat(root.ok("ls -A /root/.local/bin /root/.local/lib /root/.config/systemd/user"))
                .doesNotContain("viber.service", "viper");
        assertThat(root.at("/root/.viber/kept")).exists();
        root.ok("sh /install.sh --uninstall --purge");
        assertThat(root.at("/root/.viber")).doesNotExist();
    }

    private static void doctor(EmptyRoot root, String version, String what, String goneFromSums)
            throws IOException, InterruptedException {
        Files.writeString(root.at("/doctor.sh"), DOCTOR);
        root.ok("sh /doctor.sh '%s' '%s' '%s'".formatted(version, what, goneFromSums));
    }

    private static String current(EmptyRoot root) throws IOException, InterruptedException {
        return root.ok("readlink " + BASE + "/current").strip();
    }

    @Test
    void unitsAreSound(@TempDir Path folder) throws Exception {
        Path bin = ROOT.resolve("distribution/target/viber/bin");
        for (String unit : List.of("viber.service", "viper-server.service", "user/viber.service")) {
            String text = Files.readString(ROOT.resolve("distribution/systemd").resolve(unit));
            Path file = folder.resolve(Path.of(unit).getFileName());
            Files.writeString(file, text.replace("@bin@", bin.toString()));
            EmptyRoot.Result verified = EmptyRoot.outside(List.of(
                    "env",
                    "XDG_RUNTIME_DIR=" + folder,
                    "systemd-analyze",
                    "verify",
                    "--man=no",
                    unit.startsWith("user") ? "--user" : "--system",
                    file.toString()));
            assertThat(verified).as(unit).isEqualTo(new EmptyRoot.Result(0, ""));
        }
    }
}
