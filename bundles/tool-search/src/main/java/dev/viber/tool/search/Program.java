package dev.viber.tool.search;

import dev.viber.tool.search.Node.At;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An expression over ASCII as a graph (Thompson's), ready for an automaton. */
final class Program {
    /** What a node does. */
    enum Kind {
        END,
        EAT,
        FORK,
        PLACE
    }

    private static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    final Kind[] kinds;
    final int[] next;
    final int[] other;
    final @Nullable At[] places;
    final int start;
    private final long[] low;
    private final long[] high;

    private Program(Building from, int start) {
        int size = from.kinds.size();
        this.kinds = from.kinds.toArray(Kind[]::new);
        this.next = from.next.stream().mapToInt(Integer::intValue).toArray();
        this.other = from.other.stream().mapToInt(Integer::intValue).toArray();
        this.places = from.places.toArray(new @Nullable At[size]);
        this.low = from.low.stream().mapToLong(Long::longValue).toArray();
        this.high = from.high.stream().mapToLong(Long::longValue).toArray();
        this.start = start;
    }

    /** The graph of the expression, or null where it has more nodes than that. */
    static @Nullable Program of(Node node, int most) {
        Building building = new Building(most);
        try {
            int end = building.add(Kind.END, 0, 0);
            return new Program(building, building.build(node, end));
        } catch (TooLarge e) {
            return null;
        }
    }

    /** Whether the node takes this letter of ASCII. */
    boolean eats(int node, int letter) {
        return kinds[node] == Kind.EAT && ((letter < 64 ? low[node] : high[node]) >>> (letter & 63) & 1) != 0;
    }

    /** Built from the end, so that every node knows what follows it. */
    private static final class Building {
        private final int most;
        private final List<Kind> kinds = new ArrayList<>();
        private final List<Integer> next = new ArrayList<>();
        private final List<Integer> other = new ArrayList<>();
        private final List<@Nullable At> places = new ArrayList<>();
        private final List<Long> low = new ArrayList<>();
        private final List<Long> high = new ArrayList<>();

        Building(int most) {
            this.most = most;
        }

        int add(Kind kind, int to, int or) {
            if (kinds.size() >= most) {
                throw new TooLarge();
            }
            kinds.add(kind);
            next.add(to);
            other.add(or);
            places.add(null);
            low.add(0L);
            high.add(0L);
            return kinds.size() - 1;
        }

        int build(Node node, int then) {
            return switch (node) {
                case Node.Empty empty -> then;
                case Node.One one -> eat(one.runes(), then);
                case Node.Place place -> {
                    int id = add(Kind.PLACE, then, 0);
                    places.set(id, place.at());
                    yield id;
                }
                case Node.All all -> {
                    int to = then;
                    for (Node part : all.parts().reversed()) {
                        to = build(part, to);
                    }
                    yield to;
                }
                case Node.Any any -> {
                    int to = build(any.choices().getLast(), then);
                    for (int i = any.choices().size() - 2; i >= 0; i--) {
                        to = add(Kind.FORK, build(any.choices().get(i), then), to);
                    }
                    yield to;
                }
                case Node.Repeat repeat -> repeat(repeat, then);
            };
        }

        private int repeat(Node.Repeat repeat, int then) {
            int to = then;
            if (repeat.most() < 0) {
                int fork = add(Kind.FORK, 0, then);
                next.set(fork, build(repeat.part(), fork));
                to = fork;
            }
            for (int i = repeat.least(); i < repeat.most(); i++) {
                to = add(Kind.FORK, build(repeat.part(), to), then);
            }
            for (int i = 0; i < repeat.least(); i++) {
                to = build(repeat.part(), to);
            }
            return to;
        }

        private int eat(Runes runes, int then) {
            int id = add(Kind.EAT, then, 0);
            long below = 0;
            long above = 0;
            for (int letter = 0; letter < 128; letter++) {
                if (runes.has(letter)) {
                    below |= letter < 64 ? 1L << letter : 0;
                    above |= letter < 64 ? 0 : 1L << (letter - 64);
                }
            }
            low.set(id, below);
            high.set(id, above);
            return id;
        }
    }
}
