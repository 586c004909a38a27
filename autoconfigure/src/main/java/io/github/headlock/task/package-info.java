/**
 * Work of the application that is due when the schema is ready.
 */
@NullMarked
package io.github.headlock.task;

import org.jspecify.annotations.NullMarked;
