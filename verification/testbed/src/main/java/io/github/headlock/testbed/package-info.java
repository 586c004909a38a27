/**
 * Real PostgreSQL servers, real PgBouncer and pgpool-II processes, and applications in
 * processes of their own, for tests and the demo.
 */
@NullMarked
package io.github.headlock.testbed;

import org.jspecify.annotations.NullMarked;
