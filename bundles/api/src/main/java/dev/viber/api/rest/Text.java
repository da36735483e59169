package dev.viber.api.rest;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a text may be. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Text {
    /** Fewest characters; with 1 or more the text must not be blank either. */
    int min() default 0;

    /** Most characters. */
    int max() default Integer.MAX_VALUE;

    /** A regular expression the whole text matches; empty for any. */
    String pattern() default "";
}
