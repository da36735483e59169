/** Tests of the browsers of this machine and of the tools that use them, with a real Chrome. */
package dev.viber.browser.local;
