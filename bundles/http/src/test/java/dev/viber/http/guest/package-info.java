/** The bundles that the integration test installs as contributors. */
package dev.viber.http.guest;
