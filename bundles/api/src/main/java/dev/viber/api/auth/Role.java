package dev.viber.api.auth;

/** What a token allows. */
public enum Role {
    /** Everything. */
    OWNER,
    /** Tasks and vibers, no tokens, no plugins. */
    OPERATOR,
    /** Reading. */
    VIEWER,
    /** To be one viber, and nothing else. */
    VIBER
}
