/**
 * Health, endpoint, metrics and observations.
 * <p>
 * Internal.
 */
@NullMarked
package io.github.headlock.actuate;

import org.jspecify.annotations.NullMarked;
