package dev.viber.itest.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks into the SQLite files that processes leave behind. */
final class Databases {
    private Databases() {}

    /** The one database in a state folder. */
    static Path in(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".db")).toList();
            if (found.size() != 1) {
                throw new IOException("wanted one database in %s, there are %s".formatted(folder, found));
            }
            return found.getFirst();
        }
    }

    /** The first column of every row, as text. */
    static List<String> strings(Path database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> out = new ArrayList<>();
            while (rows.next()) {
                out.add(rows.getString(1));
            }
            return out;
        }
    }
}
