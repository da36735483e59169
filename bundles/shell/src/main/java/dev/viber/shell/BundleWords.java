package dev.viber.shell;

import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Lets a line name a bundle, by its number or its symbolic name: {@code stop 23}, {@code update dev.viber.tool.file}. */
@Component(service = Converter.class, property = Converter.CONVERTER_CLASSES + "=org.osgi.framework.Bundle")
public final class BundleWords implements Converter {
    private final BundleContext context;

    /** Made by Declarative Services once there is a command processor; Gogo's own converters come with its console. */
    @Activate
    public BundleWords(BundleContext context, @Reference CommandProcessor processor) {
        this.context = context;
    }

    /** The bundle; null for what is to be no bundle, or names none. */
    @Override
    public @Nullable Object convert(Class<?> wanted, Object word) {
        return wanted.equals(Bundle.class) && (word instanceof CharSequence || word instanceof Number)
                ? find(word.toString().strip())
                : null;
    }

    private Bundle find(String word) {
        List<Bundle> found = Arrays.stream(context.getBundles())
                .filter(bundle ->
                        word.equals(Long.toString(bundle.getBundleId())) || word.equals(bundle.getSymbolicName()))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    found.isEmpty()
                            ? "there is no bundle '%s'; lb lists them".formatted(word)
                            : "%d bundles are called '%s'; name one by its number".formatted(found.size(), word));
        }
        return found.getFirst();
    }

    @Override
    public @Nullable CharSequence format(Object target, int level, Converter escape) {
        return null;
    }
}
