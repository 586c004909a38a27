/**
 * The fault campaign: rolls releases out on real processes, lets faults strike by a
 * seeded schedule, and checks what is left in the database.
 */
@NullMarked
package io.github.headlock.campaign;

import org.jspecify.annotations.NullMarked;
