/**
 * Checks for a team's own test suite, before a release reaches a database.
 */
@NullMarked
package io.github.headlock.check;

import org.jspecify.annotations.NullMarked;
