/**
 * Whole runs in a database that others may log in to, with secrets and outside words:
 * what they must not do or show.
 */
@NullMarked
package io.github.headlock.security;

import org.jspecify.annotations.NullMarked;
