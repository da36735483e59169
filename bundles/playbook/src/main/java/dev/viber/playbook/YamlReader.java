package dev.viber.playbook;

import dev.viber.api.task.PlaybookCheck.Finding;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads YAML 1.2 into JSON values and remembers the place of each; what JSON cannot say is a finding. */
final class YamlReader {
    /** What was read. */
    record Document(@Nullable Object value, Places places) {}

    private static final class Enough extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final int MAX_DEPTH = 100;
    private static final int MAX_ALIASES = 100;
    private static final int MAX_VALUES = 100_000;

    private final LoadSettings settings;
    private final Map<Tag, ConstructNode> scalars;
    private final Places places = new Places();
    private final List<Finding> findings;
    private final Set<Node> open = new HashSet<>();
    private int values;

    private YamlReader(LoadSettings settings, List<Finding> findings) {
        this.settings = settings;
        this.scalars = settings.getSchema().getSchemaTagConstructors();
        this.findings = findings;
    }

    /**
     * Reads one document.
     *
     * @param maxBytes of the text in UTF-8
     * @param findings takes what is wrong
     * @return nothing where the text cannot be read at all
     */
    static Optional<Document> read(String text, int maxBytes, List<Finding> findings) {
        if (text.length() > maxBytes || text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
            findings.add(new Finding(0, 0, "", "the playbook is larger than the %d bytes allowed".formatted(maxBytes)));
            return Optional.empty();
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel("playbook")
                .setSchema(new CoreSchema())
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .setAllowNonScalarKeys(false)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .setCodePointLimit(maxBytes)
                .setUseMarks(true)
                .build();
        return new YamlReader(settings, findings).read(text);
    }

    private Optional<Document> read(String text) {
        try {
            Optional<Node> root = new Composer(settings, new ShallowParser(settings, text)).getSingleNode();
            if (root.isEmpty()) {
                findings.add(new Finding(1, 1, "", "the playbook is empty; name and steps are wanted"));
                return Optional.empty();
            }
            Object value = value(root.get(), "");
            return Optional.of(new Document(value, places));
        } catch (Enough e) {
            return Optional.empty();
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            findings.add(new Finding(
                    mark.map(m -> m.getLine() + 1).orElse(0),
                    mark.map(m -> m.getColumn() + 1).orElse(0),
                    "",
                    "not YAML: " + context + e.getProblem()));
            return Optional.empty();
        } catch (YamlEngineException e) {
            findings.add(new Finding(0, 0, "", "not YAML: " + e.getMessage()));
            return Optional.empty();
        }
    }

    private @Nullable Object value(Node node, String pointer) {
        place(node, pointer);
        if (++values > MAX_VALUES) {
            findings.add(places.at(pointer, "too many values once aliases are followed; at most " + MAX_VALUES));
            throw new Enough();
        }
        if (!open.add(node)) {
            findings.add(places.at(pointer, "the alias leads back to what it stands in"));
            throw new Enough();
        }
        Object value = switch (node) {
            case MappingNode mapping -> map(mapping, pointer);
            case SequenceNode sequence -> list(sequence, pointer);
            case ScalarNode scalar -> scalar(scalar, pointer);
            default -> throw new YamlEngineException("unknown node " + node.getNodeType());
        };
        open.remove(node);
        return value;
    }

    private Map<String, @Nullable Object> map(MappingNode node, String pointer) {
        requireTag(node, Tag.MAP, pointer);
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                findings.add(places.at(pointer, "a key must be a text"));
                continue;
            }
            String child = Places.child(pointer, key.getValue());
            if (map.containsKey(key.getValue())) {
                key.getStartMark()
                        .ifPresent(m -> findings.add(new Finding(
                                m.getLine() + 1,
                                m.getColumn() + 1,
                                child,
                                "the key '%s' is there twice".formatted(key.getValue()))));
                continue;
            }
            key.getStartMark().ifPresent(m -> places.key(child, m.getLine() + 1, m.getColumn() + 1));
            map.put(key.getValue(), value(tuple.getValueNode(), child));
        }
        return map;
    }

    private List<@Nullable Object> list(SequenceNode node, String pointer) {
        requireTag(node, Tag.SEQ, pointer);
        List<@Nullable Object> list = new ArrayList<>();
        for (Node item : node.getValue()) {
            list.add(value(item, Places.child(pointer, list.size())));
        }
        return list;
    }

    private @Nullable Object scalar(ScalarNode node, String pointer) {
        Tag tag = node.getTag();
        if (tag.equals(Tag.STR)) {
            return node.getValue();
        }
        ConstructNode construct = scalars.get(tag);
        if (construct == null) {
            findings.add(places.at(pointer, "the tag %s is not taken here".formatted(tag)));
            return node.getValue();
        }
        try {
            return switch (construct.construct(node)) {
                case Integer i -> i.longValue();
                case BigInteger big -> big.longValueExact();
                case Double d when !Double.isFinite(d) -> throw new ArithmeticException("not finite");
                case Object other -> other;
                case null -> null;
            };
        } catch (ArithmeticException e) {
            findings.add(places.at(pointer, "the number %s is out of range".formatted(node.getValue())));
        } catch (IllegalArgumentException | YamlEngineException e) {
            findings.add(places.at(pointer, "'%s' is not a value of %s".formatted(node.getValue(), tag)));
        }
        return null;
    }

    private void requireTag(Node node, Tag wanted, String pointer) {
        if (!node.getTag().equals(wanted)) {
            findings.add(places.at(pointer, "the tag %s is not taken here".formatted(node.getTag())));
        }
    }

    private void place(Node node, String pointer) {
        node.getStartMark().ifPresent(m -> places.value(pointer, m.getLine() + 1, m.getColumn() + 1));
    }

    /** Stops before the composer, which is recursive, is led too deep. */
    private static final class ShallowParser extends ParserImpl {
        private int depth;

        ShallowParser(LoadSettings settings, String text) {
            super(settings, new StreamReader(settings, text));
        }

        @Override
        public Event next() {
            Event event = super.next();
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {
                    return event;
                }
            }
            if (depth > MAX_DEPTH) {
                throw new ParserException("nested deeper than " + MAX_DEPTH, event.getStartMark());
            }
            return event;
        }
    }
}
