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
             "limit":{"type":"integer","minimum":0,"description":"most bytes to read; default and upper bound are set by the operator, and never more than 1 MiB as JSON"}}}""");

    /** An agent takes 1 MiB of JSON as a result: this much of it is the content, the rest is for what stands around it. */
    private static final int MOST_ENCODED = (1 << 20) - 4096;

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
            int fitting = fitting(content, utf8(content) != null);
            if (fitting < content.length) {
                content = Arrays.copyOf(content, fitting);
                truncated = true;
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

    /** How many of these bytes are not too much once written as JSON; of a text, no half characters. */
    static int fitting(byte[] content, boolean text) {
        if (!text) {
            return Math.min(content.length, MOST_ENCODED / 4 * 3);
        }
        int encoded = 0;
        for (int i = 0; i < content.length; i++) {
            encoded += encoded(content[i]);
            if (encoded > MOST_ENCODED) {
                while (i > 0 && (content[i] & 0xc0) == 0x80) {
                    i--;
                }
                return i;
            }
        }
        return content.length;
    }

    private static int encoded(byte b) {
        return switch (b) {
            case '"', '\\', '\b', '\f', '\n', '\r', '\t' -> 2;
            default -> b >= 0 && b < ' ' ? 6 : 1;
        };
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
