/**
 * Measures starts with Headlock and, beside them in the same run, with Flyway alone.
 */
@NullMarked
package io.github.headlock.benchmark;

import org.jspecify.annotations.NullMarked;
