package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where caches are looked for, and which of them count. */
class AotCacheTest {
    private static final String KEY = "0123-25.0.3";

    @TempDir
    Path folder;

    private Path home;
    private Path user;

    @BeforeEach
    void layOut() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        user = folder.resolve("cache/viber/aot");
    }

    private AotCache cache(Path distribution) {
        return AotCache.of(
                KEY,
                distribution,
                Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString()),
                folder);
    }

    @Test
    void isThereOnceItIsFinishedForThisDistributionAndJava() throws IOException {
        AotCache cache = cache(home);
        assertThat(cache.isThere()).isFalse();
        assertThat(cache.parent()).isEqualTo(home.resolve("aot"));

        Path made = Files.createDirectories(cache.parent().resolve(KEY));
        assertThat(cache.isThere()).as("unfinished").isFalse();
        cache.finish(made);
        assertThat(cache.isThere()).isTrue();

        Files.writeString(made.resolve("made"), "for a Java that was here before");
        assertThat(cache.isThere()).as("stale").isFalse();
        assertThat(cache.parent()).as("is renewed where it is found").isEqualTo(home.resolve("aot"));
    }

    @Test
    void isTheUsersWhereTheDistributionCannotBeWritten() throws IOException {
        AotCache cache = cache(folder.resolve("nobody/may/write/here"));
        assertThat(cache.parent()).isEqualTo(user);
        cache.finish(Files.createDirectories(user.resolve(KEY)));
        assertThat(cache.isThere()).isTrue();
    }

    @Test
    void theUsersIsFoundFirstAndIsTheOneRenewed() throws IOException {
        AotCache cache = cache(home);
        cache.finish(Files.createDirectories(home.resolve("aot").resolve(KEY)));
        Files.createDirectories(user.resolve(KEY));
        assertThat(cache.isThere()).as("what hides the other is not finished").isFalse();
        assertThat(cache.parent()).isEqualTo(user);
    }
}
