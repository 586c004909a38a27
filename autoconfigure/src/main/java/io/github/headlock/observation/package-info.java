/**
 * What a start tells to those who watch from outside.
 */
@NullMarked
package io.github.headlock.observation;

import org.jspecify.annotations.NullMarked;
