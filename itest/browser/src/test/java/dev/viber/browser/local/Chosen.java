package dev.viber.browser.local;

import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.util.Map;

/** Settings with their defaults, and what a test chooses. */
final class Chosen {
    private Chosen() {}

    static Settings of(Map<String, Object> chosen) {
        return (Settings) Proxy.newProxyInstance(
                Settings.class.getClassLoader(), new Class<?>[] {Settings.class}, (_, method, _) -> {
                    if (method.getDeclaringClass().equals(Annotation.class)
                            || method.getDeclaringClass() == Object.class) {
                        return method.getName().equals("annotationType") ? Settings.class : "settings";
                    }
                    Object value = chosen.get(method.getName());
                    return value == null ? method.getDefaultValue() : value;
                });
    }
}
