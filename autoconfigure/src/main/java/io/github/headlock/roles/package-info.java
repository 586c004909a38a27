/**
 * The application's roles, kept out during a migration.
 * <p>
 * Internal but for the exceptions, {@link io.github.headlock.roles.PreflightFailure} and
 * {@link io.github.headlock.roles.BlockMode}.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.roles;

import org.jspecify.annotations.NullMarked;
