/**
 * A parcel service with Headlock, to copy from.
 */
@NullMarked
package io.github.headlock.sample;

import org.jspecify.annotations.NullMarked;
