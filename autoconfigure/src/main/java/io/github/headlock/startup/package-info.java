/**
 * The steps of a start, in their order, and the tasks after them.
 * <p>
 * Internal but for the exceptions and the enums of the properties.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.startup;

import org.jspecify.annotations.NullMarked;
