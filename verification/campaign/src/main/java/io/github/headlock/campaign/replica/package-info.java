/**
 * The application whose replicas the faults strike.
 */
@NullMarked
package io.github.headlock.campaign.replica;

import org.jspecify.annotations.NullMarked;
