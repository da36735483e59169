package dev.viber.playbook;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which step needs which, followed to the end. */
final class StepGraph {
    private static final int SHOWN = 50;

    private final List<String> ids;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final List<BitSet> needs = new ArrayList<>();
    private final List<@Nullable BitSet> reach = new ArrayList<>();
    private final List<String> cycles = new ArrayList<>();

    /** A graph; needs that name no step are left out. */
    StepGraph(Map<String, Set<String>> needsById) {
        ids = List.copyOf(needsById.keySet());
        for (String id : ids) {
            numbers.put(id, numbers.size());
        }
        for (String id : ids) {
            BitSet direct = new BitSet();
            for (String need : needsById.getOrDefault(id, Set.of())) {
                Integer number = numbers.get(need);
                if (number != null) {
                    direct.set(number);
                }
            }
            needs.add(direct);
            reach.add(null);
        }
        follow();
    }

    boolean has(String id) {
        return numbers.containsKey(id);
    }

    /** The ids, the first 50 in alphabetical order, for people. */
    String names() {
        String shown = String.join(", ", ids.stream().sorted().limit(SHOWN).toList());
        return ids.size() <= SHOWN ? shown : shown + ", ...";
    }

    /** Each cycle as {@code a -> b -> a}, where a needs b. */
    List<String> cycles() {
        return cycles;
    }

    /** Whether the one surely ended before the other begins; also true where a cycle leaves it open. */
    boolean endsBefore(String earlier, String later) {
        BitSet reached = reach.get(numbers.getOrDefault(later, 0));
        return reached == null || reached.get(numbers.getOrDefault(earlier, 0));
    }

    private void follow() {
        BitSet left = new BitSet();
        left.set(0, ids.size());
        BitSet behindCycle = new BitSet();
        while (!left.isEmpty()) {
            boolean moved = false;
            for (int step = left.nextSetBit(0); step >= 0; step = left.nextSetBit(step + 1)) {
                if (!needs.get(step).intersects(left)) {
                    left.clear(step);
                    moved = true;
                    if (needs.get(step).intersects(behindCycle)) {
                        behindCycle.set(step);
                    } else {
                        reach.set(step, reachOf(step));
                    }
                }
            }
            if (!moved) {
                cutCycle(left, behindCycle);
            }
        }
    }

    private BitSet reachOf(int step) {
        BitSet reached = (BitSet) needs.get(step).clone();
        needs.get(step).stream().forEach(need -> {
            BitSet further = reach.get(need);
            if (further != null) {
                reached.or(further);
            }
        });
        return reached;
    }

    /** Everything left needs something left, so walking along the needs comes back to where it was. */
    private void cutCycle(BitSet left, BitSet behindCycle) {
        List<Integer> walked = new ArrayList<>();
        int at = left.nextSetBit(0);
        while (!walked.contains(at)) {
            walked.add(at);
            BitSet next = (BitSet) needs.get(at).clone();
            next.and(left);
            at = next.nextSetBit(0);
        }
        List<Integer> cycle = new ArrayList<>(walked.subList(walked.indexOf(at), walked.size()));
        while (cycle.getFirst()
                > cycle.stream().mapToInt(Integer::intValue).min().orElseThrow()) {
            cycle.add(cycle.removeFirst());
        }
        cycle.add(cycle.getFirst());
        cycles.add(String.join(" -> ", cycle.stream().map(ids::get).toList()));
        cycle.forEach(step -> {
            left.clear(step);
            behindCycle.set(step);
        });
    }
}
