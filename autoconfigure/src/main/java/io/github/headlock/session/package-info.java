/**
 * The application's sessions: kept out and ended while a migration runs, and let in again
 * whatever happens.
 */
@NullMarked
package io.github.headlock.session;

import org.jspecify.annotations.NullMarked;
