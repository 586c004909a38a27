/**
 * Real PostgreSQL servers and real PgBouncer processes, for tests and the demo.
 */
@NullMarked
package io.github.headlock.testbed;

import org.jspecify.annotations.NullMarked;
