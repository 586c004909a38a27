/**
 * What users of Headlock meet in their own code: the state of a schema, how a start went,
 * and the exceptions of a start that was refused.
 *
 * @serial exclude
 */
@NullMarked
package io.github.headlock;

import org.jspecify.annotations.NullMarked;
