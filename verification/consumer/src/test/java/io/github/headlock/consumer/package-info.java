/**
 * Applications that have only what an installation puts into a local repository.
 */
@NullMarked
package io.github.headlock.consumer;

import org.jspecify.annotations.NullMarked;
