/**
 * The application's roles, kept out during a migration.
 */
@NullMarked
package io.github.headlock.roles;

import org.jspecify.annotations.NullMarked;
