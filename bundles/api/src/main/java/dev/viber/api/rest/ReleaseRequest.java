package dev.viber.api.rest;

import dev.viber.api.browser.BrowserRequest;

/** A browser to give back. */
public record ReleaseRequest(
        @About(value = "The session's id.", example = "\"checkout-17\"") @Text(pattern = BrowserRequest.ID_PATTERN)
        String id) {}
