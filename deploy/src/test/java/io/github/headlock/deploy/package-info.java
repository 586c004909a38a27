/**
 * What the deployment files of this folder render to.
 */
@NullMarked
package io.github.headlock.deploy;

import org.jspecify.annotations.NullMarked;
