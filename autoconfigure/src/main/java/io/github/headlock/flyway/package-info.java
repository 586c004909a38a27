/**
 * Flyway's run under the migration lock.
 * <p>
 * Internal but for the exceptions.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.flyway;

import org.jspecify.annotations.NullMarked;
