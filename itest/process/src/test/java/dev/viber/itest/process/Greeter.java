package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Versions of a plugin with the tool {@code greeter.version}, compiled here: good ones, and ones with something wrong. */
final class Greeter {
    /** Its symbolic name. */
    static final String NAME = "org.example.greeter";

    /** What a version does while it starts, beside registering its tool. */
    enum Start {
        WELL(""),
        FAILS("if (true) throw new IllegalStateException(\"no database\");"),
        SICK(
                "context.registerService(PluginHealth.class, () -> { throw new java.io.IOException(\"queue is full\"); }, null);"),
        HALTS("Runtime.getRuntime().halt(9);"),
        SLOW("Thread.sleep(4000);");

        private final String code;

        Start(String code) {
            this.code = code;
        }
    }

    private static String source(String version, Start start) {
        return """
            package org.example.greeter;
            import dev.viber.api.tool.*;
            import java.util.Map;
            import org.osgi.framework.*;
            public final class Greeter implements BundleActivator, Tool {
                public void start(BundleContext context) throws Exception {
                    %s
                    context.registerService(Tool.class, this, null);
                }
                public void stop(BundleContext context) {}
                public ToolInfo info() { return new ToolInfo("greeter.version", "Says its version.", "{\\"type\\":\\"object\\"}"); }
                public boolean isIdempotent(Map<String, Object> arguments) { return true; }
                public Map<String, Object> call(Map<String, Object> arguments, ToolContext context) {
                    return Map.of("version", "%s");
                }
            }
            """.formatted(start.code, version);
    }

    private final Path dir;

    Greeter(Path dir) {
        this.dir = dir;
    }

    /** Builds a version; returns its jar. */
    Path build(String version, Start start) throws IOException {
        Path folder = Files.createDirectories(dir.resolve(version + "-" + start));
        Path source = folder.resolve("Greeter.java");
        Files.writeString(source, source(version, start));
        compile(source, folder);
        Path jar = folder.resolve("greeter-" + version + ".jar");
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", NAME);
        main.putValue("Bundle-Version", version);
        main.putValue("Bundle-Activator", "org.example.greeter.Greeter");
        main.putValue("Import-Package", "dev.viber.api.tool;version=\"[1,2)\",org.osgi.framework;version=\"[1,2)\"");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out, manifest);
                Stream<Path> classes = Files.walk(folder)) {
            for (Path file :
                    classes.filter(each -> each.toString().endsWith(".class")).toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, zip);
            }
        }
        return jar;
    }

    private static void compile(Path source, Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        Path home = Path.of(System.getProperty("viber.home"));
        String classPath = jar(home.resolve("bundles"), "dev.viber.api-") + ":"
                + jar(home.resolve("lib"), "org.apache.felix.framework-");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean done = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of("-cp", classPath, "-d", folder.toString(), "-proc:none", "-nowarn"),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(done).as(said.toString()).isTrue();
        }
    }

    private static Path jar(Path folder, String begins) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(begins)
                            && file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The signature that {@code viber plugin sign} would make, without a process for each. */
    static String sign(Path jar, Path keyFile, String keyId) throws IOException, GeneralSecurityException {
        String pem = Files.readString(keyFile);
        String body = pem.substring(
                pem.indexOf("-----BEGIN PRIVATE KEY-----") + 27, pem.indexOf("-----END PRIVATE KEY-----"));
        PrivateKey key = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initSign(key);
        ed25519.update(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        return keyId + ":" + Base64.getEncoder().encodeToString(ed25519.sign());
    }
}
