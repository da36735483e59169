package dev.viber.api.task;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Evaluates the {@code ${{ ... }}} parts of a template.
 *
 * <pre>{@code
 * expressions.evaluate("${{ steps.find.result.count }} left", scope)   // "3 left"
 * expressions.evaluate("${{ steps.find.result.count }}", scope)        // 3: one whole expression keeps its type
 * }</pre>
 */
@ProviderType
public interface Expressions {
    /**
     * The template with every expression in it replaced; maps and lists are walked.
     *
     * @param template JSON values
     * @param scope what expressions may name, JSON values
     * @throws dev.viber.api.problem.ProblemException where an expression is wrong or names what is not there
     */
    @Nullable
    Object evaluate(@Nullable Object template, Map<String, ? extends @Nullable Object> scope);

    /** Whether a condition holds: true, a number other than 0, a text, list or map that is not empty. */
    boolean isTrue(String condition, Map<String, ? extends @Nullable Object> scope);
}
