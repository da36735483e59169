/** What tests of the running product share: its processes, its REST interface, its event streams, its files. */
package dev.viber.itest.process;
