/**
 * Tables and examples of the documentation, generated from the code and compared with the
 * pages.
 */
@NullMarked
package io.github.headlock.documentation;

import org.jspecify.annotations.NullMarked;
