package dev.viber.tool.search;

import dev.viber.api.tool.ToolException;
import dev.viber.tool.search.Glob.Unreadable;
import java.util.List;

/**
 * What is searched for.
 *
 * @param globs which files, by gitignore's rules; those with an exclamation mark are left out, the last that fits decides
 */
record Query(
        String root,
        String pattern,
        List<String> globs,
        int context,
        long limit,
        boolean ignoreCase,
        boolean hidden,
        Engine engine) {
    /** What does the search. */
    enum Engine {
        JAVA,
        RG
    }

    static Query of(Arguments arguments, int mostMatches) throws ToolException {
        String engine = arguments.text("engine", "auto");
        return new Query(
                arguments.text("root", "."),
                arguments.text("pattern"),
                arguments.texts("glob"),
                (int) arguments.whole("context", 0, 0, 100),
                Math.min(arguments.whole("limit", 1_000, 1, Long.MAX_VALUE), mostMatches),
                arguments.flag("ignoreCase"),
                arguments.flag("hidden"),
                switch (engine) {
                    case "auto", "java" -> Engine.JAVA;
                    case "rg" -> Engine.RG;
                    default ->
                        throw new ToolException("argument 'engine': '%s': wanted auto, java or rg".formatted(engine));
                });
    }

    /** The globs, ready to be asked: what they keep is searched even where it is hidden or ignored. */
    Rules rules() throws ToolException {
        Rules rules = new Rules();
        for (String glob : globs) {
            try {
                rules.add(glob);
            } catch (Unreadable | com.google.re2j.PatternSyntaxException e) {
                throw new ToolException(
                        "glob '%s': %s; wanted one such as *.java, src/** or !test/**".formatted(glob, e.getMessage()));
            }
        }
        return rules;
    }
}
