/**
 * The health of the schema, for probes.
 */
@NullMarked
package io.github.headlock.health;

import org.jspecify.annotations.NullMarked;
