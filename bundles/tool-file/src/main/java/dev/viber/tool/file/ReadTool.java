package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.Workspace.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Reads a file or a part of it. */
@Component(service = Tool.class)
public final class ReadTool extends FileTool {
    private static final ToolInfo INFO = new ToolInfo(
            "file.read",
            "Reads a file, or a part of it by byte offset and limit. Gives text where the bytes are valid UTF-8, else base64.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["path"],"properties":{"path":{"type":"string","minLength":1,"description":"relative to the workspace, or absolute within it or a configured root"},
             "offset":{"type":"integer","minimum":0,"description":"first byte to read; default 0"},
             "limit":{"type":"integer","minimum":0,"description":"most bytes to read; default and upper bound are set by the operator"}}}""");

    /** Made by Declarative Services. */
    @Activate
    public ReadTool(@Reference ConfinedFiles files) {
        super(files, INFO, Touches.reading("path"));
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    Map<String, Object> work(Arguments arguments, Workspace workspace, Pace pace)
            throws IOException, ToolException, InterruptedException {
        Place place = workspace.place(arguments.text("path"));
        long offset = arguments.whole("offset", 0, 0);
        long most = files().maxReadBytes();
        long limit = arguments.whole("limit", Long.MAX_VALUE, 0);
        try (OpenFile file = place.read()) {
            byte[] content = Contents.read(file, offset, Math.min(limit, most), pace);
            boolean truncated = file.read(new byte[1], 0, 1, offset + content.length) > 0;
            if (truncated && limit > most) {
                content = withoutHalfCharacter(content);
            }
            Map<String, Object> result = new LinkedHashMap<>();
            String text = utf8(content);
            if (text != null) {
                result.put("text", text);
            } else {
                result.put("base64", Base64.getEncoder().encodeToString(content));
            }
            result.put("bytes", (long) content.length);
            result.put("sha256", Contents.sha256(content));
            result.put("size", file.facts().size());
            result.put("truncated", truncated);
            return result;
        }
    }

    /** The text these bytes are in UTF-8, or null where they are none. */
    static @Nullable String utf8(byte[] content) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Where our own limit, not the caller's, cut a character in two, text stays text without that half. */
    private static byte[] withoutHalfCharacter(byte[] content) {
        for (int cut = 1; cut <= 3 && cut < content.length; cut++) {
            byte[] shorter = Arrays.copyOf(content, content.length - cut);
            if (utf8(content) == null && utf8(shorter) != null) {
                return shorter;
            }
        }
        return content;
    }
}
