/**
 * Flyway's run under the migration lock.
 */
@NullMarked
package io.github.headlock.flyway;

import org.jspecify.annotations.NullMarked;
