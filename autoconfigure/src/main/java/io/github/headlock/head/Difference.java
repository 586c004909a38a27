package io.github.headlock.head;

import org.jspecify.annotations.Nullable;

/**
 * Describes one thing in which the history differs from the migrations of this release.
 * Equal to another one if the history has the same to say of it.
 *
 * @param text what differs, in words
 * @param row the row that differs, {@code null} if there is none
 * @param pending whether it is a migration that was never applied
 */
record Difference(String text, @Nullable HistoryRow row, boolean pending) {

	static Difference of(String text, @Nullable HistoryRow row) {
		return new Difference(text, row, false);
	}

	@Override
	public String toString() {
		return this.text;
	}

}
