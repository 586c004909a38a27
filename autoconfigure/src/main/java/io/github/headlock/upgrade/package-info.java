/**
 * Which upgrades a release may make.
 * <p>
 * Internal but for the exceptions.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.upgrade;

import org.jspecify.annotations.NullMarked;
