package io.github.headlock.sample.parcel;

import java.util.stream.Stream;

/**
 * What a parcel is charged by. The file {@code db/background/fill_tariff.sql} has the
 * same limits, for parcels that were announced before there were tariffs.
 */
enum Tariff {

	/** Up to 2 kg. */
	SMALL(2_000),

	/** Up to 10 kg. */
	STANDARD(10_000),

	/** Whatever is heavier. */
	HEAVY(Integer.MAX_VALUE);

	private final int maxGrams;

	Tariff(int maxGrams) {
		this.maxGrams = maxGrams;
	}

	static Tariff of(int weightGrams) {
		return Stream.of(values()).filter((tariff) -> weightGrams <= tariff.maxGrams).findFirst().orElseThrow();
	}

}
