/**
 * How a start waits: within a bound, and only until it is interrupted.
 */
@NullMarked
package io.github.headlock.waiting;

import org.jspecify.annotations.NullMarked;
