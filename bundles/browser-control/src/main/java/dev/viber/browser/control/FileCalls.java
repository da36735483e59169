package dev.viber.browser.control;

import dev.viber.browser.control.Elements.Element;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Files on their way into pages and out of them. */
final class FileCalls {
    /** The one call whose body holds files. */
    static final String UPLOAD = "/v1/dom/upload";

    private final Path uploads;

    /** Uploads lie below this folder while the agent runs. */
    FileCalls(Path exchange) {
        uploads = exchange.resolve("uploads");
    }

    List<Route> routes() {
        return List.of(
                Route.post(UPLOAD, "selector:text! frame:text files:list!", this::upload),
                Route.get(
                        "/v1/downloads", "", call -> call.browser().downloads().list()),
                Route.post(
                        "/v1/downloads/wait",
                        "id:text after:int",
                        call -> Map.of(
                                "download",
                                call.browser()
                                        .downloads()
                                        .awaitEnd(call.textOrNull("id"), call.number("after", 0), call.deadline()))),
                Route.get(
                        "/v1/downloads/{id}/content",
                        "",
                        call -> call.browser().downloads().file(call.inPath("id"))),
                Route.delete("/v1/downloads/{id}", "", call -> {
                    call.browser().downloads().remove(call.inPath("id"));
                    return Answer.OK;
                }));
    }

    /**
     * Takes the data of files in a body as files, which whoever has the body read removes where they are left.
     *
     * @param taken takes their paths
     */
    Json.Taker taker(List<Path> taken) {
        return (member, bytes) -> {
            if (!member.equals("data")) {
                return null;
            }
            try {
                Files.createDirectories(uploads);
                Files.setPosixFilePermissions(uploads, PosixFilePermissions.fromString("rwxr-xr-x"));
                Path file = Files.createTempFile(uploads, "data", "");
                taken.add(file);
                try (OutputStream out = Files.newOutputStream(file)) {
                    bytes.accept(out);
                }
                return file;
            } catch (IllegalArgumentException e) {
                throw Failure.malformed("the data of a file is not in base 64: " + e.getMessage());
            } catch (IOException e) {
                throw new Failure(500, "internal", "the file cannot be kept: " + e.getMessage());
            }
        };
    }

    private Object upload(Call call) {
        Tab tab = call.actingTab();
        Elements elements = call.elements(tab);
        // Pages like to hide the element itself behind a button of theirs.
        Element element = elements.find(call.frame(tab), call.text("selector"), "ready");
        List<String> files = new ArrayList<>();
        for (Tree file : call.list("files")) {
            files.add(keep(file).toString());
        }
        try {
            tab.devTools()
                    .call(
                            element.frame().session(),
                            "DOM.setFileInputFiles",
                            Map.of("objectId", element.object(), "files", files),
                            call.deadline());
        } catch (Failure.Refused e) {
            throw new Failure(
                    409, "no_file_input", "'" + call.text("selector") + "' takes no files: " + e.getMessage());
        }
        return Map.of("status", "ok", "files", files.size());
    }

    private Path keep(Tree file) {
        String name = file.get("name").text();
        if (name.isEmpty()
                || name.length() > 200
                || name.contains("/")
                || name.contains("\0")
                || name.startsWith("..")) {
            throw Failure.malformed("a file is {\"name\", \"data\"}; '" + name + "' is no name of a file");
        }
        try {
            if (!(file.get("data").value() instanceof Path data)) {
                throw Failure.malformed("a file is {\"name\", \"data\"}; '" + name + "' has no data");
            }
            // A folder for each, so that a file keeps its own name; Chrome runs as another user in a guest.
            Path folder = Files.createTempDirectory(uploads, "file");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path kept = Files.move(data, folder.resolve(name));
            Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-r--r--"));
            return kept;
        } catch (IOException e) {
            throw new Failure(500, "internal", "the file cannot be kept: " + e.getMessage());
        }
    }
}
