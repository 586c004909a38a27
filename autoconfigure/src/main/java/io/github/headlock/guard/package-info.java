/**
 * Upgrades that must not be tried: past a required stop, or from a schema too old.
 */
@NullMarked
package io.github.headlock.guard;

import org.jspecify.annotations.NullMarked;
