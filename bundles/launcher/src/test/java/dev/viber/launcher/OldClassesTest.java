package dev.viber.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Class files of Java 5 become ones of Java 8 that do the same; others are left alone. */
class OldClassesTest {
    private static final MethodTypeDesc INT_TO_INT = MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int);

    @TempDir
    Path folder;

    @Test
    void liftsWhatIsOld() throws Exception {
        Path jar = jarWith(ClassFile.JAVA_5_VERSION);
        assertThat(OldClasses.lift(jar)).isTrue();

        try (ZipFile zip = new ZipFile(jar.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            byte[] bytes = zip.getInputStream(zip.getEntry("old/Sign.class")).readAllBytes();
            assertThat(ClassFile.of().parse(bytes).majorVersion()).isEqualTo(ClassFile.JAVA_8_VERSION);
            // Verified by its stack maps, for there is no other way at this version.
            var sign = loader.loadClass("old.Sign").getMethod("of", int.class);
            assertThat(sign.invoke(null, -3)).isEqualTo(-1);
            assertThat(sign.invoke(null, 3)).isEqualTo(1);
        }
        assertThat(OldClasses.lift(jar)).as("twice").isFalse();
    }

    @Test
    void leavesAloneWhatIsNew() throws Exception {
        Path jar = jarWith(ClassFile.JAVA_8_VERSION);
        byte[] before = Files.readAllBytes(jar);
        assertThat(OldClasses.lift(jar)).isFalse();
        assertThat(Files.readAllBytes(jar)).isEqualTo(before);
    }

    /** {@code int of(int n) { return n < 0 ? -1 : 1; }}: a branch, for which newer files need a stack map. */
    private Path jarWith(int version) throws IOException {
        StackMapsOption maps = version < ClassFile.JAVA_6_VERSION
                ? StackMapsOption.DROP_STACK_MAPS
                : StackMapsOption.GENERATE_STACK_MAPS;
        byte[] sign = ClassFile.of(maps)
                .build(
                        ClassDesc.of("old.Sign"),
                        type -> type.withVersion(version, 0)
                                .withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER)
                                .withMethodBody(
                                        "of",
                                        INT_TO_INT,
                                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                                        code -> code.iload(0)
                                                .ifThenElse(
                                                        Opcode.IFLT,
                                                        less -> less.iconst_m1().ireturn(),
                                                        more -> more.iconst_1().ireturn())));
        Path jar = folder.resolve("old.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("old/Sign.class"));
            zip.write(sign);
            zip.closeEntry();
        }
        return jar;
    }
}
