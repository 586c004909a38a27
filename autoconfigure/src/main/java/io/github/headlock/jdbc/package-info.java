/**
 * Connections to the database, and what their failures mean.
 */
@NullMarked
package io.github.headlock.jdbc;

import org.jspecify.annotations.NullMarked;
