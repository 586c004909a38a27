/**
 * Whether a schema is at the head of what this release carries.
 */
@NullMarked
package io.github.headlock.head;

import org.jspecify.annotations.NullMarked;
