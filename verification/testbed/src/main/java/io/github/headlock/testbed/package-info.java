/**
 * Real PostgreSQL servers, real PgBouncer processes, and applications in processes of
 * their own, for tests and the demo.
 */
@NullMarked
package io.github.headlock.testbed;

import org.jspecify.annotations.NullMarked;
