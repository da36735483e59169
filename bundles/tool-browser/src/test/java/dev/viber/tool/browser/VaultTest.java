package dev.viber.tool.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
    @TempDir
    Path dir;

    @Test
    void givesBackWhatItWasGivenAndShowsNoneOfIt() throws IOException {
        Path folder = dir.resolve("profiles");
        Vault vault = new Vault(folder);
        assertThat(vault.get("named", "shop")).isNull();
        assertThat(vault.names("named")).isEmpty();
        vault.put("named", "shop", "sécret of a cookie");
        vault.put("named", "shop", "sécret of another");
        vault.put("named", "other", "x");
        // Another process, later.
        assertThat(new Vault(folder).get("named", "shop")).isEqualTo("sécret of another");
        assertThat(vault.names("named")).containsExactly("other", "shop");
        byte[] file = Files.readAllBytes(folder.resolve("named/shop"));
        assertThat(new String(file, StandardCharsets.ISO_8859_1)).doesNotContain("secret", "another");
        for (String each : new String[] {"key", "named/shop"}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(each))))
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        vault.remove("named", "shop");
        assertThat(vault.get("named", "shop")).isNull();
    }

    @Test
    void refusesWhatWasChangedMovedOrIsOfAnotherKey() throws IOException {
        Vault vault = new Vault(dir);
        vault.put("named", "mine", "a");
        vault.put("named", "yours", "b");
        Path mine = dir.resolve("named/mine");
        byte[] whole = Files.readAllBytes(mine);

        Files.copy(dir.resolve("named/yours"), mine, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> vault.get("named", "mine")).hasMessageContaining("named 'mine'");
        byte[] changed = whole.clone();
        changed[changed.length - 1] ^= 1;
        Files.write(mine, changed);
        assertThatThrownBy(() -> vault.get("named", "mine")).hasMessageContaining("was changed");
        Files.write(mine, whole);
        assertThat(vault.get("named", "mine")).isEqualTo("a");
        Files.delete(dir.resolve("key"));
        vault.put("named", "new", "c");
        assertThatThrownBy(() -> vault.get("named", "mine")).hasMessageContaining("another key");
        Files.write(mine, new byte[] {9});
        assertThatThrownBy(() -> vault.get("named", "mine")).hasMessageContaining("form");
        assertThatThrownBy(() -> vault.put("named", "../key", "d")).hasMessageContaining("'../key'");
    }
}
