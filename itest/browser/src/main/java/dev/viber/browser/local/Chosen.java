package dev.viber.browser.local;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Settings with their defaults, and what a test or a benchmark chooses. */
public final class Chosen {
    private Chosen() {}

    /** Browsers of this machine with these settings. */
    public static LocalBrowsers browsers(Map<String, Object> chosen) throws IOException {
        return new LocalBrowsers(of(chosen), null);
    }

    static Settings of(Map<String, Object> chosen) {
        return of(Settings.class, chosen);
    }

    /** An annotation with its defaults, and what is chosen. */
    public static <T> T of(Class<T> type, Map<String, Object> chosen) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> {
            if (method.getDeclaringClass().equals(Annotation.class) || method.getDeclaringClass() == Object.class) {
                return method.getName().equals("annotationType") ? type : "settings";
            }
            Object value = chosen.get(method.getName());
            return value == null ? method.getDefaultValue() : value;
        }));
    }

    /** How many are ready for whoever comes next. */
    public static int warm(LocalBrowsers browsers) {
        return browsers.warmReady();
    }

    /** As the end of the whole process does it. */
    public static void close(LocalBrowsers browsers) {
        browsers.close();
    }
}
