/**
 * The parts of a start at head that can be measured alone.
 */
@NullMarked
package io.github.headlock.schema;

import org.jspecify.annotations.NullMarked;
