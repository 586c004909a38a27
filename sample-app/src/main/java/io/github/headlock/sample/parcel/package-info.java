/**
 * Parcels, their scans, and the REST interface to them.
 */
@NullMarked
package io.github.headlock.sample.parcel;

import org.jspecify.annotations.NullMarked;
