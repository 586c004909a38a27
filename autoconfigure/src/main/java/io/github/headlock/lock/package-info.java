/**
 * The lock that lets one process migrate at a time, and who holds it.
 * <p>
 * Internal but for the exceptions and {@link io.github.headlock.lock.LockHolder}.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.lock;

import org.jspecify.annotations.NullMarked;
