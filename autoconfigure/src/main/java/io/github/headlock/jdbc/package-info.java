/**
 * Connections to the database, and what their failures mean.
 * <p>
 * Internal but for the exceptions and {@link io.github.headlock.jdbc.DatabaseSession}.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.jdbc;

import org.jspecify.annotations.NullMarked;
