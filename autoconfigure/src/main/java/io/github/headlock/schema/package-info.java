/**
 * Whether the schema is at the head of what this release contains.
 */
@NullMarked
package io.github.headlock.schema;

import org.jspecify.annotations.NullMarked;
