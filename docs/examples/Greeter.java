import dev.viber.library.ViberController;
import dev.viber.library.ViberOptions;
import dev.viber.library.ViberTask;
import java.util.Map;

/** A viber in one file: java -cp "lib/*" Greeter.java ws://127.0.0.1:7777 TOKEN */
public final class Greeter {
    public static void main(String[] args) throws Exception {
        ViberOptions options = ViberOptions.to(args[0], args[1]).named("greeter").able("greet").capacity(4);
        try (ViberController viber = new ViberController(options)) {
            viber.on("connected", facts -> System.out.println("{\"ready\":true}"))
                    .on("task", facts -> System.err.println("asked: " + facts.get("goal")))
                    .handler(Greeter::greet)
                    .start()
                    .awaitEnd();
        }
    }

    private static Map<String, ?> greet(ViberTask task) throws Exception {
        switch (task.goal()) {
            case "nobody" -> throw new IllegalArgumentException("there is nobody to greet");
            // Anything sent to the task while it runs.
            case "whom?" -> task.text("Hello, " + task.messages().take() + "!");
            default -> task.text("Hello, " + task.goal() + "!");
        }
        return Map.of("summary", "greeted");
    }
}
