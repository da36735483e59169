/** What every implementation of an SPI must pass, as tests to extend. */
@NullMarked
package dev.viber.contracts;

import org.jspecify.annotations.NullMarked;
