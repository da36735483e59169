package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.FileArrival;
import dev.viber.api.vm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Proves KVM by booting, under Cloud Hypervisor, a guest of 1 KiB that does in ring 0 what stock kernels do. */
final class CloudProof {
    private CloudProof() {}

    /**
     * Boots the guest.
     *
     * @return empty where it did all it should; else what happened instead
     */
    static String fault(CloudFiles files, Duration limit) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("viber-probe");
        try {
            return boot(files, limit, folder);
        } finally {
            CloudFiles.remove(folder);
        }
    }

    private static String boot(CloudFiles files, Duration limit, Path folder) throws IOException, InterruptedException {
        Path kernel = Files.write(folder.resolve("guest"), CloudFiles.probeGuest());
        Path serial = folder.resolve("serial");
        Path log = folder.resolve("log");
        Machine machine = new Machine("probe", folder, 1, 64, kernel, null, null, "do=probe", null, serial, null);
        // timeout(1) outlives us: a guest that crawls for ever ends even if this process is killed meanwhile.
        List<String> line = new ArrayList<>(List.of("timeout", "-s", "KILL", Long.toString(limit.toSeconds())));
        line.addAll(files.proof(machine));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("RUST_BACKTRACE", "0");
        Process process = builder.start();
        String refused = "";
        try (CloudApi api = new CloudApi(CloudFiles.apiSocket(machine), limit)) {
            if (FileArrival.await(CloudFiles.apiSocket(machine), limit)) {
                api.put("vm.create", files.config(machine));
                api.put("vm.boot");
            }
        } catch (IOException e) {
            // It may have ended right behind its boot: what its guest said decides.
            refused = ": " + e.getMessage();
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            throw e;
        }
        int status = process.waitFor();
        // A processor's fatal error ends it with 0, too.
        if (Files.exists(serial) && Files.readString(serial).contains("proven")) {
            return "";
        }
        String words = Files.readString(log)
                .lines()
                .filter(each -> !each.isBlank())
                .findFirst()
                .map(each -> ": " + each.strip())
                .orElse("");
        return status == 128 + 9
                ? "a guest of 1 KiB did not get through its few instructions in %d s%s%s"
                        .formatted(limit.toSeconds(), refused, words)
                : "a guest of 1 KiB did not boot (exit status %d)%s%s".formatted(status, refused, words);
    }
}
