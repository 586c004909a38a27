/**
 * The history table, read in one place.
 */
@NullMarked
package io.github.headlock.history;

import org.jspecify.annotations.NullMarked;
