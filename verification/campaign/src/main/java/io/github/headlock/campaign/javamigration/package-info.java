/**
 * The Java migration that some releases carry.
 */
@NullMarked
package io.github.headlock.campaign.javamigration;

import org.jspecify.annotations.NullMarked;
