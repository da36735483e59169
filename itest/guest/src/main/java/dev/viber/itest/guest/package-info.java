/** The agent with a real Chrome, seen from outside: its process, its init, and the pages that it is tried on. */
package dev.viber.itest.guest;
