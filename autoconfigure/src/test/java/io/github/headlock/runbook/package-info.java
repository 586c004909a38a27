/**
 * The runbook of the documentation, carried out as it is printed.
 */
@NullMarked
package io.github.headlock.runbook;

import org.jspecify.annotations.NullMarked;
