/**
 * What the benchmark needs of the history.
 */
@NullMarked
package io.github.headlock.history;

import org.jspecify.annotations.NullMarked;
