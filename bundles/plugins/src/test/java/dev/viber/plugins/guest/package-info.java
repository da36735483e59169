/** What a plugin of the tests is made of; goes into its jar, never onto the framework's class path. */
package dev.viber.plugins.guest;
