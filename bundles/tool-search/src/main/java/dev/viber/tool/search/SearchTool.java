package dev.viber.tool.search;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import java.io.IOException;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Searches files for a regular expression. */
@Component(service = Tool.class)
public final class SearchTool implements Tool {
    private static final ToolInfo INFO = new ToolInfo(
            "search.text",
            "Finds the lines below root that fit a regular expression. Skips what .gitignore and .ignore name, hidden and binary files. count and files tell of everything; matches are the first by path and line.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["pattern"],"properties":{
             "root":{"type":"string","minLength":1,"description":"the directory or file to search; default the workspace"},
             "pattern":{"type":"string","description":"a regular expression in RE2 syntax, looked for in each line"},
             "glob":{"description":"which files, as in .gitignore: *.java, src/**; with ! before it what to leave out",
              "oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]},
             "context":{"type":"integer","minimum":0,"maximum":100,"default":0,"description":"lines to show before and after each match"},
             "limit":{"type":"integer","minimum":1,"default":1000,"description":"most matches to return; all are counted"},
             "ignoreCase":{"type":"boolean","default":false},
             "hidden":{"type":"boolean","default":false,"description":"search files and directories that begin with a dot, too"},
             "engine":{"enum":["auto","java","rg"],"default":"auto","description":"auto is java; rg needs ripgrep on the machine"}}}""");

    private final SearchLimits limits;
    private final ToolInfo info;

    /** Made by Declarative Services. */
    @Activate
    public SearchTool(@Reference SearchLimits limits) {
        this.limits = limits;
        Touches touches = Touches.reading("root").within(limits.roots());
        info = new ToolInfo(INFO.name(), INFO.description(), INFO.schema(), touches);
    }

    @Override
    public ToolInfo info() {
        return info;
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    public Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
            throws ToolException, InterruptedException {
        Query query = Query.of(new Arguments(arguments), limits.mostMatches());
        Matcher matcher = Matcher.of(query.pattern(), query.ignoreCase());
        Rules globs = query.rules();
        Root root = Root.open(limits, context.workspace(), query.root());
        Findings findings = new Findings(query.limit(), limits.mostResult(), query.context() > 0, root.shown());
        try {
            if (query.engine() == Query.Engine.RG) {
                new Ripgrep(query, findings, limits, context).run(root);
            } else if (root.folder() == null) {
                file(query, matcher, findings, root, context);
            } else {
                // It closes the folder.
                Walk walk = new Walk(query, globs, matcher, findings, limits, context);
                walk.run(limits.disks(), root.folder());
            }
        } catch (IOException e) {
            throw new ToolException("search.text: %s".formatted(e.getMessage()), false, e);
        }
        return findings.result();
    }

    /** A root that is a file is searched whatever it is called. */
    private void file(Query query, Matcher matcher, Findings findings, Root root, ToolContext context)
            throws IOException, ToolException {
        Scan scan = new Scan(matcher, findings, query.context(), limits.longestText(), context::isCancelled);
        try (Disk disk = limits.disks().get()) {
            if (disk instanceof LinuxDisk linux) {
                linux.adopt(root.file());
            } else if (!(disk instanceof PortableDisk portable) || !portable.open(root.real())) {
                throw new ToolException("root '%s': cannot be read".formatted(query.root()));
            }
            scan.file(disk, "");
        }
    }
}
