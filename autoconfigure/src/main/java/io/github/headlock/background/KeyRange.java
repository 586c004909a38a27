package io.github.headlock.background;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The rows from one key to another.
 *
 * @param lower key below the first row, {@code null} for no bound
 * @param upper key of the last row, {@code null} for no bound
 */
record KeyRange(@Nullable List<String> lower, @Nullable List<String> upper) {

	/** The rows of this range up to a key. */
	KeyRange upTo(@Nullable List<String> key) {
		return new KeyRange(this.lower, key);
	}

	/** The rows of this range above a key. */
	KeyRange above(@Nullable List<String> key) {
		return new KeyRange(key, this.upper);
	}

}
