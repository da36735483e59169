package dev.viber.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a command prints: lines and tables for people, or one JSON object per line for scripts. */
record Output(PrintWriter out, PrintWriter err, boolean json, boolean quiet) {
    Output(PrintWriter out, PrintWriter err, boolean json) {
        this(out, err, json, false);
    }

    /** An object for scripts, or its line for people. */
    void show(Object object, String line) {
        out.println(json ? Json.write(object) : line);
        out.flush();
    }

    /** An object for scripts alone. */
    void object(Object object) {
        if (json) {
            out.println(Json.write(object));
            out.flush();
        }
    }

    /** A line for people alone. */
    void line(String line) {
        if (!json) {
            out.println(line);
            out.flush();
        }
    }

    /** A line for people on stderr, whatever the form of the output. */
    void note(String line) {
        err.println("viber: " + line);
        err.flush();
    }

    /** Objects for scripts, or a table for people, whose first row is its head. */
    void table(List<?> objects, List<String> head, List<List<String>> rows, String none) {
        if (json) {
            objects.forEach(this::object);
            return;
        }
        if (rows.isEmpty()) {
            line(none);
            return;
        }
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        all.addAll(rows);
        int[] widths = new int[head.size()];
        all.forEach(row ->
                Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length())));
        for (List<String> row : all) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                text.append(row.get(i));
                if (i < row.size() - 1) {
                    text.repeat(' ', widths[i] - row.get(i).length() + 2);
                }
            }
            line(text.toString());
        }
    }

    /** A value as people read it; a dash for none. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "-";
            case String text -> text.isEmpty() ? "-" : text;
            case Map<?, ?> map -> Json.write(map);
            case List<?> list -> Json.write(list);
            default -> value.toString();
        };
    }

    /** At most this much of a text, in one line. */
    static String brief(String text, int most) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= most ? line : line.substring(0, most - 1) + "…";
    }
}
