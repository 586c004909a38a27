package io.github.headlock.sample.parcel;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A parcel as the depots know it.
 *
 * @param trackingNumber two letters and nine digits
 * @param recipient name of the recipient
 * @param weightGrams weight
 * @param origin code of the depot that accepted it
 * @param status last thing that happened to it, {@code announced} before its first scan
 * @param createdAt when it was announced
 * @param deliveredAt when it was delivered, {@code null} before
 * @param tariff what it is charged by, {@code null} for an older parcel that the
 * background migration {@code fill_tariff} has not reached yet
 */
record Parcel(String trackingNumber, String recipient, int weightGrams, String origin, String status, Instant createdAt,
		@Nullable Instant deliveredAt, @Nullable Tariff tariff) {
}
