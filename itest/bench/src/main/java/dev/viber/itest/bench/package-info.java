/** The goals that are numbers, measured: the product and an in-memory relay under the same load, in turn, in one run. */
package dev.viber.itest.bench;
