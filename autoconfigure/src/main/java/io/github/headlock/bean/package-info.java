/**
 * How beans of the application are found, each by its name.
 */
@NullMarked
package io.github.headlock.bean;

import org.jspecify.annotations.NullMarked;
