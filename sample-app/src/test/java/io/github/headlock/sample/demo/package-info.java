/**
 * The rollout demo: many replicas of the sample application start at once, and a timeline
 * shows what each of them did.
 */
@NullMarked
package io.github.headlock.sample.demo;

import org.jspecify.annotations.NullMarked;
