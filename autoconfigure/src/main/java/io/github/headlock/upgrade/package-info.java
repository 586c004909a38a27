/**
 * Which upgrades a release may make.
 */
@NullMarked
package io.github.headlock.upgrade;

import org.jspecify.annotations.NullMarked;
