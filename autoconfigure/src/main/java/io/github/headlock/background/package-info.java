/**
 * Background migrations: changes of data, in small batches, while the application serves,
 * and the gate before migrations that need them done.
 * <p>
 * Internal, except for what is said to be part of the API.
 */
@NullMarked
package io.github.headlock.background;

import org.jspecify.annotations.NullMarked;
