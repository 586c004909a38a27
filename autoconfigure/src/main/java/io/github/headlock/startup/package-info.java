/**
 * The steps of a start, in their order, and the tasks after them.
 */
@NullMarked
package io.github.headlock.startup;

import org.jspecify.annotations.NullMarked;
