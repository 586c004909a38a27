/**
 * The lock that lets one process migrate at a time, and who holds it.
 */
@NullMarked
package io.github.headlock.lock;

import org.jspecify.annotations.NullMarked;
