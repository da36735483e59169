package dev.viber.tool.search;

import dev.viber.tool.search.Node.At;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs over bytes and says whether a line of ASCII fits, one table look-up a byte; used by one thread.
 *
 * <p>re2j has no such thing: it follows every thread of the pattern at every letter, some fifty times slower. This one
 * decides only whether; where a match begins, and lines that are not ASCII, stay re2j's. States are made as they are
 * met, and forgotten when there are too many of them.
 */
final class Automaton {
    /** A byte that is not ASCII came first: ask re2j about this line. */
    static final int ASK = -3;

    private static final int FITS = -2;
    private static final int UNKNOWN = -1;
    private static final int MOST_STATES = 2_000;
    private static final int MOST_NODES = 4_000;
    private static final int NOT_ASCII = 0;
    private static final int LINE_BREAK = 1;

    private enum Before {
        START,
        WORD,
        OTHER
    }

    private record State(Before before, List<Integer> nodes) {}

    private final Program program;
    private final byte[] classes = new byte[256];
    private final int[] examples;
    private final int stride;
    private final Map<State, Integer> known = new HashMap<>();
    private final List<State> states = new ArrayList<>();
    private int[] table = new int[0];
    private final int[] marked;
    private int mark;
    private int forgotten;

    private Automaton(Program program) {
        this.program = program;
        this.examples = classify();
        this.stride = Integer.highestOneBit(Math.max(examples.length - 1, 1)) << 1;
        this.marked = new int[program.kinds.length];
        add(new State(Before.START, List.of()));
    }

    /** An automaton for the expression, or null where that would be too large. */
    static @Nullable Automaton of(Node node) {
        Program program = Program.of(node, MOST_NODES);
        return program == null ? null : new Automaton(program);
    }

    /** A fresh one for another thread. */
    Automaton again() {
        return new Automaton(program);
    }

    /**
     * Looks for the first line that fits.
     *
     * @param from the beginning of a line
     * @param to behind the end of a line
     * @return a position in that line or at its end; {@link #ASK} - position where a byte is not ASCII; else -1
     */
    int find(byte[] text, int from, int to) {
        int[] moves = table;
        int state = 0;
        for (int i = from; i < to; i++) {
            int move = moves[state + classes[text[i] & 0xff]];
            if (move < 0) {
                if (move == UNKNOWN) {
                    move = learn(state, classes[text[i] & 0xff]);
                    moves = table;
                }
                if (move == FITS) {
                    return i;
                }
                if (move == ASK) {
                    return ASK - i;
                }
            }
            state = move;
        }
        if (to > from && text[to - 1] != '\n') {
            int move = moves[state + LINE_BREAK];
            if ((move == UNKNOWN ? learn(state, LINE_BREAK) : move) == FITS) {
                return to - 1;
            }
        }
        return -1;
    }

    private int add(State state) {
        int id = states.size() * stride;
        states.add(state);
        known.put(state, id);
        if (table.length < id + stride) {
            int length = table.length;
            table = Arrays.copyOf(table, Math.max(id + stride, length * 2));
            Arrays.fill(table, length, table.length, UNKNOWN);
        }
        return id;
    }

    private int learn(int from, int letters) {
        int before = forgotten;
        int move = step(states.get(from / stride), letters);
        if (before == forgotten) {
            table[from + letters] = move;
        }
        return move;
    }

    private int step(State state, int letters) {
        int example = letters < 2 ? (letters == LINE_BREAK ? '\n' : -1) : examples[letters];
        mark++;
        List<Integer> reached = new ArrayList<>();
        boolean fits = close(program.start, state.before, example, reached);
        for (int node : state.nodes) {
            fits |= close(node, state.before, example, reached);
        }
        if (fits) {
            return FITS;
        }
        if (letters == NOT_ASCII) {
            return ASK;
        }
        if (letters == LINE_BREAK) {
            return 0;
        }
        List<Integer> next = reached.stream()
                .filter(node -> program.eats(node, example))
                .map(node -> program.next[node])
                .sorted()
                .distinct()
                .toList();
        State target = new State(isWord(example) ? Before.WORD : Before.OTHER, next);
        Integer id = known.get(target);
        if (id != null) {
            return id;
        }
        if (states.size() >= MOST_STATES) {
            State start = states.getFirst();
            forgotten++;
            states.clear();
            known.clear();
            Arrays.fill(table, UNKNOWN);
            add(start);
        }
        return add(target);
    }

    /** Follows what eats nothing; true where the end of the expression is reached. */
    private boolean close(int node, Before before, int example, List<Integer> reached) {
        if (marked[node] == mark) {
            return false;
        }
        marked[node] = mark;
        return switch (program.kinds[node]) {
            case END -> true;
            case EAT -> {
                reached.add(node);
                yield false;
            }
            case FORK -> {
                // Both, whatever the first gives: what they reach is wanted as well.
                boolean one = close(program.next[node], before, example, reached);
                boolean other = close(program.other[node], before, example, reached);
                yield one || other;
            }
            case PLACE ->
                holds(program.places[node], before, example) && close(program.next[node], before, example, reached);
        };
    }

    private static boolean holds(@Nullable At at, Before before, int example) {
        boolean edge = (before == Before.WORD) != isWord(example);
        return switch (at) {
            case LINE_START -> before == Before.START;
            case LINE_END -> example == '\n';
            // What is not ASCII may be a letter or not, so nothing is promised in front of it.
            case WORD_EDGE -> example >= 0 && edge;
            case NO_WORD_EDGE -> example >= 0 && !edge;
            case null -> false;
        };
    }

    private static boolean isWord(int letter) {
        return (letter >= 'a' && letter <= 'z')
                || (letter >= 'A' && letter <= 'Z')
                || (letter >= '0' && letter <= '9')
                || letter == '_';
    }

    /** Letters that no part of the expression tells apart share a column of the table. */
    private int[] classify() {
        Map<List<Object>, Integer> byBehaviour = new HashMap<>();
        List<Integer> found = new ArrayList<>(List.of(-1, (int) '\n'));
        for (int letter = 0; letter < 128; letter++) {
            if (letter == '\n') {
                classes[letter] = LINE_BREAK;
                continue;
            }
            java.util.BitSet eaters = new java.util.BitSet();
            for (int node = 0; node < program.kinds.length; node++) {
                eaters.set(node, program.eats(node, letter));
            }
            List<Object> behaviour = List.of(eaters, isWord(letter));
            Integer known = byBehaviour.get(behaviour);
            if (known == null) {
                known = found.size();
                byBehaviour.put(behaviour, known);
                found.add(letter);
            }
            classes[letter] = known.byteValue();
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
