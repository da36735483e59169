/** Carries HTTP and DevTools between clients and the guests of microVMs. */
@NullMarked
package dev.viber.vm.proxy;

import org.jspecify.annotations.NullMarked;
