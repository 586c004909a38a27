package io.github.headlock.background;

import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch that are worked on in one transaction.
 *
 * @param range the rows
 * @param part which part of these rows, {@code null} for all of them
 * @param rows how many they are
 */
record Piece(KeyRange range, @Nullable Integer part, long rows) {
}
