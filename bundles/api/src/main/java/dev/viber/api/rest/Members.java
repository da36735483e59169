package dev.viber.api.rest;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The record whose members an object has, so far as they are known; any of them may be left out that may be null. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Members {
    /** The record. */
    Class<? extends Record> value();

    /** Whether further members are taken as they are; otherwise they are refused. */
    boolean open() default true;
}
