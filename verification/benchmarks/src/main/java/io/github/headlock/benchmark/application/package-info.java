/**
 * The application whose start is measured: a data source, Flyway, and a query before it
 * is ready.
 */
@NullMarked
package io.github.headlock.benchmark.application;

import org.jspecify.annotations.NullMarked;
