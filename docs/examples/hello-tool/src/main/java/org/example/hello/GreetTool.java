package org.example.hello;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code hello.greet}: greets somebody by name. */
@Component
public final class GreetTool implements Tool {
    @Override
    public ToolInfo info() {
        return new ToolInfo("hello.greet", "Greets somebody by name.", """
                {"type": "object", "required": ["name"], "additionalProperties": false,
                 "properties": {"name": {"type": "string", "description": "Whom to greet."}}}""");
    }

    /** Greeting twice does no harm, so that a call that was cut off may be made again. */
    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    public Map<String, Object> call(Map<String, Object> arguments, ToolContext context) throws ToolException {
        String name = ((String) arguments.get("name")).strip();
        if (name.isEmpty()) {
            throw new ToolException("name is empty; wanted somebody to greet");
        }
        return Map.of("text", "Hello, " + name + "!");
    }
}
