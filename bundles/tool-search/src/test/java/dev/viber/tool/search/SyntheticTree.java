package dev.viber.tool.search;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A repository in a repository's subfolder, with everything an ignore file can say and a file can hold. */
final class SyntheticTree {
    private SyntheticTree() {}

    /** Makes it; the folder to search is below the one given. */
    static Path make(Path folder) throws IOException {
        write(folder, ".gitignore", "from-above\n/only-at-top\nsub/anchored\n*.above\n");
        write(folder, ".git/info/exclude", "excluded-above\n");
        write(folder, ".ignore", "ignored-above\n");
        Path root = Files.createDirectories(folder.resolve("sub"));
        for (String name : new String[] {
            "from-above", "only-at-top", "anchored", "x.above", "excluded-above", "ignored-above", "plain.txt"
        }) {
            write(root, name, name + " needle\n");
        }
        write(root, ".gitignore", """
                # a comment
                *.log
                !keep.log
                build/
                /top.txt
                docs/*.tmp
                **/deep/secret
                a/**/z
                only-folder/
                trail\\\s
                sp*ce?.[ch]
                [!a-m]x.q
                {one,two}.alt
                \\#hash
                \\!bang
                everything/**
                !everything/but
                .hidden-but-named
                !.wanted
                !.dir/
                foo[bad
                """);
        for (String name : """
                a.log keep.log build/x.txt src/build/y.txt src/build2/y.txt top.txt src/top.txt docs/a.tmp docs/in/a.tmp
                x/deep/secret deep/secret x/deep/secretive a/z a/b/z a/b/c/z a/b/zz only-folder/f src/only-folder
                space1.c spaces.d sp-ce2.h ax.q nx.q one.alt two.alt three.alt #hash !bang everything/x everything/but
                .hidden .hidden-but-named .wanted .dir/in .other/in nested/a.log nested/keep.log nested/b.md
                ignored/both rg/only Cased.TXT café/naïve.txt
                """.strip().split("\\s+", -1)) {
            write(root, name, "needle in %s\nno\n  Needle again\n".formatted(name));
        }
        write(root, "nested/.gitignore", "!a.log\nkeep.log\n*.md\n");
        write(root, "nested/.ignore", "!b.md\n");
        write(root, "ignored/.gitignore", "both\n");
        write(root, "ignored/.ignore", "!both\n");
        write(root, "rg/.rgignore", "only\n");
        write(root, "rg/.ignore", "!only\n");
        write(root, "inner/.git/HEAD", "ref\n");
        write(root, "inner/.git/info/exclude", "ex.txt\n");
        write(root, "inner/.gitignore", "in.txt\n");
        for (String name : new String[] {"ex.txt", "in.txt", "a.log", "build/x", "from-above", "ignored-above"}) {
            write(root, "inner/" + name, "needle\n");
        }
        write(root, "worktree/.git", "gitdir: elsewhere\n");
        write(root, "worktree/a.log", "needle\n");
        Files.createSymbolicLink(root.resolve("link-file"), Path.of("plain.txt"));
        Files.createSymbolicLink(root.resolve("link-folder"), Path.of("src"));
        Files.createSymbolicLink(root.resolve("link-nowhere"), Path.of("nowhere"));
        contents(Files.createDirectories(root.resolve("contents")));
        return root;
    }

    /** A file that turns out to be binary late. By itself: where ripgrep stops depends on what it read before. */
    static Path makeLateNul(Path folder) throws IOException {
        String filling = "filling up this window to its end, line by line\n".repeat(3_000);
        write(folder, "nul-late", "needle one\n" + filling + "\0\nneedle\n");
        return folder;
    }

    private static void contents(Path folder) throws IOException {
        write(folder, "empty", "");
        write(folder, "no-end", "needle");
        write(folder, "only-break", "\n");
        write(folder, "crlf", "needle\r\nneedle \r\n\r\nx\r\n");
        write(folder, "bom8", "\uFEFFneedle\n\uFEFFneedle\n");
        Files.write(folder.resolve("bom16le"), "\uFEFFa needle, größe\nПривет\n".getBytes(StandardCharsets.UTF_16LE));
        Files.write(
                folder.resolve("bom16be"), "\uFEFFa needle, größe\r\n\r\nneedle".getBytes(StandardCharsets.UTF_16BE));
        Files.write(
                folder.resolve("latin1"),
                "gr\u00f6\u00dfe needle na\u00efve \u00e9t\u00e9\nin\u00e9 \u00e9in\nneedle\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
        Files.write(folder.resolve("broken"), new byte[] {
            'a',
            (byte) 0xc3,
            'b',
            (byte) 0xe2,
            (byte) 0x82,
            '\n',
            (byte) 0xff,
            ' ',
            'i',
            'n',
            (byte) 0xf0,
            (byte) 0x9f,
            (byte) 0x98,
            (byte) 0x80,
            '\n',
            (byte) 0xed,
            (byte) 0xa0,
            (byte) 0x80,
            'x',
            '\n'
        });
        write(folder, "nul-first", "needle\0\nneedle\n");
        write(folder, "long-line", "x".repeat(300_000) + "needle" + "y".repeat(100_000) + "\nneedle\n");
        write(
                folder,
                "over-windows",
                ("lorem ipsum dolor sit amet TODO " + "z".repeat(90) + "\n").repeat(4_000) + "needle\n");
        write(folder, "unicode", """
                größe naïve — été élan in_été
                STRASSE straße ſtop Kelvin K risk
                Привет, мир: ПРИВЕТ ελληνικά Ελλάδα
                中文 日本語 ١٢٣٤ १२३४५६७८ 12345678
                e\u0301 emoji 😀 in😀 \u00a0\u2003nbsp
                fooBar getWidth( setHeight() 2024-11 v1.22.333 ${name} a_b
                xx dd abcdd zzzz axcayc AB “quoted”
                """);
    }

    private static void write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
