package dev.viber.api.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle's jar says of itself.
 *
 * @param symbolicName without directives
 * @param version {@code major.minor.micro.qualifier}; {@code 0.0.0} where it names none
 * @param singleton whether two versions of it may not be there at the same time
 */
public record JarFacts(String symbolicName, String version, boolean singleton) {
    /** What is well-formed as a symbolic name. */
    public static final String NAME_PATTERN = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";

    private static final Pattern NAME = Pattern.compile(NAME_PATTERN);
    private static final Pattern VERSION =
            Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9}(\\.[0-9]{1,9}(\\.[A-Za-z0-9_-]+)?)?)?");
    private static final Pattern SINGLETON = Pattern.compile(";\\s*singleton\\s*:=\\s*\"?true\"?");

    /**
     * Reads a jar to its end.
     *
     * @throws IOException where it is no jar, not whole, or no bundle; the message says which
     */
    public static JarFacts read(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile(), false)) {
            for (JarEntry entry : Collections.list(file.entries())) {
                try (InputStream in = file.getInputStream(entry)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            }
            return of(file.getManifest());
        } catch (java.util.zip.ZipException e) {
            throw new IOException("it is no whole jar: " + e.getMessage(), e);
        }
    }

    private static JarFacts of(@Nullable Manifest manifest) throws IOException {
        Attributes main = manifest == null ? new Attributes() : manifest.getMainAttributes();
        String header = main.getValue("Bundle-SymbolicName");
        if (header == null) {
            throw new IOException("it is no bundle: its manifest has no Bundle-SymbolicName");
        }
        if (main.getValue("Fragment-Host") != null) {
            throw new IOException("it is a fragment, which cannot be started; wanted a bundle");
        }
        String name = header.split(";", 2)[0].strip();
        if (!NAME.matcher(name).matches()) {
            throw new IOException("its Bundle-SymbolicName is '%s'; wanted %s".formatted(name, NAME_PATTERN));
        }
        String version = main.getValue("Bundle-Version");
        version = version == null ? "0.0.0" : version.strip();
        if (!VERSION.matcher(version).matches()) {
            throw new IOException("its Bundle-Version is '%s'; wanted 1.2.3".formatted(version));
        }
        return new JarFacts(
                name,
                version,
                SINGLETON.matcher(header.toLowerCase(Locale.ROOT)).find());
    }
}
