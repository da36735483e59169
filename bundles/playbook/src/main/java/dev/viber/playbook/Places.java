package dev.viber.playbook;

import dev.viber.api.task.PlaybookCheck.Finding;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where in the text each value and each key of a document stands, by JSON pointer. */
final class Places {
    private record Place(int line, int column) {}

    private final Map<String, Place> values = new HashMap<>();
    private final Map<String, Place> keys = new HashMap<>();

    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    static String child(String pointer, int index) {
        return pointer + "/" + index;
    }

    void value(String pointer, int line, int column) {
        values.put(pointer, new Place(line, column));
    }

    void key(String pointer, int line, int column) {
        keys.put(pointer, new Place(line, column));
    }

    /** A finding at the value of this pointer; where there is none, at the nearest value around it. */
    Finding at(String pointer, String message) {
        return finding(nearest(pointer), pointer, message);
    }

    /** A finding at the key that leads to this pointer. */
    Finding atKey(String pointer, String message) {
        Place key = keys.get(pointer);
        return finding(key == null ? nearest(pointer) : key, pointer, message);
    }

    private @Nullable Place nearest(String pointer) {
        for (String at = pointer; ; at = at.substring(0, at.lastIndexOf('/'))) {
            Place place = values.get(at);
            if (place != null || at.isEmpty()) {
                return place;
            }
        }
    }

    private static Finding finding(@Nullable Place place, String pointer, String message) {
        return place == null
                ? new Finding(0, 0, pointer, message)
                : new Finding(place.line(), place.column(), pointer, message);
    }
}
