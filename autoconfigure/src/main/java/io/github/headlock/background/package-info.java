/**
 * Background migrations: changes of data, in small batches, while the application serves,
 * and the gate before migrations that need them done.
 * <p>
 * Internal but for the exception, the properties and which processes work.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.background;

import org.jspecify.annotations.NullMarked;
