package dev.viber.playbook;

/** What the tests of this bundle share. */
final class Fixtures {
    /** The example of docs/, as the protocol has it. */
    static final String COUNT_TODOS = """
            name: count-todos
            inputs: {root: {type: string, default: .}}
            steps:
              - id: find
                tool: search.text
                with: {root: "${{ inputs.root }}", pattern: TODO}
              - id: note
                tool: file.write
                needs: [find]
                if: "${{ steps.find.result.count > 0 }}"
                with: {path: todos.txt, text: "${{ steps.find.result.count }} left"}
                retry: {times: 2, backoff: 1s}
                timeout: 30s
            outputs: {count: "${{ steps.find.result.count }}"}
            """;

    private Fixtures() {}

    static Playbooks playbooks() {
        return playbooks(1_048_576, 4_096, 4_194_304);
    }

    static Playbooks playbooks(int maxBytes, int maxExpression, int maxResult) {
        return new Playbooks(maxBytes, maxExpression, maxResult, 64);
    }
}
