/**
 * An application of modules, as Spring Modulith understands them.
 */
@NullMarked
package io.github.headlock.modulith;

import org.jspecify.annotations.NullMarked;
