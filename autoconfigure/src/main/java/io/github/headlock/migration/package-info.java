/**
 * The order of the steps of a start, and the one Flyway run among them.
 */
@NullMarked
package io.github.headlock.migration;

import org.jspecify.annotations.NullMarked;
