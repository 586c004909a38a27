/**
 * How a start waits: within a bound, and only until it is interrupted or the JVM ends.
 * <p>
 * Internal but for the exceptions.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.waiting;

import org.jspecify.annotations.NullMarked;
