/**
 * Health, endpoint, metrics and observations.
 */
@NullMarked
package io.github.headlock.actuate;

import org.jspecify.annotations.NullMarked;
