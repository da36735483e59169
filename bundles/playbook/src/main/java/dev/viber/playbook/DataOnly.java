package dev.viber.playbook;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.commons.jexl3.JexlArithmetic;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.JexlOperator;
import org.apache.commons.jexl3.introspection.JexlMethod;
import org.apache.commons.jexl3.introspection.JexlPropertyGet;
import org.apache.commons.jexl3.introspection.JexlPropertySet;
import org.apache.commons.jexl3.introspection.JexlUberspect;
import org.jspecify.annotations.Nullable;

/**
 * What expressions can reach: the entries of maps, the items of lists and {@link Functions}; no field, method, class or
 * bean property of anything, and a key that is not there is undefined rather than null.
 */
final class DataOnly implements JexlUberspect {
    private final JexlUberspect restricted;

    DataOnly(JexlUberspect restricted) {
        this.restricted = restricted;
    }

    @Override
    public JexlArithmetic.@Nullable Uberspect getArithmetic(JexlArithmetic arithmetic) {
        return restricted.getArithmetic(arithmetic);
    }

    @Override
    public JexlOperator.Uberspect getOperator(JexlArithmetic arithmetic) {
        return restricted.getOperator(arithmetic);
    }

    @Override
    public @Nullable Class<?> getClassByName(String name) {
        return null;
    }

    @Override
    public ClassLoader getClassLoader() {
        return restricted.getClassLoader();
    }

    @Override
    public @Nullable JexlMethod getConstructor(Object type, @Nullable Object... arguments) {
        return null;
    }

    @Override
    public @Nullable Iterator<?> getIterator(Object value) {
        return null;
    }

    @Override
    public @Nullable JexlMethod getMethod(Object target, String name, @Nullable Object... arguments) {
        return target instanceof Functions && Functions.OWN.contains(name)
                ? restricted.getMethod(target, name, arguments)
                : null;
    }

    @Override
    public @Nullable JexlPropertyGet getPropertyGet(Object target, Object key) {
        return has(target, key) ? new Entry(key) : null;
    }

    @Override
    public @Nullable JexlPropertyGet getPropertyGet(
            @Nullable List<PropertyResolver> resolvers, Object target, Object key) {
        return getPropertyGet(target, key);
    }

    @Override
    public @Nullable JexlPropertySet getPropertySet(Object target, Object key, Object value) {
        return null;
    }

    @Override
    public @Nullable JexlPropertySet getPropertySet(
            @Nullable List<PropertyResolver> resolvers, Object target, Object key, Object value) {
        return null;
    }

    @Override
    public List<PropertyResolver> getResolvers(@Nullable JexlOperator operator, Object target) {
        return List.of();
    }

    @Override
    public int getVersion() {
        return restricted.getVersion();
    }

    @Override
    public void setClassLoader(ClassLoader loader) {
        restricted.setClassLoader(loader);
    }

    private static boolean has(@Nullable Object target, @Nullable Object key) {
        return switch (target) {
            case Map<?, ?> map -> key != null && map.containsKey(String.valueOf(key));
            case List<?> list -> index(key) >= 0 && index(key) < list.size();
            case Object[] array -> index(key) >= 0 && index(key) < array.length;
            case null, default -> false;
        };
    }

    private static @Nullable Object get(@Nullable Object target, Object key) {
        return switch (target) {
            case Map<?, ?> map -> map.get(String.valueOf(key));
            case List<?> list -> list.get(index(key));
            case Object[] array -> array[index(key)];
            case null, default -> null;
        };
    }

    private static int index(@Nullable Object key) {
        return switch (key) {
            case Integer i -> i;
            case Long l when l == l.intValue() -> l.intValue();
            case Short s -> s;
            case Byte b -> b;
            case String text when text.matches("[0-9]{1,9}") -> Integer.parseInt(text);
            case null, default -> -1;
        };
    }

    /** Reads one entry or item; asked again with another target it looks anew whether the key is there. */
    private record Entry(Object key) implements JexlPropertyGet {
        @Override
        public @Nullable Object invoke(Object target) {
            return get(target, key);
        }

        @Override
        public boolean isCacheable() {
            return false;
        }

        @Override
        public boolean tryFailed(@Nullable Object value) {
            return JexlEngine.TRY_FAILED.equals(value);
        }

        @Override
        public @Nullable Object tryInvoke(Object target, Object wanted) {
            return has(target, wanted) ? get(target, wanted) : JexlEngine.TRY_FAILED;
        }
    }
}
