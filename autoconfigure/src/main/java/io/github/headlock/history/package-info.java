/**
 * The history table, read in one place.
 * <p>
 * Internal.
 */
@NullMarked
package io.github.headlock.history;

import org.jspecify.annotations.NullMarked;
