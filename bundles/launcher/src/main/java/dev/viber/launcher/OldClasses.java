package dev.viber.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Lifts class files of before Java 6 to the form of Java 8: the same code, with the stack maps that the JVM's AOT cache wants.
 *
 * <p>picocli is compiled for Java 5; left as it is, it would be read and verified anew at every start, which took most of a
 * short command's time.
 */
final class OldClasses {
    private static final int LIFTED = ClassFile.JAVA_8_VERSION;

    private OldClasses() {}

    /** Rewrites the jar where it holds such classes; tells whether it did. Times of entries stay as they are. */
    static boolean lift(Path jar) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean lifted = false;
        try (ZipFile in = new ZipFile(jar.toFile());
                URLClassLoader own =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
                ZipOutputStream zip = new ZipOutputStream(out)) {
            ClassFile classes = ClassFile.of(
                    ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(own)
                            .orElse(ClassHierarchyResolver.defaultResolver())),
                    StackMapsOption.GENERATE_STACK_MAPS);
            for (ZipEntry entry : List.copyOf(in.stream().toList())) {
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith(".class")) {
                    ClassModel type = classes.parse(bytes);
                    if (type.majorVersion() < ClassFile.JAVA_6_VERSION) {
                        bytes = classes.transformClass(type, lifting());
                        lifted = true;
                    }
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                zip.putNextEntry(copy);
                zip.write(bytes);
                zip.closeEntry();
            }
        }
        if (lifted) {
            Files.write(jar, out.toByteArray());
        }
        return lifted;
    }

    private static ClassTransform lifting() {
        // Every body is written anew, for only then are its stack maps made.
        return ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                .andThen(ClassTransform.endHandler(type -> type.withVersion(LIFTED, 0)));
    }
}
