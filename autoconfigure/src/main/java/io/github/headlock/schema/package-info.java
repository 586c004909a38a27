/**
 * Whether the schema is at the head of what this release contains.
 * <p>
 * Internal but for the exceptions.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock.schema;

import org.jspecify.annotations.NullMarked;
