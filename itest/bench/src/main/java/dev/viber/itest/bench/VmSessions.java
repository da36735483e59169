package dev.viber.itest.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** P9 and the long row: sessions of a pool, of VMs made for each, and of processes of this machine. */
final class VmSessions implements AutoCloseable {
    private static final int TOGETHER = 10;
    private static final int PART = 100;
    private static final String HOST = "192.168.127.1";
    private static final String SNAPSHOT = "blank";
    private static final byte[] PAGE =
            "<!doctype html><title>a page</title><h1>a page</h1>".getBytes(StandardCharsets.UTF_8);

    private final Path home;
    private final Path folder;
    private final HttpServer pages;
    private final StringBuilder text = new StringBuilder();

    /** Of a distribution; what it makes goes into the folder. */
    VmSessions(Path home, Path folder) throws IOException {
        this.home = home;
        this.folder = folder;
        pages = HttpServer.create(new InetSocketAddress(0), 0);
        pages.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        pages.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, PAGE.length);
            exchange.getResponseBody().write(PAGE);
            exchange.close();
        });
        pages.start();
    }

    /** The tables of what was measured since it was asked last. */
    String text() {
        String tables = text.toString();
        text.setLength(0);
        return tables;
    }

    private List<String> egress(String host) {
        return List.of(host + ":" + pages.getAddress().getPort());
    }

    private String page(String host) {
        return "http://%s/".formatted(egress(host).getFirst());
    }

    /** Percentiles, one and ten at once: so many rounds of one, a tenth as many of ten. */
    List<Sessions.One> percentiles(Server server, int rounds) throws IOException, InterruptedException {
        Sessions guests = new Sessions(page(HOST));
        try (Browsers pool = Browsers.pool(server, SNAPSHOT, TOGETHER, TOGETHER, egress(HOST))) {
            guests.measure("pool of VMs", pool, 1, rounds);
            guests.measure("pool of VMs", pool, TOGETHER, Math.max(2, rounds / TOGETHER));
        }
        try (Browsers vms = Browsers.vms(server, SNAPSHOT, egress(HOST))) {
            guests.measure("VM from a snapshot", vms, 1, rounds);
            guests.measure("VM from a snapshot", vms, TOGETHER, Math.max(2, rounds / TOGETHER));
        }
        text.append(Sessions.table(guests.all()));
        return guests.all();
    }

    /** The same of processes of this machine. */
    List<Sessions.One> percentilesOfLocal(int rounds) throws IOException, InterruptedException {
        Sessions here = new Sessions(page("127.0.0.1"));
        try (Browsers local = local(TOGETHER)) {
            here.measure("browser-local, warm", local, 1, rounds);
            here.measure("browser-local, warm", local, TOGETHER, Math.max(2, rounds / TOGETHER));
        }
        text.append(Sessions.table(here.all()));
        return here.all();
    }

    /** Makes what the sessions of guests begin as. */
    void snapshot(Server server) throws IOException, InterruptedException {
        server.send("POST", "/vms?wait=ready", Map.of("name", "src", "cpu_cores", 2, "memory_mb", 1024), 201);
        server.post("/vms/src/snapshot", Map.of("name", SNAPSHOT));
        server.send("DELETE", "/vms/src", 204);
    }

    private Browsers local(int warm) throws IOException {
        return Browsers.local(home, folder.resolve("b"), warm, TOGETHER, egress("127.0.0.1"));
    }

    /** So many sessions of a pool, with a count of what the server has before and after. */
    void rowOfPool(Server server, int count) throws IOException, InterruptedException {
        try (Browsers pool = Browsers.pool(server, SNAPSHOT, 2, 2, egress(HOST))) {
            row("a pool of VMs", new Sessions(page(HOST)), pool, server.pid(), folder.resolve("large"), count);
        }
    }

    /** The same of processes of this machine; what keeps them is this process. */
    void rowOfLocal(int count) throws IOException, InterruptedException {
        try (Browsers local = local(2)) {
            Sessions sessions = new Sessions(page("127.0.0.1"));
            row("browser-local", sessions, local, ProcessHandle.current().pid(), folder.resolve("b"), count);
        }
    }

    /** Both counts are taken where as many as are to be kept ready are so: the same in the same state. */
    private void row(String what, Sessions sessions, Browsers from, long pid, Path state, int count)
            throws IOException, InterruptedException {
        sessions.run(what, from, 2, 20);
        settle(from);
        Map<String, Long> before = Leaks.of(pid, state);
        long begin = System.nanoTime();
        for (int done = 0; done < count; ) {
            int next = Math.min(PART, count - done);
            sessions.run(what, from, 2, next);
            done += next;
            // A row of hours shows where it leads before its end.
            System.out.printf("%s: %,d of %,d sessions, %s%n", what, done, count, Leaks.of(pid, state));
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        settle(from);
        text.append(Leaks.table(what, count, before, Leaks.of(pid, state)))
                .append("%n%.1f sessions a second, two clients%n".formatted(count / seconds));
    }

    private static void settle(Browsers from) throws IOException, InterruptedException {
        while (!from.isWarm(2)) {
            Thread.sleep(100);
        }
    }

    /** So many VMs of 1 KiB, each made and deleted before the next. */
    void rowOfVms(Server server, int count) throws IOException, InterruptedException {
        vms(server, 50);
        Map<String, Long> before = Leaks.of(server.pid(), folder.resolve("small"));
        long begin = System.nanoTime();
        vms(server, count);
        double seconds = (System.nanoTime() - begin) / 1e9;
        text.append(Leaks.table("VMs of 1 KiB", count, before, Leaks.of(server.pid(), folder.resolve("small"))))
                .append("%n%.1f a second%n".formatted(count / seconds));
    }

    private static void vms(Server server, int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            server.post("/vms", Map.of("name", "r" + i, "cpu_cores", 1, "memory_mb", 64));
            server.send("DELETE", "/vms/r" + i, 204);
        }
    }

    @Override
    public void close() {
        pages.stop(0);
    }
}
