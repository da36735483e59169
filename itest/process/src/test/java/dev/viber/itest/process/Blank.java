package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The state of a server with one snapshot, {@code blank}: a browser that has just become ready. It is made once for all tests
 * of a run, since the boot of an emulated guest is half a minute of both processors, and given to each as a copy.
 */
final class Blank {
    private static Path made;

    private Blank() {}

    /** Lays a copy of it out as this server's state. */
    static synchronized void into(Path state) throws Exception {
        Path from = made;
        if (from == null) {
            from = make();
            made = from;
        }
        Path whole = from;
        Files.walkFileTree(whole, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.copy(folder, state.resolve(whole.relativize(folder)), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path copy = state.resolve(whole.relativize(file));
                if (file.startsWith(whole.resolve("snapshots"))) {
                    Files.createLink(copy, file); // nobody writes into a snapshot, and its memory is a file with holes
                } else {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path make() throws Exception {
        Path dir = Files.createTempDirectory("viber-blank-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(dir)));
        Machines machines = new Machines(dir, System.getProperty("vm.images"));
        Cluster cluster = machines.cluster();
        try {
            cluster.startGateway();
            machines.create("src").expect(201);
            machines.await("src", "ready");
            cluster.rest().post("/vms/src/snapshot", Map.of("name", "blank")).expect(201);
            machines.delete("src").expect(204);
            assertThat(cluster.gateway().terminate()).isZero();
        } finally {
            cluster.close();
        }
        return cluster.gatewayState();
    }

    private static void remove(Path dir) {
        try (Stream<Path> files = Files.walk(dir)) {
            List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
            for (Path each : all) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
