/**
 * Replicas of one or two releases that start beside each other.
 */
@NullMarked
package io.github.headlock.rollout;

import org.jspecify.annotations.NullMarked;
